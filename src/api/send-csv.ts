import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** A file that is made while it is sent, no faster than it is taken. The first part is awaited, so that a refusal is still an answer. */
export async function sendCsv(
  res: Response,
  filename: string,
  parts: AsyncGenerator<string, void, void>,
): Promise<void> {
  const first = await parts.next();
  res.set({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${filename}"`,
  });
  try {
    await pipeline(Readable.from(joined(first, parts), { objectMode: false }), res);
  } catch (error) {
    // Half a file must not look like a whole one; whoever cancels a download is no fault.
    res.destroy();
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

async function* joined(
  first: IteratorResult<string, void>,
  rest: AsyncGenerator<string, void, void>,
): AsyncGenerator<Buffer, void, void> {
  if (!first.done) yield Buffer.from(first.value);
  for await (const part of rest) yield Buffer.from(part);
}
