import { createHash } from 'node:crypto';
import type { DemoFile } from './files';
import type { Row } from './rows';

type Party = { name: string; address: string };

/** A mail as it would have come over the wire, and the row that stands for it. */
export function mailRows(mail: {
  organizationId: string;
  id: string;
  /** Whose mailbox it is in; null: it came to the conversation. */
  userId: string | null;
  conversationId: string | null;
  direction: 'in' | 'out';
  threadId: string;
  messageId: string;
  answers: string | null;
  from: Party;
  to: Party;
  subject: string;
  text: string;
  file: DemoFile | undefined;
  at: Date;
  seen: boolean;
}): { mail: Row; raw: Row } {
  const { organizationId, id, file, at, direction } = mail;
  const raw = rawOf(mail);
  return {
    mail: {
      organization_id: organizationId,
      id,
      user_id: mail.userId,
      conversation_id: mail.conversationId,
      direction,
      state: direction === 'in' ? 'received' : 'sent',
      folder: direction === 'in' ? 'inbox' : 'sent',
      thread_id: mail.threadId,
      message_id_header: mail.messageId,
      content_hash: createHash('sha256').update(raw).digest('hex'),
      in_reply_to: mail.answers,
      references: mail.answers === null ? [] : [mail.answers],
      from_name: mail.from.name,
      from_address: mail.from.address,
      to: [mail.to],
      subject: mail.subject,
      text: mail.text,
      size: raw.length,
      attachments: file ? 1 : 0,
      attachment_names: file ? `${file.filename} ${file.filename.replace(/[._-]/g, ' ')}` : '',
      seen_at: mail.seen ? at : null,
      sent_at: direction === 'out' ? at : null,
      occurred_at: at,
      created_at: at,
      updated_at: at,
    },
    raw: { organization_id: organizationId, mail_id: id, bytes: `\\x${raw.toString('hex')}` },
  };
}

function rawOf(mail: Parameters<typeof mailRows>[0]): Buffer {
  const { file } = mail;
  const boundary = `part-${mail.id}`;
  const text = [
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    base64(Buffer.from(mail.text)),
  ];
  const head = [
    `From: ${written(mail.from)}`,
    `To: ${written(mail.to)}`,
    `Subject: ${encoded(mail.subject)}`,
    `Message-ID: ${mail.messageId}`,
    `Date: ${mail.at.toUTCString().replace('GMT', '+0000')}`,
    ...(mail.answers === null ? [] : [`In-Reply-To: ${mail.answers}`, `References: ${mail.answers}`]),
    'MIME-Version: 1.0',
  ];
  const lines = file
    ? [
        ...[...head, `Content-Type: multipart/mixed; boundary="${boundary}"`, ''],
        ...[`--${boundary}`, ...text],
        ...[`--${boundary}`, `Content-Type: ${file.mimeType}`, 'Content-Transfer-Encoding: base64'],
        ...[
          `Content-Disposition: attachment; filename="${file.filename}"`,
          '',
          base64(file.bytes),
          `--${boundary}--`,
        ],
      ]
    : [...head, ...text];
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n');
const encoded = (text: string): string =>
  /^[ -~]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
const written = ({ name, address }: Party): string => (name ? `${encoded(name)} <${address}>` : address);
