/**
 * Arguments that nobody would pass: never a crash, a hang or a wrong acceptance. The program is fuzz.mjs, in a process of its
 * own, so that a crash is seen; a seed that once failed is kept in KEPT.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Each found something once, within so many rounds. */
const KEPT = [{ seed: 2, rounds: 3700, found: 'a symbol in a set of select' }];
const SECONDS = Number(process.env.NETLOOM_FUZZ_SECONDS ?? (process.env.NETLOOM_FULL ? 600 : 3));
// How much longer a busy machine may take to start and to end.
const GRACE_MS = 60_000;

function fuzz(seconds, seed, ...rounds) {
  const program = fileURLToPath(new URL('./fuzz.mjs', import.meta.url));
  const args = [program, ...[seconds, seed, ...rounds].map(String)];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: seconds * 1000 + GRACE_MS,
  });
  console.log(stdout.trim());
  expect({ status, signal, stderr }, stdout).toEqual({ status: 0, signal: null, stderr: '' });
}

const fresh = Math.floor(Math.random() * 2 ** 31);
test(`hostile arguments for ${SECONDS} s`, { timeout: SECONDS * 1000 + 2 * GRACE_MS }, () => {
  fuzz(SECONDS, fresh);
});

test.each(KEPT)('the kept seed $seed: $found', { timeout: 2 * GRACE_MS }, ({ seed, rounds }) => {
  fuzz(60, seed, rounds);
});
