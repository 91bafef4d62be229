import { createHash } from 'node:crypto';
import type { Context } from './context';
import { newObjectId } from './ids';
import type { Media } from './model';

export type File = { bytes: Buffer; mimeType: string; filename?: string };

export async function storeMedia(context: Context, phoneNumberId: string, file: File): Promise<Media> {
  const media: Media = {
    id: newObjectId(),
    phoneNumberId,
    mimeType: file.mimeType,
    filename: file.filename,
    sha256: createHash('sha256').update(file.bytes).digest('hex'),
    size: file.bytes.length,
    createdAt: context.clock.now().getTime(),
  };
  // The bytes first: a record never points at nothing.
  await context.store.writeBlob(media.id, file.bytes);
  context.store.put('media', media);
  return media;
}

/** Fetches what a `link` points at, as Meta does after accepting the message. */
export async function downloadLink(link: string, maxBytes: number): Promise<File> {
  const response = await fetch(link, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok)
    throw new Error(`Downloading media from weblink failed with http code ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  if (bytes.length > maxBytes) throw new Error(`Media file size too big: ${bytes.length} bytes`);
  return { bytes, mimeType: response.headers.get('content-type') ?? 'application/octet-stream' };
}
