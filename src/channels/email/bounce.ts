import type { Email } from 'postal-mime';
import { cutText, storableText } from '../../domain/storable';

/** What a delivery status notification says of one mail that we sent. */
export type Bounce = {
  /** The Message-ID of the mail it is about, with angle brackets; null where it does not say. */
  messageId: string | null;
  /** The address it is about. */
  recipient: string | null;
  action: 'failed' | 'delayed' | 'delivered' | 'other';
  /** e.g. 5.1.1 */
  status: string;
  detail: string | null;
};

/** RFC 3464: multipart/report with a message/delivery-status part, and the mail or its headers. Null for all else. */
export function readBounce(mail: Email): Bounce | null {
  const contentType = mail.headers.find(({ key }) => key === 'content-type')?.value ?? '';
  if (!/multipart\/report/i.test(contentType) || !/delivery-status/i.test(contentType)) return null;
  const report = textOfPart(mail, 'message/delivery-status');
  if (report === undefined) return null;
  const field = (name: string) => new RegExp(`^${name}:\\s*(.+(?:\\r?\\n[ \\t].+)*)`, 'im').exec(report)?.[1];
  const original = textOfPart(mail, 'message/rfc822') ?? textOfPart(mail, 'text/rfc822-headers') ?? '';
  const action = (field('Action') ?? '').trim().toLowerCase();
  const detail = field('Diagnostic-Code');
  return {
    messageId: /^Message-ID:\s*(<[^<>\s]+>)/im.exec(original)?.[1] ?? null,
    recipient: addressOf(field('Original-Recipient') ?? field('Final-Recipient')),
    action: action === 'failed' || action === 'delayed' || action === 'delivered' ? action : 'other',
    status: (field('Status') ?? '').trim().slice(0, 20),
    detail: detail === undefined ? null : cutText(detail.replace(/\s+/g, ' ').trim(), 500),
  };
}

function textOfPart(mail: Email, mimeType: string): string | undefined {
  const part = mail.attachments.find((attachment) => attachment.mimeType === mimeType);
  if (!part) return undefined;
  return storableText(
    typeof part.content === 'string'
      ? part.content
      : Buffer.from(part.content as ArrayBuffer).toString('utf8'),
  );
}

const addressOf = (recipient: string | undefined): string | null =>
  recipient?.split(';').at(-1)?.trim().replace(/^<|>$/g, '').toLowerCase() || null;
