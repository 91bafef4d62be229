import type { Copies } from '../../contracts/messages';
import type { TemplateDisplay } from '../../domain/whatsapp-template';

/** `messages.content` by kind, beside `body`. */
export type MessageContent = {
  /** An outbound template: what is sent, and how it looks. */
  template?: { name: string; language: string; values: Record<string, string>; display: TemplateDisplay };
  mediaId?: string;
  /** The files of an e-mail that was sent from here; several that came with an answer on the candidate page. */
  mediaIds?: string[];
  /** Of an e-mail that was sent from here: who gets it as well. */
  copies?: Copies;
  /** Of an e-mail: the mail itself (`mails`), with its HTML and attachments. */
  mailId?: string;
  /** An e-mail that was history already when it was fetched: it is not counted as unread. */
  past?: boolean;
  location?: { latitude: number; longitude: number; name: string | null; address: string | null };
  contacts?: { name: string; phones: string[] }[];
  buttonPayload?: string;
  /** The answer to HELP. */
  help?: true;
  /** Sent later, or in place of another: it keeps quiet hours while it waits. */
  scheduled?: true;
  newWaId?: string;
  /** The provider's own type of something that this version cannot show. */
  providerType?: string;
  /** An unknown element as it came: kept, never shown raw. */
  raw?: unknown;
};
