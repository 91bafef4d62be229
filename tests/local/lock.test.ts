import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { LockHeldError, takeLock } from '../../src/local/lock';
import { markOf } from '../../src/local/processes';
import { createTemporaryFolder } from '../support/temporary-folder';

const run = promisify(execFile);
const builtLock = path.resolve(__dirname, '../../dist/src/local/lock.js');

describe('takeLock', () => {
  const folder = createTemporaryFolder();
  const file = path.join(folder.path, 'lock');

  afterEach(() => fs.rmSync(file, { force: true }));
  afterAll(() => folder.remove());

  it('takes a free lock and gives it back', () => {
    const lock = takeLock(file);
    expect(fs.existsSync(file)).toBe(true);
    lock.release();
    expect(fs.existsSync(file)).toBe(false);
  });

  it('tells who holds it', async () => {
    const holder = spawn('sleep', ['60']);
    await once(holder, 'spawn');
    fs.writeFileSync(file, JSON.stringify(markOf(holder.pid!)));
    expect(() => takeLock(file)).toThrow(LockHeldError);
    expect(() => takeLock(file)).toThrow(`held by process ${holder.pid}`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    takeLock(file).release();
  });

  it('takes over from a killed process whose id belongs to another by now', () => {
    fs.writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: '1' }));
    takeLock(file).release();
  });

  it.each(['', '{"pid":', 'null'])('takes over a lock that was never written to its end: %j', (content) => {
    fs.writeFileSync(file, content);
    takeLock(file).release();
  });

  it('leaves the lock alone that another has taken over meanwhile', () => {
    const lock = takeLock(file);
    fs.writeFileSync(file, 'of somebody else');
    lock.release();
    expect(fs.readFileSync(file, 'utf8')).toBe('of somebody else');
  });

  it('gives a stale lock to exactly one of many that want it at once', async () => {
    fs.writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: '1' }));
    const attempt = `
      const { takeLock } = require(${JSON.stringify(builtLock)});
      try { takeLock(${JSON.stringify(file)}); process.stdout.write('taken'); }
      catch (error) { process.stdout.write(error.name); }
      // Alive until all have tried.
      process.stdin.resume().once('end', () => process.exit());`;
    const rivals = Array.from({ length: 6 }, () => run(process.execPath, ['-e', attempt]));
    await Promise.all(rivals.map(({ child }) => once(child.stdout!, 'data')));
    for (const { child } of rivals) child.stdin!.end();
    const answers = (await Promise.all(rivals)).map(({ stdout }) => stdout).sort();
    expect(answers).toEqual([...Array.from({ length: 5 }, () => 'LockHeldError'), 'taken']);
  });
});
