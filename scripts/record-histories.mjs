// Records anew the histories that tests/workflows/replay.test.ts replays: `node scripts/record-histories.mjs`.
// Do it when a workflow is new or a `patched` guard is removed; old histories stay as long as such runs may exist.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', 'tests/workflows'], {
  stdio: 'inherit',
  env: { ...process.env, PARLEY_RECORD_HISTORIES: '1' },
});
process.exitCode = status ?? 1;
