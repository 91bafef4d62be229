import os from 'node:os';
import path from 'node:path';

/** Where programs that were fetched once stay for every folder and start of this user. */
export function userCacheFolder(): string {
  return path.join(base(), 'parley');
}

function base(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return XDG_CACHE_HOME;
  if (process.platform === 'win32' && LOCALAPPDATA) return LOCALAPPDATA;
  return path.join(os.homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
}
