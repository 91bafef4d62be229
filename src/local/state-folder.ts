import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { StartError } from './start-error';

/** What stays between starts of this folder: the data of PostgreSQL and Temporal, ports, the secret key, logs. */
export type StateFolder = {
  path: string;
  logFile(name: string): string;
  read<T>(name: string): T | undefined;
  write(name: string, value: unknown): void;
  /** Made at the first call and kept: what it has sealed in the database can be opened with it alone. */
  secretKey(): string;
};

export function openStateFolder(folder: string): StateFolder {
  const logs = path.join(folder, 'logs');
  assertWritable(folder, logs);
  const fileOf = (name: string) => path.join(folder, `${name}.json`);
  return {
    path: folder,
    logFile: (name) => path.join(logs, `${name}.log`),
    read: <T>(name: string) => readJson<T>(fileOf(name)),
    write(name, value) {
      const draft = `${fileOf(name)}.new`;
      fs.writeFileSync(draft, JSON.stringify(value, null, 2), { mode: 0o600 });
      fs.renameSync(draft, fileOf(name));
    },
    secretKey: () => readOrMakeSecret(path.join(folder, 'secret-key')),
  };
}

/** Keeps the log of the last start as `<name>.log.1` and begins a new one. */
export function rotateLogs(state: StateFolder, names: string[]): void {
  for (const file of names.map((name) => state.logFile(name))) {
    if (fs.existsSync(file)) fs.renameSync(file, `${file}.1`);
  }
}

function assertWritable(folder: string, logs: string): void {
  const probe = path.join(folder, `.probe-${process.pid}`);
  try {
    fs.mkdirSync(logs, { recursive: true });
    fs.writeFileSync(probe, '');
    fs.rmSync(probe);
    fs.accessSync(logs, fs.constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      { EACCES: 'no permission', EPERM: 'no permission', EROFS: 'read-only', ENOSPC: 'no space left' }[
        code ?? ''
      ] ?? String(code);
    throw new StartError(
      `Parley cannot write to ${folder} (${why}), where it keeps its data. Free the folder (for example ` +
        `\`sudo chown -R "$(id -un)" ${folder}\` when an earlier start ran as root), or name another one in ` +
        'PARLEY_DATA_DIR.',
    );
  }
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

function readOrMakeSecret(file: string): string {
  if (!fs.existsSync(file)) {
    fs.writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600, flag: 'wx' });
  }
  return fs.readFileSync(file, 'utf8').trim();
}
