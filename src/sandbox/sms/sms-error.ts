/** A refusal in Twilio's own form. */
export class SmsError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(code: number, message?: string) {
    const [status, usual] = known[code] ?? [400, 'The message could not be sent'];
    super(message ?? usual);
    this.status = status;
    this.code = code;
  }

  body(): object {
    return {
      code: this.code,
      message: this.message,
      more_info: `https://www.twilio.com/docs/errors/${this.code}`,
      status: this.status,
    };
  }
}

const known: Record<number, [status: number, message: string]> = {
  20003: [401, 'Authenticate'],
  20005: [403, 'Account is not active'],
  20404: [404, 'The requested resource was not found'],
  20429: [429, 'Too Many Requests'],
  20500: [500, 'An internal server error has occurred'],
  20503: [503, 'Service Unavailable'],
  21211: [400, "The 'To' number is not a valid phone number."],
  21212: [400, "The 'From' number is not a valid phone number, shortcode, or alphanumeric sender ID."],
  21408: [400, 'Permission to send an SMS has not been enabled for the region indicated by the To number.'],
  21602: [400, 'Message body is required.'],
  21603: [400, "A 'From' phone number is required."],
  21604: [400, "A 'To' phone number is required."],
  21606: [400, "The 'From' number is not a valid message-capable Twilio phone number for this account."],
  21609: [400, "The 'StatusCallback' URL is not a valid URL."],
  21610: [400, 'Attempt to send to unsubscribed recipient'],
  21614: [400, "'To' number is not a valid mobile number"],
  21617: [400, 'The concatenated message body exceeds the 1600 character limit.'],
  21701: [400, 'The Messaging Service does not exist'],
};
