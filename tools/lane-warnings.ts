/**
 * `pnpm exec tsx tools/lane-warnings.ts`: native/ without a warning from either compiler, g++ and clang++, optimised so that
 * what only shows then is seen; where NETLOOM_FULL is set also clang-tidy with packages/winsock-native/.clang-tidy.
 *
 * Clang is installed where this is root on Debian; elsewhere without it the lane does not run.
 */
import { join } from 'node:path';
import { tellCounts } from './counts.mjs';
import { build, FLAGS, install, NATIVE, ROOM, skip, sourcesOf, start } from './native-compiler.js';

/** Beyond -Wall and -Wextra, which the build has too. */
const MORE = [
  ...['-O2', '-Wshadow', '-Wconversion', '-Wsign-conversion', '-Wold-style-cast', '-Wundef'],
  ...['-Wnon-virtual-dtor', '-Woverloaded-virtual', '-Wcast-align', '-Wformat=2', '-Wvla'],
];

const isFull = Boolean(process.env.NETLOOM_FULL);
const programs = isFull ? ['clang++', 'clang-tidy'] : ['clang++'];
if (!install(['clang', 'clang-tidy'], programs)) skip(`no ${programs.join(' and ')} here`);

const problems: string[] = [];
let compiled = 0;
for (const compiler of ['g++', 'clang++']) {
  await attempt(`${compiler} ${MORE.join(' ')}`, () =>
    build({
      compiler,
      flags: [...FLAGS, ...MORE],
      sources: sourcesOf(),
      folder: join(ROOM, 'build', 'warnings'),
      link: ['-shared', '-pthread'],
      result: `${compiler}.node`,
    }),
  );
}
if (isFull) {
  await attempt('clang-tidy', () =>
    start('clang-tidy', ['--quiet', ...sourcesOf(NATIVE), '--', ...FLAGS]),
  );
}
tellCounts({ passed: compiled - problems.length, failed: problems.length, skipped: 0 });
if (problems.length > 0) process.exitCode = 1;

async function attempt(what: string, run: () => Promise<unknown>): Promise<void> {
  compiled += 1;
  try {
    await run();
    console.log(`ok     ${what}`);
  } catch (error) {
    problems.push(what);
    console.log(`FAILED ${what}: ${error instanceof Error ? error.message : error}`);
  }
}
