// Gets, once, the servers the workflow tests run on: Temporal's development server and its time-skipping test server.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { withFolderLock } from './folder-lock.mjs';

const require = createRequire(import.meta.url);
const { findTemporal } = require('../dist/src/local/temporal-binary.js');
const { userCacheFolder } = require('../dist/src/local/cache-folder.js');

const testServerVersion = '1.38.0';
const cacheFolder = userCacheFolder();

await withFolderLock(path.join(cacheFolder, 'prepare-tests.lock'), async () => {
  const searchPath = (process.env.PATH ?? '').split(path.delimiter);
  await findTemporal({ searchPath, cacheFolder, say: (line) => console.log(line) });
  prepareTestServer(path.join(cacheFolder, 'temporal-test-server'));
});

/** Maven brings it wherever Maven works; `tests/support/temporal.ts` starts it by the script written here. */
function prepareTestServer(home) {
  const script = path.join(home, 'run');
  if (fs.existsSync(script)) return;
  if (spawnSync('mvn', ['--version']).error) {
    return console.log('Maven is not installed: the Temporal SDK will download its test server by itself');
  }
  console.log(`getting the Temporal test server ${testServerVersion} (38 MB)`);
  fs.mkdirSync(home, { recursive: true });
  fs.writeFileSync(
    path.join(home, 'pom.xml'),
    `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>parley</groupId><artifactId>test-server</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${testServerVersion}</version>
    </dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`,
  );
  execFileSync('mvn', ['--quiet', '--batch-mode', 'dependency:copy-dependencies', '-DoutputDirectory=lib'], {
    cwd: home,
    stdio: 'inherit',
  });
  const java = 'exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1';
  const draft = `${script}.new`;
  fs.writeFileSync(draft, `#!/bin/sh\n${java} -cp '${home}/lib/*' io.temporal.testserver.TestServer "$@"\n`, {
    mode: 0o755,
  });
  fs.renameSync(draft, script);
}
