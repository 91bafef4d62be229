/** What the sandbox knows. Every record has an `id` and is kept in one table of the store. Times are milliseconds of the clock. */

export type Account = {
  /** The phone number id. */
  id: string;
  wabaId: string;
  token: string;
  appSecret: string;
  displayPhoneNumber: string;
  verifiedName: string;
  quality: 'GREEN' | 'YELLOW' | 'RED' | 'UNKNOWN';
  /** `demonstration` is connected by the demonstration data, `free` waits for somebody to connect it by hand. */
  preset?: 'demonstration' | 'free';
  /** Messages per second; 80 as with Meta. */
  throughput: number;
  /** To one and the same person: one message per `pairIntervalMs`, and `pairBurst` at once. A burst of 0 switches the limit off. */
  pairIntervalMs: number;
  pairBurst: number;
  /** Unique people written to outside their windows within a day, over all numbers of the WABA. 0 switches the limit off. */
  messagingLimit: number;
  /** Meta answers a free text outside the window either with a refusal or with a failed status. */
  windowClosedAs: 'refusal' | 'status';
  /** New templates are approved at once instead of waiting for `/console`. */
  autoApproveTemplates: boolean;
};

/** The subscription of the app to one WhatsApp Business Account. */
export type Subscription = {
  /** The WABA id. */
  id: string;
  subscribed: boolean;
  /** The address configured for the app as a whole; template and account events always go here when it is set. */
  appCallbackUrl?: string;
  overrideCallbackUrl?: string;
};

export type TemplateStatus = 'PENDING' | 'APPROVED' | 'REJECTED' | 'PAUSED' | 'DISABLED';

export type TemplateButton = {
  type: string;
  text?: string;
  url?: string;
  phone_number?: string;
  [key: string]: unknown;
};

export type TemplateComponent = {
  type: string;
  format?: string;
  text?: string;
  buttons?: TemplateButton[];
  [key: string]: unknown;
};

export type Template = {
  id: string;
  wabaId: string;
  name: string;
  language: string;
  category: 'MARKETING' | 'UTILITY' | 'AUTHENTICATION';
  status: TemplateStatus;
  parameterFormat: 'POSITIONAL' | 'NAMED';
  components: TemplateComponent[];
  rejectedReason: string;
};

export type Phone = {
  /** The wa_id: digits without plus. */
  id: string;
  /** Equal for every way of writing the same number, see `numbers.ts`. */
  key: string;
  name: string;
  onWhatsApp: boolean;
  switchedOn: boolean;
  readReceipts: boolean;
  /** Phone number ids of the companies this phone has blocked. */
  blocked: string[];
  /** Phone number ids of the companies whose marketing messages this phone has stopped. */
  marketingStopped: string[];
  /** SIDs of the SMS accounts that this phone has written STOP to. */
  smsStopped?: string[];
  /** When it last wrote to each company, by phone number id: what opens the window. Outlives the messages. */
  lastWroteAt?: Record<string, number>;
  createdAt: number;
};

export type MediaKind = 'image' | 'document' | 'audio' | 'video' | 'sticker';

/** What the phone page draws and the tests read; the same for both directions. */
export type Content =
  | { type: 'text'; text: string }
  | {
      type: 'template';
      name: string;
      language: string;
      header?: string;
      headerMediaId?: string;
      text: string;
      footer?: string;
      buttons: { type: string; text: string; url?: string; payload?: string }[];
    }
  | {
      type: MediaKind;
      mediaId?: string;
      link?: string;
      mimeType?: string;
      caption?: string;
      filename?: string;
      voice?: boolean;
    }
  | { type: 'location'; latitude: number; longitude: number; name?: string; address?: string }
  | { type: 'contacts'; contacts: unknown[] }
  | { type: 'button'; text: string; payload: string }
  | { type: 'interactive'; text: string; raw: unknown }
  | { type: 'reaction'; messageId: string; emoji: string }
  | { type: 'system'; text: string }
  | { type: 'other'; providerType: string; text: string };

export type WebhookError = {
  code: number;
  title: string;
  message: string;
  error_data: { details: string };
  href?: string;
};

export type Message = {
  /** `wamid.…` */
  id: string;
  /** Order of arrival, over all phones. */
  seq: number;
  /** `received`: the phone got it from the company. `sent`: the phone sent it to the company. */
  direction: 'received' | 'sent';
  phoneNumberId: string;
  waId: string;
  /** The number as the company wrote it. */
  input: string;
  at: number;
  content: Content;
  callbackData?: string;
  replyTo?: string;
  sentAt?: number;
  deliveredAt?: number;
  readAt?: number;
  playedAt?: number;
  failedAt?: number;
  error?: WebhookError;
  /** The pricing category that its statuses carry. */
  category?: 'service' | 'marketing' | 'utility' | 'authentication';
  free?: boolean;
  /** Blocked by the phone: accepted by WhatsApp, never shown. */
  withheld?: boolean;
  /** Emoji put on this message by the phone's owner and by the company. */
  reactionOfPhone?: string;
  reactionOfCompany?: string;
};

export type Media = {
  id: string;
  phoneNumberId: string;
  mimeType: string;
  filename?: string;
  sha256: string;
  size: number;
  createdAt: number;
};

export type WebhookElement = {
  id: string;
  wabaId: string;
  phoneNumberId?: string;
  waId?: string;
  field: string;
  part: 'message' | 'status' | 'value';
  contact?: unknown;
  value: unknown;
  /** The inbound message that counts as delivered once this element was accepted. */
  messageId?: string;
  createdAt: number;
  attempts: number;
};

