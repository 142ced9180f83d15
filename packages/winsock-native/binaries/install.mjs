// `node packages/winsock-native/binaries/install.mjs [VERSION...]` in the root, after a build: packs every package as it is published, installs
// each from its tarballs alone with npm in an empty project, on each of these versions of Node (default: this one's), and
// runs the first program of its README. `MAJOR.MINOR` is the newest such version when it was fetched.
//
// The addon must come out of prebuilds/ (no compiler is on PATH), and where that is taken away the import must name the
// command that builds one, which then must work. What it loads is hashed and remembered (runs.mjs).
// Exit code: 0 all passed, 1 something failed, 77 nothing failed but a version could not be had.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { tellCounts } from '../../../tools/counts.mjs';
import { recordRun } from './runs.mjs';

const SKIPPED = 77;
const CACHE = resolve(process.env.NETLOOM_NODES_CACHE ?? 'node_modules/.cache/nodes');
const NODE = `node-${process.platform}-${process.arch}`;
const NATIVE = '@netloom/winsock-native';
const QUIET = '--no-audit --no-fund --loglevel=error'.split(' ');

const scratch = mkdtempSync(join(tmpdir(), 'netloom-install-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

const ASK = `import { createRequire } from 'node:module';
const require = createRequire(import.meta.resolve('${NATIVE}'));
await import('${NATIVE}');
console.log(Object.keys(require.cache).find((f) => f.endsWith('.node')));`;

let passed = 0;
let failed = 0;
let skipped = 0;
const packages = pack();
const versions = process.argv.slice(2);
for (const version of versions.length > 0 ? versions : [process.versions.node]) tryOn(version);
console.log(`# pass ${passed}\n# fail ${failed}`);
tellCounts({ passed, failed, skipped });
process.exitCode = failed > 0 ? 1 : skipped > 0 ? SKIPPED : 0;

/** Every published package, with its tarball. */
function pack() {
  return readdirSync('packages').map((room) => {
    const dir = resolve('packages', room);
    const { name } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    const before = new Set(readdirSync(scratch));
    // pnpm's, because npm's leaves `workspace:` in the manifest.
    must('pnpm', ['pack', '--pack-destination', scratch], dir);
    const made = readdirSync(scratch).find((f) => f.endsWith('.tgz') && !before.has(f));
    return { name, dir, tarball: join(scratch, made) };
  });
}

function tryOn(version) {
  const node = nodeOf(version);
  if (node === undefined) {
    console.log(`skipped node ${version}: the package registry gave no ${NODE}@${version}`);
    skipped++;
    return;
  }
  const env = environmentOf(node);
  for (const one of packages) {
    const project = join(scratch, `${version}-${one.name.slice(one.name.indexOf('/') + 1)}`);
    check(`node ${version}: ${one.name} alone`, () => {
      install(project, [one], env);
      must(node, ['--input-type=module', '-e', `await import('${one.name}')`], project, env);
    });
    check(`node ${version}: README of ${one.name}`, () => runReadme(project, one, node, env));
    if (one.name !== NATIVE) continue;
    check(`node ${version}: the binary is the one that ships`, () =>
      whichBinary(project, node, env),
    );
    check(`node ${version}: no binary`, () => withoutBinary(project, node, env));
  }
}

/** What is asked for, and its siblings as tarballs too where it needs them, because no registry has them. */
function install(project, wanted, env) {
  mkdirSync(project, { recursive: true });
  const overrides = {};
  for (const one of packages)
    if (!wanted.includes(one)) overrides[one.name] = `file:${one.tarball}`;
  const manifest = { name: 'empty', private: true, type: 'module', overrides };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  must('npm', ['install', ...QUIET, ...wanted.map(({ tarball }) => tarball)], project, env);
}

function runReadme(project, one, node, env) {
  const [, program] =
    /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(one.dir, 'README.md'), 'utf8')) ?? [];
  if (program === undefined) throw new Error('its README begins with no program');
  // It may show the package with its siblings.
  const shown = packages.filter(({ name }) => program.includes(`'${name}`));
  if (shown.some((other) => other !== one)) install(project, [...new Set([one, ...shown])], env);
  // The types are taken out by the repository's own compiler: Node before 24 does not.
  writeFileSync(join(project, 'program.ts'), program);
  const flags =
    '--format=esm --platform=node --target=node20 --supported:top-level-await=true'.split(' ');
  must(esbuild(), ['program.ts', '--outfile=program.mjs', '--log-level=error', ...flags], project);
  must(node, ['program.mjs'], project, env);
}

function whichBinary(project, node, env) {
  const loaded = must(node, ['--input-type=module', '-e', ASK], project, env).trim();
  if (!loaded.includes(`${join('prebuilds', `${process.platform}-${process.arch}`)}`))
    throw new Error(`loaded ${loaded}`);
  recordRun(loaded, 'install', `README on Node ${must(node, ['--version'], project).trim()}`);
}

function withoutBinary(project, node, env) {
  rmSync(join(project, 'node_modules', NATIVE, 'prebuilds'), { recursive: true });
  const args = ['--input-type=module', '-e', `await import('${NATIVE}')`];
  const refused = spawnSync(node, args, { cwd: project, env, encoding: 'utf8' });
  const command = /build one with: (npx [\w-]+)/.exec(refused.stderr)?.[1];
  if (refused.status === 0 || command === undefined)
    throw new Error(`the import named no command: ${refused.stderr}`);
  // With the compiler this time.
  const full = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
  must('npx', ['--no-install', ...command.split(' ').slice(1)], project, full);
  must(node, args, project, env);
}

/** That Node and npm, and the shell that npm starts; no compiler, no make, no Python. */
function environmentOf(node) {
  const bin = join(scratch, `bin-${process.pid}-${readdirSync(scratch).length}`);
  mkdirSync(bin);
  for (const program of ['sh', 'env', 'npm', 'npx', 'uname', 'cat', 'sed', 'dirname', 'basename']) {
    const found = spawnSync('sh', ['-c', `command -v ${program}`], {
      encoding: 'utf8',
    }).stdout.trim();
    if (found !== '') symlinkSync(found, join(bin, program));
  }
  symlinkSync(node, join(bin, 'node'));
  return { ...process.env, PATH: bin, NODE_OPTIONS: '', CXX: '', NO_COLOR: '1' };
}

function nodeOf(version) {
  if (process.versions.node === version) return process.execPath;
  const folder = join(CACHE, version);
  const node = join(folder, 'node_modules', NODE, 'bin/node');
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--no-save', '--no-package-lock', ...QUIET, '--prefix', folder];
    spawnSync('npm', [...args, `${NODE}@${version}`], { stdio: 'ignore', timeout: 300_000 });
  }
  return existsSync(node) && spawnSync(node, ['--version']).status === 0 ? node : undefined;
}

function esbuild() {
  const store = resolve('node_modules/.pnpm');
  const folder = readdirSync(store).find((f) => f.startsWith('esbuild@'));
  return join(store, folder ?? '', 'node_modules/esbuild/bin/esbuild');
}

function check(name, body) {
  try {
    body();
    passed++;
    console.log(`ok     ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}: ${error.message}`);
  }
}

/** What a program printed; an error where it failed. */
function must(command, args, cwd, env = process.env) {
  const ended = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 180_000 });
  if (ended.status === 0) return ended.stdout;
  const how = ended.error?.message ?? ended.signal ?? `exit code ${ended.status}`;
  throw new Error(`${command} ${args.join(' ')}: ${how}\n${ended.stdout}${ended.stderr}`);
}
