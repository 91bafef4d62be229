export type ParsedMail = {
  headers: { name: string; value: string }[];
  text: string;
  html: string;
  attachments: { filename: string; mimeType: string; size: number }[];
};

type Headers = { name: string; value: string }[];

/** One part of a mail: of the whole, or of a multipart. */
export type MimePart = {
  headers: Headers;
  /** The lines of the headers with the blank one behind them. */
  head: Buffer;
  /** As it was transferred. */
  body: Buffer;
  /** e.g. text/plain */
  mimeType: string;
  parts: MimePart[];
};

export type MailFile = { filename: string; mimeType: string; bytes: Buffer; contentId: string };

/** Reads a mail as far as showing it takes: nested multiparts, transfer encodings, charsets, encoded words. */
export function parseMail(raw: Buffer): ParsedMail {
  const mail: ParsedMail = { headers: [], text: '', html: '', attachments: [] };
  const top = partOf(raw);
  mail.headers = top.headers.map(({ name, value }) => ({ name, value: decodeWords(value) }));
  for (const part of leavesOf(top)) {
    if (isFile(part)) {
      const { filename, mimeType, bytes } = fileOf(part);
      mail.attachments.push({ filename, mimeType, size: bytes.length });
    } else if (part.mimeType === 'text/html') mail.html += textOf(part);
    else mail.text += textOf(part);
  }
  return mail;
}

/** In the order of `parseMail`'s attachments. */
export function filesOf(raw: Buffer): MailFile[] {
  return leavesOf(partOf(raw)).filter(isFile).map(fileOf);
}

export function headerOf(headers: Headers, name: string): string {
  return headers.find((header) => header.name.toLowerCase() === name)?.value ?? '';
}

export function partOf(raw: Buffer): MimePart {
  const { headers, head, body } = split(raw);
  const type = headerOf(headers, 'content-type') || 'text/plain';
  const mimeType = type.split(';')[0]!.trim().toLowerCase();
  const boundary = attribute(type, 'boundary');
  const isMultipart = mimeType.startsWith('multipart/') && boundary !== undefined;
  return {
    ...{ headers, head, body, mimeType },
    parts: isMultipart ? partsOf(body, boundary).map(partOf) : [],
  };
}

function leavesOf(part: MimePart): MimePart[] {
  return part.mimeType.startsWith('multipart/') && part.parts.length > 0
    ? part.parts.flatMap(leavesOf)
    : [part];
}

function isFile({ headers, mimeType }: MimePart): boolean {
  const disposition = headerOf(headers, 'content-disposition').toLowerCase();
  return disposition.startsWith('attachment') || !mimeType.startsWith('text/');
}

function fileOf(part: MimePart): MailFile {
  const disposition = headerOf(part.headers, 'content-disposition');
  const type = headerOf(part.headers, 'content-type');
  const name = attribute(disposition, 'filename') ?? attribute(type, 'name') ?? 'attachment';
  return {
    filename: decodeWords(name),
    mimeType: part.mimeType,
    bytes: bytesOf(part),
    contentId: headerOf(part.headers, 'content-id').replace(/^<|>$/g, ''),
  };
}

const bytesOf = ({ headers, body }: MimePart): Buffer =>
  decodeTransfer(body, headerOf(headers, 'content-transfer-encoding').trim().toLowerCase());

const textOf = (part: MimePart): string =>
  decodeCharset(bytesOf(part), attribute(headerOf(part.headers, 'content-type'), 'charset'));

function split(raw: Buffer): { headers: Headers; head: Buffer; body: Buffer } {
  const crlf = raw.indexOf('\r\n\r\n');
  const lf = raw.indexOf('\n\n');
  const end = crlf !== -1 && (lf === -1 || crlf < lf) ? crlf : lf;
  const gap = end === crlf ? 4 : 2;
  const headers = (end === -1 ? raw : raw.subarray(0, end))
    .toString('utf8')
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [{ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }];
    });
  if (end === -1) return { headers, head: raw, body: Buffer.alloc(0) };
  return { headers, head: raw.subarray(0, end + gap), body: raw.subarray(end + gap) };
}

function partsOf(body: Buffer, boundary: string): Buffer[] {
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  let at = body.indexOf(delimiter);
  while (at !== -1) {
    const start = body.indexOf('\n', at);
    const next = body.indexOf(delimiter, at + delimiter.length);
    const isLast =
      body.subarray(at + delimiter.length, at + delimiter.length + 2).toString('latin1') === '--';
    if (isLast || start === -1) break;
    const part = body.subarray(start + 1, next === -1 ? body.length : next);
    parts.push(part.subarray(0, part.length - (part.toString('latin1').endsWith('\r\n') ? 2 : 1)));
    at = next;
  }
  return parts;
}

function decodeTransfer(body: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body.toString('latin1'), 'base64');
  if (encoding !== 'quoted-printable') return body;
  return decodeQuoted(
    body
      .toString('latin1')
      .replace(/[ \t]+(?=\r?\n|$)/g, '')
      .replace(/=\r?\n/g, ''),
  );
}

function decodeQuoted(text: string): Buffer {
  return Buffer.from(
    text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
}

function decodeCharset(bytes: Buffer, charset = 'utf-8'): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

/** RFC 2047: `=?utf-8?Q?caf=C3=A9?=` */
export function decodeWords(text: string): string {
  return text
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(/=\?([^?]+)\?([BbQq])\?([^?]*)\?=/g, (_, charset: string, kind: string, encoded: string) => {
      const bytes =
        kind.toUpperCase() === 'B'
          ? Buffer.from(encoded, 'base64')
          : decodeQuoted(encoded.replace(/_/g, ' '));
      return decodeCharset(bytes, charset);
    });
}

/** A parameter of a header, which may be encoded and in pieces (RFC 2231). */
export function attribute(header: string, name: string): string | undefined {
  const pattern = new RegExp(`;\\s*${name}(\\*\\d+)?(\\*)?=(?:"([^"]*)"|([^;\\s]+))`, 'gi');
  const all = [...header.matchAll(pattern)].map(([, place, star, quoted, bare]) => ({
    place: place === undefined ? undefined : Number(place.slice(1)),
    encoded: star !== undefined,
    text: quoted ?? bare ?? '',
  }));
  const extended = all.filter(({ place, encoded }) => encoded || place !== undefined);
  if (extended.length === 0) return all[0]?.text;
  extended.sort((one, other) => (one.place ?? 0) - (other.place ?? 0));
  const text = extended.map((piece) => piece.text).join('');
  const [, charset, escaped] = /^([\w-]*)'[^']*'([^]*)$/.exec(text) ?? [];
  if (escaped === undefined) return text;
  return decodeCharset(
    decodeQuoted(escaped.replace(/=/g, '=3D').replace(/%(?=[0-9a-f]{2})/gi, '=')),
    charset || undefined,
  );
}
