/**
 * `node tools/build-quietly.mjs [turbo's options]`: builds what has changed, for commands whose output is for people or for
 * pipes (`pnpm -s demo --json`): nothing on stdout, and the builder's own words only when it fails.
 */
import { spawn } from 'node:child_process';

/** A build that has nothing to do is over by then, and says nothing at all. */
const SILENT_MS = 1500;

const turbo = spawn(
  'turbo',
  ['run', 'build', '--output-logs=errors-only', ...process.argv.slice(2)],
  {
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32', // WINDOWS: turbo is a command file there
  },
);
const said = [];
for (const stream of [turbo.stdout, turbo.stderr]) stream.on('data', (part) => said.push(part));
const notice = setTimeout(() => process.stderr.write('building …\n'), SILENT_MS);

turbo.on('error', (error) => {
  clearTimeout(notice);
  console.error(`cannot start turbo: ${error.message}; run this through pnpm, after pnpm install`);
  process.exitCode = 1;
});
turbo.on('close', (code) => {
  clearTimeout(notice);
  if (code === 0) return;
  process.stderr.write(Buffer.concat(said));
  process.exitCode = code ?? 1;
});
