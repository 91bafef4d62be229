import { createHash } from 'node:crypto';
import { convert } from 'html-to-text';
import PostalMime from 'postal-mime';
import { splitQuoted } from '../../domain/quoted';
import { hideKeys } from '../../domain/mail-keys';
import { readBounce, type Bounce } from './bounce';
import { sanitizeMailHtml } from './sanitize-mail-html';

export type MailAddress = { name: string; address: string };

export type MailAttachment = {
  filename: string;
  mimeType: string;
  bytes: Buffer;
  /** Without its angle brackets: by which name the HTML refers to it. */
  contentId: string | null;
};

/** A mail as Parley keeps it: everything decoded, and free of what PostgreSQL cannot hold. */
export type ParsedMail = {
  /** With its angle brackets; one made of the content where the mail has none. */
  messageId: string;
  inReplyTo: string | null;
  references: string[];
  from: MailAddress;
  to: MailAddress[];
  cc: MailAddress[];
  replyTo: string | null;
  subject: string;
  /** By its Date header; null where there is none that can be read. */
  date: Date | null;
  /** What was written now, and the quoted rest. */
  text: string;
  quoted: string | null;
  /** Sanitised; null: it has text alone. */
  html: string | null;
  attachments: MailAttachment[];
  /** A machine, a list or a bounce: nobody answers it by itself, nobody is notified (RFC 3834). */
  quiet: boolean;
  /** A delivery status notification (RFC 3464). */
  bounce: Bounce | null;
  /** SHA-256 of sender, date, subject and content: the same for each copy of one mail, whatever way it came. */
  contentHash: string;
};

const textBytesAtMost = 1_000_000;
const headerAtMost = 2_000;

/** Reads a mail as far as it can be read: what is broken is kept as text. Never throws. */
export async function parseMail(raw: Buffer): Promise<ParsedMail> {
  const mail = await PostalMime.parse(raw).catch(() => unreadable(raw));
  const header = (name: string) => mail.headers.find(({ key }) => key === name)?.value ?? '';
  const addresses = (list: PostalMime.Address[] | undefined) => (list ?? []).flatMap(flatten);
  const html = mail.html === undefined ? null : shown(mail.html);
  const plain = shown(mail.text ?? (html === null ? '' : textOf(html)));
  const { text, quoted } = splitQuoted(plain);
  const [from = { name: '', address: '' }] = mail.from ? flatten(mail.from) : [];
  const attachments = mail.attachments.map(attachmentOf);
  const subject = line(mail.subject ?? '');
  const contentHash = hashOf(
    [from.address, mail.date ?? '', subject, mail.text ?? '', mail.html ?? ''],
    attachments,
  );
  return {
    messageId: idsIn(mail.messageId ?? '')[0] ?? `<${contentHash.slice(0, 32)}@no-message-id>`,
    inReplyTo: idsIn(mail.inReplyTo ?? '')[0] ?? null,
    references: idsIn(mail.references ?? '').slice(-50),
    from,
    to: addresses(mail.to),
    cc: addresses(mail.cc),
    replyTo: addresses(mail.replyTo)[0]?.address ?? null,
    subject,
    date: dateOf(mail.date),
    text,
    quoted,
    html: html === null ? null : sanitizeMailHtml(html),
    attachments,
    quiet: isQuiet(header, mail.returnPath ?? header('return-path'), from.address),
    bounce: readBounce(mail),
    contentHash,
  };
}

function unreadable(raw: Buffer): PostalMime.Email {
  return {
    headers: [],
    headerLines: [],
    text: raw.toString('latin1').slice(0, textBytesAtMost),
    attachments: [],
  };
}

const flatten = (address: PostalMime.Address): MailAddress[] =>
  address.group
    ? address.group.flatMap(flatten)
    : [{ name: line(address.name), address: line(address.address).toLowerCase() }];

function attachmentOf({ filename, mimeType, content, contentId }: PostalMime.Attachment): MailAttachment {
  return {
    filename:
      line(filename ?? '')
        .replace(/[/\\]/g, '_')
        .slice(0, 200) || 'attachment',
    mimeType: /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(mimeType) ? mimeType : 'application/octet-stream',
    bytes: typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as ArrayBuffer),
    contentId: contentId === undefined ? null : line(contentId).replace(/^<|>$/g, ''),
  };
}

/** What people will read. */
const shown = (text: string): string => hideKeys(clean(text)).slice(0, textBytesAtMost);

/** PostgreSQL holds no null characters, JSON no halves of surrogate pairs. */
const clean = (text: string): string => text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\ufffd');

/** One line: header values never carry a line break on. */
const line = (text: string): string => clean(text).replace(/\s+/g, ' ').trim().slice(0, headerAtMost);

const idsIn = (text: string): string[] => text.match(/<[^<>\s]{1,990}>/g) ?? [];

function dateOf(text: string | undefined): Date | null {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}

const textOf = (html: string): string =>
  convert(html, {
    wordwrap: false,
    // it calls itself for each depth
    limits: { maxInputLength: textBytesAtMost, maxDepth: 500 },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'blockquote', options: { trimEmptyLines: true } },
    ],
  });

function isQuiet(header: (name: string) => string, returnPath: string, from: string): boolean {
  const automatic = header('auto-submitted').split(';')[0]!.trim().toLowerCase();
  return (
    (automatic !== '' && automatic !== 'no') ||
    /^(bulk|list|junk|auto_reply)\b/i.test(header('precedence')) ||
    header('list-id') !== '' ||
    header('x-auto-response-suppress') !== '' ||
    returnPath.trim() === '<>' ||
    /^(mailer-daemon|postmaster|no-?reply)@/i.test(from)
  );
}

function hashOf(parts: string[], attachments: MailAttachment[]): string {
  const hash = createHash('sha256');
  // servers fold, pad and end lines as they like
  for (const part of parts) hash.update(part.replace(/\s+/g, ' ').trim()).update('\u0000');
  for (const { bytes } of attachments) hash.update(createHash('sha256').update(bytes).digest());
  return hash.digest('hex');
}
