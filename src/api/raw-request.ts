import type { IncomingMessage, ServerResponse } from 'node:http';

const maxBodyBytes = 4 * 1024 * 1024;

/** The bytes as received: webhooks are signed over them. */
export function readBody(req: IncomingMessage): Promise<Buffer | 'too large' | 'broken off'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) {
        resolve('too large');
        chunks.length = 0;
      } else {
        chunks.push(chunk);
      }
    });
    req.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    req.on('error', () => resolve('broken off'));
    req.on('close', () => resolve('broken off'));
  });
}

/** Without a body. */
export function respond(res: ServerResponse, status: number): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, { 'Content-Length': '0' });
  res.end();
}
