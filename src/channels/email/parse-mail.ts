import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { convert } from 'html-to-text';
import PostalMime from 'postal-mime';
import { splitQuoted } from '../../domain/quoted';
import { receivedMimeType } from '../../domain/media-rules';
import { hideKeys } from '../../domain/mail-keys';
import { cutText, storableText } from '../../domain/storable';
import { readBounce, type Bounce } from './bounce';
import { sanitizeMailHtml } from './sanitize-mail-html';
import { readTnef } from './tnef';

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
  /** There is more of it than is read: that stands in the bytes as they came alone, and the text says so. */
  cut: boolean;
  /** SHA-256 of sender, date, subject and content: the same for each copy of one mail, whatever way it came. */
  contentHash: string;
};

const textAtMost = 1_000_000;
const headerAtMost = 2_000;
const addressesAtMost = 2_000;
const attachmentsAtMost = 500;
/**
 * Each line of text costs the parser two kilobytes; those of an encoded file, none so short and without a space, cost nothing. So many lines
 * of text are some ten megabytes; short ones, which say little, count for three.
 */
const linesAtMost = 150_000;
const shortLineBytes = 50;
const headBytesAtMost = 500_000;

const cutNotice = '[Not all of this mail is shown, for it is too large. The original has all of it.]';

/**
 * Reads a mail as far as it can be read: what is broken is kept as text. Never throws, and takes time and memory that grow with the mail: of
 * what is larger than any that people write, the beginning is read.
 */
export async function parseMail(raw: Buffer): Promise<ParsedMail> {
  const whole = inUtf8(raw);
  const readable = withoutLinesBeyond(whole);
  const mail = await PostalMime.parse(readable).catch(() => unreadable(raw));
  const header = (name: string) => mail.headers.find(({ key }) => key === name)?.value ?? '';
  const cleaned = mail.html === undefined ? null : shown(mail.html);
  const html = cleaned === null ? null : sanitizeMailHtml(cleaned);
  const plain = shown(
    (mail.text === undefined && cleaned === null ? bodyOf(mail, readable) : mail.text) ??
      (cleaned === null ? '' : html === null ? bareText(cleaned) : textOf(cleaned)),
  );
  const { text, quoted } = splitQuoted(plain);
  const [from = { name: '', address: '' }] = mail.from ? flatten(mail.from) : [];
  const [to, cc] = [addressesIn(mail.to), addressesIn(mail.cc)];
  const packed = mail.attachments.map(attachmentOf);
  const attachments = packed.flatMap((file) => unpacked(file, text !== ''));
  const subject = line(mail.subject ?? '');
  const contentHash = hashOf(
    [from.address, mail.date ?? '', subject, mail.text ?? '', mail.html ?? ''],
    packed,
  );
  const cut =
    readable.length < whole.length ||
    'unreadable' in mail ||
    (mail.html !== undefined && (html === null || mail.html.length > textAtMost)) ||
    (mail.text?.length ?? 0) > textAtMost ||
    to.length > addressesAtMost ||
    cc.length > addressesAtMost ||
    attachments.length > attachmentsAtMost;
  return {
    messageId: idsIn(mail.messageId ?? '')[0] ?? `<${contentHash.slice(0, 32)}@no-message-id>`,
    inReplyTo: idsIn(mail.inReplyTo ?? '')[0] ?? null,
    references: idsIn(mail.references ?? '').slice(-50),
    from,
    to: to.slice(0, addressesAtMost),
    cc: cc.slice(0, addressesAtMost),
    replyTo: addressesIn(mail.replyTo)[0]?.address ?? null,
    subject,
    date: dateOf(mail.date),
    text: cut ? `${cutNotice}\n\n${text}`.trim() : text,
    quoted,
    html: cut && html !== null ? `<p>${cutNotice}</p>${html}` : html,
    attachments: attachments.slice(0, attachmentsAtMost),
    quiet: isQuiet(header, mail.returnPath ?? header('return-path'), from.address),
    bounce: readBounce(mail),
    cut,
    contentHash,
  };
}

/** What says nothing of its charset and is not UTF-8 comes from programs older than it: Western, as browsers take it. */
function inUtf8(raw: Buffer): Buffer {
  if (isUtf8(raw)) return raw;
  const end = endOfHead(raw) ?? raw.length;
  const [head, body] = [raw.subarray(0, end), raw.subarray(end)];
  const said = head.toString('latin1');
  const told =
    /charset\s*=/i.test(said) ||
    /^content-transfer-encoding:\s*(base64|quoted-printable)/im.test(said) ||
    /^content-type:\s*(?!text\/)/im.test(said);
  return Buffer.concat([head, body].map((part, index) => (index === 1 && told ? part : western(part))));
}

