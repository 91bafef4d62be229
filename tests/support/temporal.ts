import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { extractReferenceHolders } from '@temporalio/worker/lib/connection';
import { userCacheFolder } from '../../src/local/cache-folder';
import { findTemporal } from '../../src/local/temporal-binary';
import { searchAttributes } from '../../src/temporal/search-attributes';
import { waitFor } from './wait';

/**
 * The test server in which 24 hours pass in a second by `env.sleep`, with the product's search attributes.
 * Set the test's clock forward by the same time; end it with `env.teardown()`.
 */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const script = testServer();
  const env = await patiently(() =>
    TestWorkflowEnvironment.createTimeSkipping({
      // Without a script there is no Maven here: the SDK downloads the server by itself.
      server: script ? { executable: { type: 'existing-path', path: script } } : {},
    }),
  );
  await env.connection.operatorService.addSearchAttributes({
    namespace: env.namespace,
    searchAttributes: Object.fromEntries(
      Object.values(searchAttributes).map(({ name, type }) => [
        name,
        encodeSearchAttributeIndexedValueType(type)!,
      ]),
    ),
  });
  return endedByTeardown(env);
}

/** The real development server, in memory, with the product's search attributes. End it with `env.teardown()`. */
export async function localServer(options: { extraArgs?: string[] } = {}): Promise<TestWorkflowEnvironment> {
  const program = await developmentServer();
  const env = await patiently(() =>
    TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path: program },
        log: { format: 'pretty', level: 'error' },
        searchAttributes: Object.values(searchAttributes),
        extraArgs: options.extraArgs ?? [],
      },
    }),
  );
  return endedByTeardown(env);
}

/** A worker lets go of its connection a moment after its run has ended; a teardown before that closes nothing. */
function endedByTeardown(env: TestWorkflowEnvironment): TestWorkflowEnvironment {
  const teardown = env.teardown.bind(env);
  env.teardown = async () => {
    const holders = extractReferenceHolders(env.nativeConnection);
    await waitFor(() => holders.size === 0, {
      what: 'the workers to let go of their connection',
      timeoutMs: 60_000,
    });
    await teardown();
  };
  return env;
}

/** The SDK gives a server five seconds, which a busy machine may not have for it at once. */
async function patiently<T>(start: () => Promise<T>, attempts = 8): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (attempts === 1 || !/did not start within/.test(String(error))) throw error;
    return patiently(start, attempts - 1);
  }
}

/** The `temporal` program; found without a download after `npm test` has run once. */
function developmentServer(): Promise<string> {
  return findTemporal({
    searchPath: (process.env.PATH ?? '').split(path.delimiter),
    cacheFolder: userCacheFolder(),
    say: () => undefined,
  });
}

function testServer(): string | undefined {
  const script = path.join(userCacheFolder(), 'temporal-test-server/start');
  if (!fs.existsSync(script)) {
    const prepare = path.resolve(__dirname, '../../scripts/prepare-tests.mjs');
    execFileSync(process.execPath, [prepare], { stdio: 'pipe' });
  }
  return fs.existsSync(script) ? script : undefined;
}
