export type ParsedMail = {
  headers: { name: string; value: string }[];
  text: string;
  html: string;
  attachments: { filename: string; mimeType: string; size: number }[];
};

type Headers = { name: string; value: string }[];

/** Reads a mail as far as showing it takes: nested multiparts, transfer encodings, charsets, encoded words. */
export function parseMail(raw: Buffer): ParsedMail {
  const mail: ParsedMail = { headers: [], text: '', html: '', attachments: [] };
  const { headers, body } = split(raw);
  mail.headers = headers.map(({ name, value }) => ({ name, value: decodeWords(value) }));
  walk(headers, body, mail);
  return mail;
}

export function headerOf(headers: Headers, name: string): string {
  return headers.find((header) => header.name.toLowerCase() === name)?.value ?? '';
}

function walk(headers: Headers, body: Buffer, mail: ParsedMail): void {
  const type = headerOf(headers, 'content-type') || 'text/plain';
  const mimeType = type.split(';')[0]!.trim().toLowerCase();
  const boundary = attribute(type, 'boundary');
  if (mimeType.startsWith('multipart/') && boundary !== undefined) {
    for (const part of partsOf(body, boundary)) {
      const { headers: partHeaders, body: partBody } = split(part);
      walk(partHeaders, partBody, mail);
    }
    return;
  }
  const bytes = decodeTransfer(body, headerOf(headers, 'content-transfer-encoding').trim().toLowerCase());
  const disposition = headerOf(headers, 'content-disposition');
  const isFile = disposition.toLowerCase().startsWith('attachment') || !mimeType.startsWith('text/');
  if (isFile) {
    const filename = decodeWords(
      attribute(disposition, 'filename') ?? attribute(type, 'name') ?? 'attachment',
    );
    mail.attachments.push({ filename, mimeType, size: bytes.length });
    return;
  }
  const text = decodeCharset(bytes, attribute(type, 'charset'));
  if (mimeType === 'text/html') mail.html += text;
  else mail.text += text;
}

function split(raw: Buffer): { headers: Headers; body: Buffer } {
  const crlf = raw.indexOf('\r\n\r\n');
  const lf = raw.indexOf('\n\n');
  const end = crlf !== -1 && (lf === -1 || crlf < lf) ? crlf : lf;
  const gap = end === crlf ? 4 : 2;
  const head = (end === -1 ? raw : raw.subarray(0, end)).toString('utf8');
  const headers = head
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [{ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }];
    });
  return { headers, body: end === -1 ? Buffer.alloc(0) : raw.subarray(end + gap) };
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
function decodeWords(text: string): string {
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

function attribute(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}\\*?=(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(header);
  const value = match?.[1] ?? match?.[2];
  const extended = value === undefined ? null : /^([\w-]+)'[^']*'(.*)$/.exec(value);
  return extended ? decodeURIComponent(extended[2]!) : value;
}
