import type { Request, Response } from 'express';
import { DomainError } from '../domain/errors';

/** WhatsApp's own limit for documents is 100 MB; a file is held in memory once. */
const maxUploadBytes = 100 * 1024 * 1024;

/** The raw body of an upload. */
export async function readUpload(
  req: Request,
  maxBytes = maxUploadBytes,
): Promise<{ bytes: Buffer; mimeType: string }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes)
      throw new DomainError(
        'too_large',
        `The file is larger than ${maxBytes / 1024 / 1024} MB. Send a smaller one.`,
      );
    chunks.push(chunk);
  }
  return {
    bytes: Buffer.concat(chunks),
    mimeType: req.headers['content-type'] ?? 'application/octet-stream',
  };
}

/** Types that a page may show in place; everything else is only ever downloaded. */
const shown = /^(image\/(png|jpeg|webp|gif)|audio\/|video\/|application\/pdf$)/;

/**
 * A file as it was sent, with byte ranges so that players can seek. Sandboxed: whatever is in it, it never runs as a page of ours.
 */
export function sendFile(
  req: Request,
  res: Response,
  file: { bytes: Buffer; mimeType: string; filename: string | null },
  inline = shown,
): void {
  const { bytes } = file;
  res.set({
    'content-type': file.mimeType,
    'cache-control': 'private, max-age=31536000, immutable',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
    'content-disposition': `${inline.test(file.mimeType) ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeFilename(file.filename ?? 'file')}`,
  });
  const ranges = req.range(bytes.length);
  if (ranges === -1) {
    res.status(416).set('content-range', `bytes */${bytes.length}`).end();
  } else if (Array.isArray(ranges) && ranges.type === 'bytes' && ranges.length === 1) {
    const { start, end } = ranges[0]!;
    res
      .status(206)
      .set('content-range', `bytes ${start}-${end}/${bytes.length}`)
      .end(bytes.subarray(start, end + 1));
  } else {
    res.status(200).end(bytes);
  }
}

const encodeFilename = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
