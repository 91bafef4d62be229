import fs from 'node:fs';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from './fixtures';
import { historiesFolder, readHistory } from './history';

jest.setTimeout(240_000);

const files = fs.readdirSync(historiesFolder).filter((file) => file.endsWith('.json'));

it('there are recorded histories', () => {
  expect(files.length).toBeGreaterThanOrEqual(4);
});

/** A change to a workflow that fails here breaks conversations that are under way: guard it with `patched`. */
it.each(files)('%s: the workflow of today decides as the one that was recorded', async (file) => {
  const workflowId = path.basename(file, '.json');
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, readHistory(file), workflowId);
});
