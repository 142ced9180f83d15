/**
 * Numbers are reused at once, lives are not: threads that close each other's sockets never reach a stranger's connection.
 */
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import '../addon.mjs';

const THREADS = 4;
const SLOTS = 8;
const ROUNDS = Number(process.env.NETLOOM_HANDLE_ROUNDS ?? 4000);

test('a call names a life of its number, and reaches that one or none', {
  timeout: 60_000,
}, async () => {
  const before = readdirSync('/proc/self/fd').length;
  const lives = new Int32Array(new SharedArrayBuffer(SLOTS * 2 * 4));
  const totals = { opened: 0, received: 0, closed: 0, strangers: 0, refused: 0 };
  const workers = Array.from({ length: THREADS }, (_, i) => {
    const workerData = { lives, seed: i + 1, rounds: ROUNDS };
    return new Worker(new URL('./handles-worker.mjs', import.meta.url), { workerData });
  });
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise((resolve, reject) => {
          worker.on('error', reject);
          worker.on('message', (counts) => {
            for (const key of Object.keys(totals)) totals[key] += counts[key];
          });
          worker.on('exit', resolve);
        }),
    ),
  );
  expect(totals.strangers).toBe(0);
  // All three must have happened, or nothing was shown.
  expect(totals.received).toBeGreaterThan(0);
  expect(totals.refused).toBeGreaterThan(0);
  expect(totals.closed).toBeGreaterThan(0);
  expect(readdirSync('/proc/self/fd').length).toBe(before);
});
