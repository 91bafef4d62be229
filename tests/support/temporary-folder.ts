import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A folder for one test or file, open to PostgreSQL's unprivileged account. */
export function createTemporaryFolder(): { path: string; remove(): void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-test-'));
  fs.chmodSync(folder, 0o755);
  return { path: folder, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}
