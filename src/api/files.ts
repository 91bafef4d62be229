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
        `The file is larger than ${sizeText(maxBytes)}. Send a smaller one.`,
      );
    chunks.push(chunk);
  }
  return {
    bytes: Buffer.concat(chunks),
    mimeType: req.headers['content-type'] ?? 'application/octet-stream',
  };
}

const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${bytes / 1024} KB` : `${bytes / 1024 / 1024} MB`;

/** Types that a page may show in place; everything else is only ever downloaded. */
const shown = /^(image\/(png|jpeg|webp|gif)|audio\/|video\/|application\/pdf$)/;

/** Sandboxed: whatever is in a file, it never runs as a page of ours. */
const harmless = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'x-content-type-options': 'nosniff',
};

/** A picture for everybody, on pages of others too: mail programs show it. Its address changes with it, so it is kept long. */
export function sendPublicPicture(
  req: Request,
  res: Response,
  picture: { bytes: Buffer; mimeType: string; hash: string },
): void {
  res.set({
    ...harmless,
    'content-type': picture.mimeType,
    'cache-control': 'public, max-age=31536000',
    'cross-origin-resource-policy': 'cross-origin',
    etag: `"${picture.hash}"`,
  });
  if (req.fresh) res.status(304).end();
  else res.status(200).end(picture.bytes);
}

/**
 * A file as it was sent, with byte ranges so that players can seek.
 */
export function sendFile(
  req: Request,
  res: Response,
  file: { bytes: Buffer; mimeType: string; filename: string | null },
  inline = shown,
): void {
  const { bytes } = file;
  res.set({
    ...harmless,
    'content-type': file.mimeType,
    'cache-control': 'private, max-age=31536000, immutable',
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
