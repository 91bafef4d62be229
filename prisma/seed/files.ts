import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export type DemoFile = { bytes: Buffer; mimeType: string; filename: string; sha256: string };

/** What candidates sent along. */
export const loadFiles = (): Record<string, DemoFile> => ({
  certificate: load('certificate.jpg', 'image/jpeg'),
  cv: load('cv.pdf', 'application/pdf'),
});

function load(filename: string, mimeType: string): DemoFile {
  const bytes = readFileSync(path.join(__dirname, 'files', filename));
  return { bytes, mimeType, filename, sha256: createHash('sha256').update(bytes).digest('hex') };
}