const western = (bytes: Buffer): Buffer =>
  isUtf8(bytes) ? bytes : Buffer.from(new TextDecoder('windows-1252').decode(bytes));

/** Undefined: it has nothing but a head. */
const endOfHead = (bytes: Buffer): number | undefined =>
  [bytes.indexOf('\r\n\r\n'), bytes.indexOf('\n\n')].filter((at) => at >= 0).sort((a, b) => a - b)[0];

/** Of a mail whose parts are not where it says: all that stands below its head. */
const bodyOf = ({ attachments }: PostalMime.Email, readable: Buffer): string | undefined =>
  attachments.length > 0
    ? undefined
    : readable.toString('utf8', endOfHead(readable) ?? readable.length).slice(0, textAtMost);

function withoutLinesBeyond(raw: Buffer): Buffer {
  let lines = 0;
  let space = raw.indexOf(32);
  for (let start = 0; start < raw.length;) {
    const end = raw.indexOf(10, start);
    if (end < 0) break;
    if (space >= 0 && space < start) space = raw.indexOf(32, start);
    if (end - start < shortLineBytes) lines += 3;
    else if (space >= 0 && space < end) lines += 1;
    if (lines > linesAtMost) return raw.subarray(0, start);
    start = end + 1;
  }
  return raw;
}

/** Its head, where that can be read, tells whose it is. */
async function unreadable(raw: Buffer): Promise<PostalMime.Email & { unreadable: true }> {
  const bytes = raw.subarray(0, headBytesAtMost);
  const end = endOfHead(bytes);
  const head = await PostalMime.parse(bytes.subarray(0, end ?? 0)).catch(() => undefined);
  return {
    ...(head ?? { headers: [], headerLines: [] }),
    text: raw.toString('latin1', end ?? 0, (end ?? 0) + textAtMost),
    attachments: [],
    unreadable: true,
  };
}

const addressesIn = (list: PostalMime.Address[] | undefined): MailAddress[] =>
  (list ?? []).slice(0, addressesAtMost + 1).flatMap(flatten);

const flatten = (address: PostalMime.Address): MailAddress[] =>
  address.group
    ? address.group.flatMap(flatten)
    : [{ name: line(address.name), address: line(address.address).toLowerCase() }];

function attachmentOf({ filename, mimeType, content, contentId }: PostalMime.Attachment): MailAttachment {
  return {
    filename: cutText(line(filename ?? '').replace(/[/\\]/g, '_'), 200) || 'attachment',
    mimeType: /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(mimeType) ? mimeType : 'application/octet-stream',
    bytes: typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as ArrayBuffer),
    contentId: contentId === undefined ? null : line(contentId).replace(/^<|>$/g, ''),
  };
}

/** What Outlook has packed into one file; that stays as well where something in it would be missed, such as the text. */
function unpacked(file: MailAttachment, hasText: boolean): MailAttachment[] {
  if (!/\bms-tnef$/.test(file.mimeType) && !/^winmail\.dat$/i.test(file.filename)) return [file];
  const packed = readTnef(file.bytes);
  if (!packed) return [file];
  const files = packed.files.map(({ filename, mimeType, bytes }) =>
    attachmentOf({
      filename,
      mimeType: receivedMimeType(bytes, mimeType ?? ''),
      content: new Uint8Array(bytes),
      disposition: 'attachment',
    }),
  );
  return packed.whole && hasText ? files : [...files, file];
}

/** What people will read. */
const shown = (text: string): string => cutText(hideKeys(storableText(text)), textAtMost);

/** One line: header values never carry a line break on. */
const line = (text: string): string => cutText(storableText(text).replace(/\s+/g, ' ').trim(), headerAtMost);

const idsIn = (text: string): string[] => storableText(text).match(/<[^<>\s]{1,990}>/g) ?? [];

/** Before there was any e-mail nobody has written one: such a clock tells nothing, and PostgreSQL holds no date of the stone age. */
function dateOf(text: string | undefined): Date | null {
  const date = new Date(text ?? Number.NaN);
  return date.getTime() >= Date.UTC(1970, 0, 1) ? date : null;
}

/** Of HTML that is not shown. */
const bareText = (html: string): string => html.replace(/<[^<>]*>/g, ' ');

const textOf = (html: string): string =>
  convert(html, {
    wordwrap: false,
    // it calls itself for each depth
    limits: { maxInputLength: textAtMost, maxDepth: 500 },
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
