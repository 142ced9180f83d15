/**
 * A worker may be terminated at any moment of its loading of the addon: it ends with Node's own code for it, nothing is left
 * open, and the process lives on.
 *
 * A process of its own, because what this is about would end the test's.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const REPEATS = Number(process.env.NETLOOM_TEARDOWN_REPEATS ?? 60);
// What Node gives for a terminated worker.
const TERMINATED = 1;

test('a worker that is terminated while it loads the addon ends alone', { timeout: 60_000 }, () => {
  const fixture = fileURLToPath(new URL('./loading.mjs', import.meta.url));
  const life = spawnSync(process.execPath, [fixture, String(REPEATS)], {
    encoding: 'utf8',
    timeout: 50_000,
  });
  expect(life).toMatchObject({ status: 0, signal: null, stderr: '' });
  const { codes, inside, left } = JSON.parse(life.stdout);
  expect({ codes, left }).toEqual({ codes: Array(REPEATS).fill(TERMINATED), left: 0 });
  // Some must have been in the middle of it, or nothing was shown.
  expect(inside).toBeGreaterThan(0);
});
