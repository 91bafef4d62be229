// Gets, once, the servers the workflow tests run on: Temporal's development server and its time-skipping test server.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFolderLock } from './folder-lock.mjs';
import { unusedPort } from './unused-port.mjs';

const require = createRequire(import.meta.url);
const { findTemporal } = require('../dist/src/local/temporal-binary.js');
const { userCacheFolder } = require('../dist/src/local/cache-folder.js');

const testServerVersion = '1.38.0';
const cacheFolder = userCacheFolder();

await withFolderLock(path.join(cacheFolder, 'prepare-tests.lock'), async () => {
  const searchPath = (process.env.PATH ?? '').split(path.delimiter);
  await findTemporal({ searchPath, cacheFolder, say: (line) => console.log(line) });
  await prepareTestServer(path.join(cacheFolder, 'temporal-test-server'));
});

/** Maven brings it wherever Maven works; `tests/support/temporal.ts` starts it by the script written here. */
async function prepareTestServer(home) {
  const script = path.join(home, 'start');
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
  const java = 'java -XX:+UseSerialGC -XX:TieredStopAtLevel=1';
  const server = `-cp '${home}/lib/*' io.temporal.testserver.TestServer`;
  const classes = path.join(home, 'classes.jsa');
  await archiveClasses(`exec ${java} -XX:ArchiveClassesAtExit='${classes}' ${server}`);
  // The SDK gives the server five seconds to start: read from an archive, its classes take a third of the time.
  const shared = fs.existsSync(classes) ? ` -XX:SharedArchiveFile='${classes}'` : '';
  const draft = `${script}.new`;
  fs.writeFileSync(draft, `#!/bin/sh\nexec ${java}${shared} ${server} "$@"\n`, { mode: 0o755 });
  fs.renameSync(draft, script);
}

/** Starts the server once and ends it when it answers. A Java that cannot archive (before 13) ends by itself: then there is no archive. */
async function archiveClasses(command) {
  const port = await unusedPort();
  const server = spawn('/bin/sh', ['-c', `${command} ${port}`], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  const over = () => server.exitCode !== null || server.signalCode !== null;
  while (!over() && !(await answers(port))) await sleep(50);
  server.kill();
  await ended;
}

async function answers(port) {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
