import fs from 'node:fs';
import path from 'node:path';
import { openStateFolder, rotateLogs } from '../../src/local/state-folder';
import { createTemporaryFolder } from '../support/temporary-folder';

describe('the state folder', () => {
  const temporary = createTemporaryFolder();
  const folder = path.join(temporary.path, '.data');
  afterAll(() => temporary.remove());

  it('makes one secret key and keeps it to its owner', () => {
    const key = openStateFolder(folder).secretKey();
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
    expect(openStateFolder(folder).secretKey()).toBe(key);
    expect(fs.statSync(path.join(folder, 'secret-key')).mode & 0o777).toBe(0o600);
  });

  it('remembers what is written', () => {
    openStateFolder(folder).write('ports', { api: 3000 });
    expect(openStateFolder(folder).read('ports')).toEqual({ api: 3000 });
    expect(openStateFolder(folder).read('unknown')).toBeUndefined();
  });

  it('keeps the logs of the last start beside the new ones', () => {
    const state = openStateFolder(folder);
    fs.writeFileSync(state.logFile('api'), 'old');
    rotateLogs(state, ['api', 'worker']);
    expect(fs.readdirSync(path.join(folder, 'logs'))).toEqual(['api.log.1']);
  });

  it('says where it cannot write, and the remedy', () => {
    const file = path.join(temporary.path, 'file');
    fs.writeFileSync(file, '');
    expect(() => openStateFolder(path.join(file, '.data'))).toThrow(
      /Parley cannot write to .*file\/\.data .*PARLEY_DATA_DIR/s,
    );
  });
});
