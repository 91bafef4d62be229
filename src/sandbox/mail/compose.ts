import { createTransport, type SendMailOptions } from 'nodemailer';
import addressparser from 'nodemailer/lib/addressparser';
import { ControlError } from '../control-error';
import { decodeWords, filesOf, headerOf, partOf } from '../mime';
import type { Mail } from '../model';

export type MailWish = {
  /** Left out: the address that the answered mail came to. */
  from?: string | undefined;
  /** Left out: who the answered mail asks to answer to. */
  to?: string[] | undefined;
  cc?: string[] | undefined;
  bcc?: string[] | undefined;
  subject?: string | undefined;
  text?: string | undefined;
  html?: string | undefined;
  attachments?: { filename: string; mimeType: string; bytes: Buffer }[] | undefined;
  /** A mail that the sandbox has, or any Message-ID. */
  inReplyTo?: KnownMail | string | undefined;
  /** Passed on with its attachments. */
  forwards?: KnownMail | undefined;
  /** Whether the answered mail stands below the answer. */
  quote?: boolean | undefined;
  headers?: Record<string, string> | undefined;
  /** Left out: now. */
  date?: Date | undefined;
};

export type KnownMail = { mail: Mail; raw: Buffer };

type Address = { name: string; address: string };

/** A mail as a mail program writes it: a Message-ID of its own, the thread, what is answered quoted below. */
export async function composeMail(
  wish: MailWish,
  context: { at: Date; nameOf: (address: string) => string },
): Promise<{ raw: Buffer; from: string; to: string[] }> {
  const { inReplyTo, forwards } = wish;
  const known = typeof inReplyTo === 'object' ? inReplyTo : undefined;
  const headers = known ? partOf(known.raw).headers : [];
  const [given] = addressesIn(wish.from ?? known?.mail.to[0] ?? '');
  const from = given && { name: given.name || context.nameOf(given.address), address: given.address };
  if (!from) throw new ControlError(400, 'A mail needs from.');
  const lists = [wish.to ?? (known ? [answerTo(known.raw)] : []), wish.cc ?? [], wish.bcc ?? []];
  const [to = [], cc = [], bcc = []] = lists.map((list) => list.flatMap(addressesIn));
  if (to.length + cc.length + bcc.length === 0) throw new ControlError(400, 'A mail needs to.');
  const quoted = known && wish.quote !== false ? quotedBelow(known.mail) : undefined;
  const passedOn = forwards && forwardedBelow(forwards.mail);
  const below = passedOn ?? quoted;
  const text = wish.text ?? '';
  const files = [...(wish.attachments ?? []), ...(forwards ? filesOf(forwards.raw) : [])];
  const raw = await buildMail({
    ...{ from, to, cc, date: wish.date ?? context.at },
    subject: wish.subject ?? subjectFor(known?.mail, forwards?.mail),
    ...(known ? threadOf(headers) : typeof inReplyTo === 'string' && { inReplyTo, references: [inReplyTo] }),
    ...(wish.headers && { headers: wish.headers }),
    text: below ? `${text}\n\n${below.text}\n` : text,
    ...((wish.html !== undefined || below?.html !== undefined) && {
      html: `<div dir="ltr">${wish.html ?? htmlOf(text)}</div>${below ? `<br>${below.html}` : ''}`,
    }),
    attachments: files.map(({ filename, mimeType, bytes }) => ({
      ...{ filename, contentType: mimeType, content: bytes },
    })),
  });
  return { raw, from: from.address, to: unique([...to, ...cc, ...bcc]) };
}

export async function buildMail(options: SendMailOptions): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail(options);
  return message as Buffer;
}

/** What makes a mail an answer to the one with these headers. */
export function threadOf(headers: { name: string; value: string }[]): {
  inReplyTo?: string;
  references?: string[];
} {
  const messageId = headerOf(headers, 'message-id');
  if (messageId === '') return {};
  const earlier = headerOf(headers, 'references').match(/<[^<>\s]+>/g) ?? [];
  return { inReplyTo: messageId, references: [...earlier, messageId] };
}

/** Its Reply-To, else its From, as written. */
export function answerTo(raw: Buffer): string {
  const { headers } = partOf(raw);
  return headerOf(headers, 'reply-to') || headerOf(headers, 'from');
}

/** Names are decoded after the list has been taken apart: they may hold commas. */
export function addressesIn(list: string): Address[] {
  return addressparser(list, { flatten: true }).flatMap(({ name, address }) =>
    address ? { name: decodeWords(name), address } : [],
  );
}

const unique = (addresses: Address[]): string[] => [...new Set(addresses.map(({ address }) => address))];

function subjectFor(answered: Mail | undefined, forwarded: Mail | undefined): string {
  if (answered) return /^re:/i.test(answered.subject) ? answered.subject : `Re: ${answered.subject}`;
  return forwarded ? `Fwd: ${forwarded.subject}` : '';
}

/** As Gmail quotes, with its line break inside a long address. */
function quotedBelow(mail: Mail): { text: string; html: string } {
  const line = `On ${dateOf(mail)}, ${mail.from.replaceAll('"', '')} wrote:`;
  const text = mail.text.trimEnd().replace(/\r\n/g, '\n');
  const quoted = text
    .split('\n')
    .map((words) => (words === '' || words.startsWith('>') ? `>${words}` : `> ${words}`));
  return {
    text: [line.length > 78 ? line.replace(' <', ' <\n') : line, '', ...quoted].join('\n'),
    html: `<div class="gmail_quote"><div dir="ltr" class="gmail_attr">${escapeHtml(line)}<br></div><blockquote class="gmail_quote" style="margin:0 0 0 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">${bodyOf(mail)}</blockquote></div>`,
  };
}

function forwardedBelow(mail: Mail): { text: string; html: string } {
  const facts = [
    '---------- Forwarded message ---------',
    `From: ${mail.from}`,
    `Date: ${dateOf(mail)}`,
    `Subject: ${mail.subject}`,
    `To: ${headerOf(mail.headers, 'to') || mail.to.join(', ')}`,
  ];
  return {
    text: [...facts, '', mail.text.trimEnd()].join('\n'),
    html: `<div class="gmail_quote"><div dir="ltr" class="gmail_attr">${facts.map(escapeHtml).join('<br>')}<br><br></div>${bodyOf(mail)}</div>`,
  };
}

function dateOf({ at }: Mail): string {
  const date = new Date(at);
  const day = date.toLocaleDateString('en-GB', {
    ...{ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
    timeZone: 'UTC',
  });
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
  return `${day} at ${time}`;
}

/** What stands between the body tags. */
const bodyOf = (mail: Mail): string =>
  mail.html === '' ? htmlOf(mail.text) : (/<body[^>]*>([\s\S]*?)<\/body>/i.exec(mail.html)?.[1] ?? mail.html);

const htmlOf = (text: string): string => escapeHtml(text).replace(/\r?\n/g, '<br>\n');

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character]!);
