import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { userCacheFolder } from '../../src/local/cache-folder';
import { findTemporal } from '../../src/local/temporal-binary';
import { searchAttributes } from '../../src/temporal/search-attributes';

/**
 * The test server in which 24 hours pass in a second by `env.sleep`, with the product's search attributes.
 * Set the test's clock forward by the same time; end it with `env.teardown()`.
 */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: testServer() } },
  });
  await env.connection.operatorService.addSearchAttributes({
    namespace: env.namespace,
    searchAttributes: Object.fromEntries(
      Object.values(searchAttributes).map(({ name, type }) => [
        name,
        encodeSearchAttributeIndexedValueType(type)!,
      ]),
    ),
  });
  return env;
}

/** The real development server, in memory, with the product's search attributes. End it with `env.teardown()`. */
export async function localServer(options: { extraArgs?: string[] } = {}): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: await developmentServer() },
      log: { format: 'pretty', level: 'error' },
      searchAttributes: Object.values(searchAttributes),
      extraArgs: options.extraArgs ?? [],
    },
  });
}

/** The `temporal` program; found without a download after `npm test` has run once. */
export function developmentServer(): Promise<string> {
  return findTemporal({
    searchPath: (process.env.PATH ?? '').split(path.delimiter),
    cacheFolder: userCacheFolder(),
    say: () => undefined,
  });
}

function testServer(): string {
  const script = path.join(userCacheFolder(), 'temporal-test-server/run');
  if (!fs.existsSync(script)) {
    const prepare = path.resolve(__dirname, '../../scripts/prepare-tests.mjs');
    execFileSync(process.execPath, [prepare], { stdio: 'pipe' });
  }
  return script;
}
