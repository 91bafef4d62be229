export type MultipartPart = { name: string; filename?: string; mimeType?: string; bytes: Buffer };

/** Parses a multipart/form-data body (RFC 7578) that is in memory as a whole; undefined when it is none. */
export function parseMultipart(contentType: string, body: Buffer): MultipartPart[] | undefined {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  if (!boundary) return undefined;
  const delimiter = Buffer.from(`--${boundary[1] ?? boundary[2]}`);
  const parts: MultipartPart[] = [];
  let at = body.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    if (body.subarray(start, start + 2).toString('latin1') === '--') return parts;
    const next = body.indexOf(delimiter, start);
    if (next === -1) return undefined;
    // Between the delimiters stand CRLF, the part, CRLF.
    const part = parsePart(body.subarray(start + 2, next - 2));
    if (part) parts.push(part);
    at = next;
  }
  return undefined;
}

function parsePart(bytes: Buffer): MultipartPart | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = bytes.subarray(0, end).toString('utf8');
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? '';
  const name = attribute(disposition, 'name');
  if (name === undefined) return undefined;
  return {
    name,
    filename: attribute(disposition, 'filename'),
    mimeType: /^content-type:\s*(.*)$/im.exec(head)?.[1]?.trim(),
    bytes: bytes.subarray(end + 4),
  };
}

function attribute(header: string, name: string): string | undefined {
  const match =
    new RegExp(`[;\\s]${name}="((?:[^"\\\\]|\\\\.)*)"`, 'i').exec(header) ??
    new RegExp(`[;\\s]${name}=([^;\\s]+)`, 'i').exec(header);
  return match?.[1]?.replace(/\\(.)/g, '$1').replace(/%22/g, '"');
}
