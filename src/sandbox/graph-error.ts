import { newTraceId } from './ids';
import type { WebhookError } from './model';

type CodeFacts = { status: number; title: string; details?: string };

/** HTTP status, title and usual details of the codes as Meta documents them. */
const codes: Record<number, CodeFacts> = {
  0: { status: 401, title: 'AuthException', details: 'We were unable to authenticate the app user.' },
  1: { status: 400, title: 'API Unknown' },
  2: { status: 503, title: 'API Service', details: 'Service temporarily unavailable' },
  3: { status: 500, title: 'API Method', details: 'Capability or permissions issue.' },
  4: { status: 400, title: 'Application request limit reached' },
  10: { status: 403, title: 'Application does not have permission for this action' },
  33: { status: 400, title: 'Parameter value is not valid' },
  100: { status: 400, title: 'Invalid parameter' },
  190: { status: 401, title: 'Invalid OAuth access token - Cannot parse access token' },
  200: { status: 403, title: 'You do not have the necessary permissions' },
  368: { status: 403, title: 'Temporarily blocked for policies violations' },
  2200: { status: 400, title: 'Callback verification failed' },
  80007: { status: 400, title: 'Rate limit issues' },
  130429: {
    status: 400,
    title: 'Rate limit hit',
    details:
      'Message failed to send because there were too many messages sent from this phone number in a short period of time.',
  },
  130472: {
    status: 400,
    title: "User's number is part of an experiment",
    details: "Failed to send message because this user's phone number is part of an experiment",
  },
  131000: {
    status: 500,
    title: 'Something went wrong',
    details: 'Message failed to send because of an unknown error.',
  },
  131005: {
    status: 403,
    title: 'Access denied',
    details: 'Permission is either not granted or has been removed.',
  },
  131008: { status: 400, title: 'Required parameter is missing' },
  131009: { status: 400, title: 'Parameter value is not valid' },
  131016: { status: 500, title: 'Service unavailable', details: 'A service is temporarily unavailable.' },
  131021: {
    status: 400,
    title: 'Recipient cannot be sender',
    details: 'Sender and recipient phone number is the same.',
  },
  131026: { status: 400, title: 'Message undeliverable', details: 'Message Undeliverable.' },
  131030: {
    status: 400,
    title: 'Recipient phone number not in allowed list',
    details:
      'Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again.',
  },
  131031: { status: 403, title: 'Business Account locked', details: 'Business account has been locked.' },
  131042: {
    status: 400,
    title: 'Business eligibility payment issue',
    details: 'Message failed to send because there were one or more errors related to your payment method.',
  },
  131047: {
    status: 400,
    title: 'Re-engagement message',
    details:
      'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
  },
  131048: {
    status: 400,
    title: 'Spam rate limit hit',
    details:
      'Message failed to send because there are restrictions on how many messages can be sent from this phone number.',
  },
  131049: {
    status: 400,
    title: 'This message was not delivered to maintain healthy ecosystem engagement.',
    details: 'In order to maintain a healthy ecosystem engagement, the message failed to be delivered.',
  },
  131050: {
    status: 400,
    title: 'User has stopped marketing messages',
    details: 'Recipient has chosen to stop receiving marketing messages on WhatsApp from your business.',
  },
  131051: { status: 400, title: 'Unsupported message type' },
  131052: { status: 400, title: 'Media download error' },
  131053: { status: 400, title: 'Media upload error' },
  131056: {
    status: 400,
    title: '(Business Account, Consumer Account) pair rate limit hit',
    details:
      'Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.',
  },
  132000: { status: 400, title: 'Number of parameters does not match the expected number of params' },
  132001: { status: 404, title: 'Template name does not exist in the translation' },
  132005: { status: 400, title: 'Template hydrated text too long' },
  132007: { status: 400, title: 'Template format character policy violated' },
  132012: { status: 400, title: 'Parameter format does not match format in the created template' },
  132015: {
    status: 400,
    title: 'Template is paused',
    details: 'Template is paused due to low quality so it cannot be sent in a template message.',
  },
  132016: {
    status: 400,
    title: 'Template is disabled',
    details: 'Template has been paused too many times due to low quality and is now permanently disabled.',
  },
  132018: { status: 400, title: 'There’s an issue with the parameters in your template.' },
  133010: { status: 400, title: 'Account not registered', details: 'The phone number is not registered.' },
};

const href = 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/';

/** A refusal in Graph's own words. */
export class GraphError extends Error {
  readonly code: number;
  readonly status: number;
  readonly type: string;
  readonly subcode: number | undefined;
  readonly details: string | undefined;
  readonly userMessage: { title: string; message: string } | undefined;

  constructor(
    code: number,
    facts: {
      details?: string;
      message?: string;
      type?: string;
      subcode?: number;
      status?: number;
      userMessage?: { title: string; message: string };
    } = {},
  ) {
    const known = codes[code];
    super(facts.message ?? `(#${code}) ${known?.title ?? 'Unknown error'}`);
    this.name = 'GraphError';
    this.code = code;
    this.status = facts.status ?? known?.status ?? 400;
    this.type = facts.type ?? 'OAuthException';
    this.subcode = facts.subcode;
    this.details = facts.details ?? known?.details;
    this.userMessage = facts.userMessage;
  }

  body(): object {
    return {
      error: {
        message: this.message,
        type: this.type,
        code: this.code,
        ...(this.subcode !== undefined && { error_subcode: this.subcode }),
        ...(this.userMessage && {
          is_transient: false,
          error_user_title: this.userMessage.title,
          error_user_msg: this.userMessage.message,
        }),
        ...(this.details !== undefined && {
          error_data: { messaging_product: 'whatsapp', details: this.details },
        }),
        fbtrace_id: newTraceId(),
      },
    };
  }
}

export function invalidToken(): GraphError {
  return new GraphError(190, { message: 'Invalid OAuth access token - Cannot parse access token' });
}

/** Graph does not tell a missing object from one that this token may not see. */
export function unknownObject(method: string, id: string): GraphError {
  return new GraphError(100, {
    message:
      `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing ` +
      'permissions, or does not support this operation. Please read the Graph API documentation at ' +
      'https://developers.facebook.com/docs/graph-api',
    type: 'GraphMethodException',
    subcode: 33,
  });
}

/** The same code as it stands in a failed status. */
export function webhookError(code: number, details?: string): WebhookError {
  const known = codes[code];
  const title = known?.title ?? 'Unknown error';
  return { code, title, message: title, error_data: { details: details ?? known?.details ?? title }, href };
}
