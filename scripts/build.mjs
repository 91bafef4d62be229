// Builds what is stale and says a line for each step that ran: the Prisma client, dist/ (CommonJS), the workflow
// bundle, the web inbox. `--generate-only` stops after the Prisma client, `--workflows-only` makes nothing but the bundle.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { withFolderLock } from './folder-lock.mjs';

const root = path.resolve(import.meta.dirname, '..');
const sourceFolders = ['src', 'workflows', 'activities', 'prisma', 'bench', 'generated'];
const generatedClient = path.join(root, 'generated/prisma/client.ts');
const stateFile = path.join(root, 'dist/.build.json');

process.chdir(root);
await withFolderLock(path.join(root, '.cache/build.lock'), build);

async function build() {
  const state = readState();
  const only = { '--generate-only': generatePrismaClient, '--workflows-only': bundleWorkflows }[
    process.argv[2]
  ];
  const steps = only ? [only] : [generatePrismaClient, transpile, bundleWorkflows, buildWeb];
  // Every step gets its turn, so that a fault in the web pages does not keep the server from being built.
  for (const step of steps) {
    try {
      await step(state);
    } catch (error) {
      console.error(`${step.name}: ${error.message}`);
      process.exitCode = 1;
    }
    writeState(state);
  }
}

function generatePrismaClient(state) {
  const key = hashContents(['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json']);
  if (state.client === key && fs.existsSync(generatedClient)) return;
  const started = performance.now();
  const run = spawnSync(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`prisma generate failed\n${run.stdout}${run.stderr}`);
  state.client = key;
  say('Prisma client generated', started);
}

/** One output for each source file, redone when its time or size changed; other files (pages, SQL) are copied. */
async function transpile(state) {
  const started = performance.now();
  const tools = hashContents(['package-lock.json', 'scripts/build.mjs']);
  const before = state.tools === tools ? (state.files ?? {}) : {};
  const now = Object.fromEntries(sourceFolders.flatMap(listFiles).filter(isServerSide).map(stamp));
  const stale = Object.keys(now).filter(
    (file) => before[file] !== now[file] || !fs.existsSync(outputOf(file)),
  );
  const gone = Object.keys(before).filter((file) => !(file in now));
  if (stale.length + gone.length === 0) return;

  for (const file of gone) {
    fs.rmSync(outputOf(file), { force: true });
    fs.rmSync(`${outputOf(file)}.map`, { force: true });
  }
  const { transformFile } = await import('@swc/core');
  const faults = [];
  await Promise.all(
    stale.map((file) =>
      writeOutput(file, transformFile).catch((error) => {
        delete now[file];
        faults.push(`${file}: ${error.message}`);
      }),
    ),
  );
  state.tools = tools;
  state.files = now;
  if (faults.length > 0) throw new Error(`\n${faults.join('\n')}`);
  say(`${stale.length} files transpiled`, started);
}

async function writeOutput(file, transformFile) {
  const output = outputOf(file);
  fs.mkdirSync(path.dirname(output), { recursive: true });
  if (!file.endsWith('.ts')) return fs.copyFileSync(file, output);
  const { code, map } = await transformFile(file, {
    swcrc: false,
    sourceMaps: true,
    sourceFileName: path.relative(path.dirname(output), file),
    jsc: { target: 'es2022', parser: { syntax: 'typescript' }, keepClassNames: true },
    module: { type: 'commonjs', ignoreDynamic: true },
  });
  fs.writeFileSync(`${output}.map`, map);
  fs.writeFileSync(output, `${code}\n//# sourceMappingURL=${path.basename(output)}.map\n`);
}

async function bundleWorkflows(state) {
  if (!fs.existsSync('workflows/index.ts')) return;
  const key = hashContents([
    ...withImports(['workflows/index.ts']),
    'package-lock.json',
    'scripts/build.mjs',
  ]);
  if (state.workflows === key && fs.existsSync('dist/workflow-bundle.js')) return;
  const started = performance.now();
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const faults = [];
  const note = (message) => faults.push(message);
  const quiet = { trace() {}, debug() {}, info() {}, log() {}, warn: note, error: note };
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.resolve('workflows/index.ts'),
    logger: quiet,
  }).catch((error) => {
    throw new Error([error.message, ...faults].join('\n'));
  });
  fs.mkdirSync('dist', { recursive: true });
  fs.writeFileSync('dist/workflow-bundle.js', code);
  state.workflows = key;
  say('workflows bundled', started);
}

async function buildWeb(state) {
  const configFile = path.resolve('src/web/vite.config.ts');
  if (!fs.existsSync(configFile)) return;
  const key = hashContents([...withImports(listFiles('src/web')), 'package-lock.json', 'scripts/build.mjs']);
  if (state.web === key && fs.existsSync('dist/web/index.html')) return;
  const started = performance.now();
  const { build: viteBuild } = await import('vite');
  await viteBuild({
    configFile,
    logLevel: 'error',
    build: { outDir: path.resolve('dist/web'), emptyOutDir: true },
  });
  state.web = key;
  say('web inbox built', started);
}

/** The files and all they import by relative path; what is imported for its types alone does not count. */
function withImports(files) {
  const seen = new Set(files);
  for (const file of seen) {
    if (!/\.tsx?$/.test(file)) continue;
    const code = fs.readFileSync(file, 'utf8');
    for (const [, specifier] of code.matchAll(/^(?!import type|export type)[^\n]*?from '(\.[^']*)'/gm)) {
      const target = path.join(path.dirname(file), specifier);
      const found = [`${target}.ts`, `${target}.tsx`, `${target}/index.ts`, target].find(isFile);
      if (found) seen.add(found);
    }
  }
  return [...seen].sort();
}

function listFiles(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function isServerSide(file) {
  return !file.startsWith(path.join('src', 'web') + path.sep);
}

function isFile(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function outputOf(file) {
  return path.join('dist', file.replace(/\.ts$/, '.js'));
}

function stamp(file) {
  const { mtimeMs, size } = fs.statSync(file);
  return [file, `${mtimeMs}:${size}`];
}

function hashContents(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    if (fs.existsSync(file)) hash.update(file).update('\0').update(fs.readFileSync(file)).update('\0');
  }
  return hash.digest('base64');
}

function readState() {
  try {
    return JSON.parse(fs.readFileSync(stateFile, 'utf8'));
  } catch {
    return {};
  }
}

function writeState(state) {
  fs.mkdirSync(path.dirname(stateFile), { recursive: true });
  fs.writeFileSync(stateFile, JSON.stringify(state));
}

function say(what, startedAt) {
  console.log(`${what} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
}
