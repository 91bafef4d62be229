import type { ReasonCode } from '../../contracts/reasons';
import type { MediaType } from '../../domain/media-rules';
import type { ReceiptStatus } from '../../domain/receipts';
import type { ChannelErrorClass } from '../channel-error';

/** Credentials of one connected WhatsApp number, decrypted; never logged, never in a workflow. */
export type WhatsAppAccount = {
  phoneNumberId: string;
  wabaId: string;
  accessToken: string;
  appSecret: string;
};

export type { MediaType, ReceiptStatus };

export type TemplateParameter = { name?: string; text: string };

export type TemplateSend = {
  name: string;
  language: string;
  header?: TemplateParameter[];
  body?: TemplateParameter[];
  /** A button keeps the index it has in the template. */
  buttons?: { index: number; subType: 'url' | 'quick_reply'; parameter: string }[];
};

export type OutboundContent =
  | { type: 'text'; body: string }
  | { type: 'template'; template: TemplateSend }
  | { type: 'media'; media: MediaType; mediaId: string; caption?: string; filename?: string }
  | { type: 'reaction'; targetProviderId: string; emoji: string };

export type OutboundWhatsApp = {
  /** E.164 without the plus. */
  to: string;
  /** Our message id: comes back in statuses as `biz_opaque_callback_data`. */
  clientReference: string;
  replyToProviderId?: string;
  content: OutboundContent;
};

export type SendResult = { providerId: string; waId: string | undefined };

export type InboundContent =
  | { kind: 'text'; body: string }
  | {
      kind: 'media';
      media: MediaType;
      providerMediaId: string;
      mimeType: string;
      sha256: string | undefined;
      caption: string | undefined;
      filename: string | undefined;
      voice: boolean;
    }
  | {
      kind: 'location';
      latitude: number;
      longitude: number;
      name: string | undefined;
      address: string | undefined;
    }
  | { kind: 'contacts'; contacts: { name: string; phones: string[] }[] }
  | { kind: 'buttonReply'; text: string; payload: string | undefined }
  | { kind: 'reaction'; targetProviderId: string; emoji: string | undefined }
  | { kind: 'numberChanged'; newWaId: string | undefined; body: string | undefined }
  | { kind: 'unsupported'; providerType: string };

export type TemplateStatus = 'PENDING' | 'APPROVED' | 'REJECTED' | 'PAUSED' | 'DISABLED';

/** One element of a webhook. `raw` is the element as it came. */
export type WhatsAppEvent =
  | {
      type: 'message';
      phoneNumberId: string;
      providerId: string;
      /** wa_id: E.164 without the plus; undefined when the payload names a user id only. */
      from: string | undefined;
      fromUserId: string | undefined;
      profileName: string | undefined;
      at: Date;
      replyToProviderId: string | undefined;
      content: InboundContent;
      raw: unknown;
    }
  | {
      type: 'status';
      phoneNumberId: string;
      providerId: string;
      status: ReceiptStatus;
      recipient: string | undefined;
      at: Date;
      clientReference: string | undefined;
      error:
        | { code: number; detail: string | undefined; reason: ReasonCode; errorClass: ChannelErrorClass }
        | undefined;
    }
  | {
      type: 'templateStatus';
      wabaId: string;
      name: string;
      language: string;
      status: TemplateStatus;
      rejectedReason: string | undefined;
    }
  | { type: 'templateQuality'; wabaId: string; name: string; language: string; quality: string }
  | { type: 'accountUpdate'; wabaId: string; event: string }
  | {
      type: 'phoneQuality';
      wabaId: string;
      displayPhone: string | undefined;
      event: string;
      limit: string | undefined;
    }
  | { type: 'userPreference'; phoneNumberId: string; from: string; marketing: 'stop' | 'resume'; at: Date }
  /** Something that this version does not know: kept, logged by its field, never an error. */
  | { type: 'unknown'; field: string; raw: unknown };

export type RemoteTemplate = {
  id: string;
  name: string;
  language: string;
  category: 'MARKETING' | 'UTILITY' | 'AUTHENTICATION';
  status: TemplateStatus;
  rejectedReason?: string | undefined;
  parameterFormat: 'POSITIONAL' | 'NAMED';
  components: TemplateComponent[];
};

/** A template to be reviewed; `examples` by the keys of its slots. */
export type NewTemplate = {
  name: string;
  language: string;
  category: 'MARKETING' | 'UTILITY';
  components: TemplateComponent[];
  examples: Readonly<Record<string, string>>;
};

/** What became of a template that was submitted. */
export type SubmittedTemplate = {
  id: string;
  status: TemplateStatus;
  category: string | undefined;
  rejectedReason?: string | undefined;
};

export type TemplateComponent =
  | { type: 'HEADER'; format: 'TEXT' | 'IMAGE' | 'VIDEO' | 'DOCUMENT' | 'LOCATION'; text?: string }
  | { type: 'BODY'; text: string }
  | { type: 'FOOTER'; text: string }
  | { type: 'BUTTONS'; buttons: TemplateButton[] };

export type TemplateButton =
  | { type: 'QUICK_REPLY'; text: string }
  | { type: 'URL'; text: string; url: string }
  | { type: 'PHONE_NUMBER'; text: string; phoneNumber: string }
  | { type: 'OTHER'; text: string };

export type PhoneNumberInfo = {
  displayPhone: string;
  verifiedName: string | undefined;
  quality: string | undefined;
  /** Where Meta tells them: the throughput of the number, and its messaging limit, e.g. TIER_2K. */
  messagesPerSecond: number | undefined;
  messagingTier: string | undefined;
};

/** Everything Parley asks of the Cloud API. Every call rejects with a `ChannelError` and nothing else. */
export interface WhatsAppClient {
  send(
    account: WhatsAppAccount,
    message: OutboundWhatsApp,
    options: { timeoutMs: number },
  ): Promise<SendResult>;
  uploadMedia(
    account: WhatsAppAccount,
    media: { bytes: Buffer; mimeType: string; filename: string },
  ): Promise<string>;
  downloadMedia(
    account: WhatsAppAccount,
    mediaId: string,
    limits: { maxBytes: number },
  ): Promise<{ bytes: Buffer; mimeType: string }>;
  markRead(account: WhatsAppAccount, providerMessageId: string): Promise<void>;
  listTemplates(account: WhatsAppAccount): Promise<RemoteTemplate[]>;
  createTemplate(account: WhatsAppAccount, template: NewTemplate): Promise<SubmittedTemplate>;
  /** The new text is reviewed; an approved template keeps its category. */
  editTemplate(
    account: WhatsAppAccount,
    templateId: string,
    template: Pick<NewTemplate, 'components' | 'examples'> & { category?: NewTemplate['category'] },
  ): Promise<SubmittedTemplate>;
  /** One language of a template. */
  removeTemplate(account: WhatsAppAccount, template: { id: string; name: string }): Promise<void>;
  phoneNumber(account: WhatsAppAccount): Promise<PhoneNumberInfo>;
  /** Points the account's webhooks at `callbackUrl` (`POST /{waba}/subscribed_apps` with `override_callback_uri`). */
  subscribe(account: WhatsAppAccount, webhook: { callbackUrl: string; verifyToken: string }): Promise<void>;
}