/** An account of the SMS provider, with one number of its own. */
export type SmsAccount = {
  /** `AC…` */
  id: string;
  authToken: string;
  friendlyName: string;
  status: 'active' | 'suspended';
  /** E.164 */
  number: string;
  /** `PN…` */
  numberSid: string;
  /** Where messages to the number are posted to. */
  smsUrl?: string;
  /** `MG…`: sends from the number as well. */
  messagingServiceSid: string;
  preset?: 'demonstration' | 'free';
  /** Calls per second; 0 switches the limit off. */
  throughput: number;
};

export type SmsStatus = 'queued' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'received';

export type SmsMessage = {
  /** `SM…` */
  id: string;
  /** Order of arrival, over all phones. */
  seq: number;
  /** `received`: the phone got it from the company. `sent`: the phone sent it to the company. */
  direction: 'received' | 'sent';
  accountSid: string;
  /** The phone, as in `Phone.id`. */
  waId: string;
  /** The company's side as the phone shows it: a number in E.164, or a sender in letters. */
  sender: string;
  text: string;
  segments: number;
  at: number;
  status: SmsStatus;
  errorCode?: number;
  statusCallback?: string;
  deliveredAt?: number;
  readAt?: number;
};

/** A form post that waits to be accepted. */
export type SmsPost = {
  id: string;
  accountSid: string;
  waId: string;
  messageId: string;
  kind: 'status' | 'inbound';
  url: string;
  fields: Record<string, string>;
  createdAt: number;
  attempts: number;
};

/** `true` is "until told otherwise", a number counts down. */
export type Times = number | true;

export type Misbehaviour = {
  /** A phone number id or account SID (account), or a wa_id (phone). A phone's setting wins over its account's. */
  id: string;
  /** The answer to a send comes this much later. */
  answerDelayMs?: number;
  /** Refuse the next sends with this Graph code; `as: 'status'` accepts them and reports the code by webhook. */
  refuse?: { times: Times; code: number; details?: string; as?: 'answer' | 'status' };
  /** Answer with this HTTP status; without `graphBody` as a gateway's page. `accepted`: the message goes out all the same. */
  httpError?: { times: Times; status: number; graphBody?: boolean; accepted?: boolean };
  /** Accept and deliver, then reset the connection instead of answering. */
  hangUpAfterAccept?: Times;
  /** Reset the connection without accepting. */
  hangUpBeforeAccept?: Times;
  /** Accept, deliver, and never answer. */
  neverAnswer?: Times;
  /** The webhook with the statuses has been answered before the send call is. */
  statusBeforeAnswer?: boolean;
  /** Webhook elements come this much later. */
  webhookDelayMs?: number;
  /** The next webhook elements are lost. */
  dropWebhooks?: Times;
  /** Every webhook body is sent this many times more. */
  repeatWebhooks?: number;
  /** Elements that wait together go out one by one, the last first. */
  reorderWebhooks?: boolean;
  /** Every status comes twice, as two elements. */
  duplicateStatuses?: boolean;
  /** Webhooks are kept back until this is switched off, and then come together. */
  holdWebhooks?: boolean;
};

/** A mail that came by SMTP, was written on `/mail`, or was put into a folder by a mail program. Its bytes are a file of the store. */
export type Mail = {
  id: string;
  seq: number;
  at: number;
  from: string;
  /** Of the envelope; empty where nobody wants to hear of it. */
  envelopeFrom: string;
  /** Whom the envelope names; nobody where a mail program put it into a folder. */
  to: string[];
  subject: string;
  size: number;
  headers: { name: string; value: string }[];
  text: string;
  html: string;
  attachments: { filename: string; mimeType: string; size: number }[];
};

/**
 * What becomes of mail to an address: `bounce` takes it and reports later that nobody is there, `delay` reports that it takes longer, `refuse`
 * turns it away while it is handed over, `busy` does so for now, `outofoffice` answers by itself. An address that begins so does so unasked.
 */
export type MailBehaviour = 'bounce' | 'delay' | 'refuse' | 'busy' | 'outofoffice';

export type MailAccount = {
  /** The address in lower case. */
  id: string;
  name: string;
  behaviour?: MailBehaviour;
  folders: MailFolder[];
};

export type MailFolder = { name: string; uidValidity: number; uidNext: number };

/** One mail in one folder of one account. */
export type MailEntry = {
  id: string;
  address: string;
  folder: string;
  uid: number;
  mailId: string;
  flags: string[];
  at: number;
};

/** A mail on its way to one recipient. */
export type MailDelivery = {
  id: string;
  mailId: string;
  to: string;
  createdAt: number;
  state: 'waiting' | 'delivered' | 'refused';
  attempts: number;
  /** What the other server said last. */
  reason?: string;
};

/** What stands in the DNS under a name: an MX as `<preference> <host>`. */
export type DnsRecords = { id: string; type: 'MX' | 'TXT'; name: string; values: string[] };

export type Tables = {
  account: Account;
  subscription: Subscription;
  template: Template;
  phone: Phone;
  message: Message;
  media: Media;
  element: WebhookElement;
  misbehaviour: Misbehaviour;
  mail: Mail;
  mailAccount: MailAccount;
  mailEntry: MailEntry;
  mailDelivery: MailDelivery;
  dnsRecords: DnsRecords;
  smsAccount: SmsAccount;
  smsMessage: SmsMessage;
  smsPost: SmsPost;
};

export type TableName = keyof Tables;

export interface SandboxLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}
