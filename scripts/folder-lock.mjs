import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const longestWaitMs = 180_000;

/** Runs `work` while no other process of this folder does; a lock left behind by a killed process is taken over. */
export async function withFolderLock(file, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const deadline = performance.now() + longestWaitMs;
  while (!take(file)) {
    if (performance.now() > deadline)
      throw new Error(`${file} is held for too long; delete it if nothing is running`);
    await sleep(50);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!holderIsAlive(file)) fs.rmSync(file, { force: true });
  return false;
}

function holderIsAlive(file) {
  try {
    const pid = Number(fs.readFileSync(file, 'utf8'));
    // Empty for the moment between creation and writing.
    if (pid === 0) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
