/** What the reactor promises, on the main thread and in a worker. Vitest's or node:test's, as the contract. */
import { Worker } from 'node:worker_threads';
import { assert, test } from '../contract/harness.mjs';
import { cases, impossible } from './cases.mjs';

const SECONDS = 30_000;

for (const [promise, run] of Object.entries(cases)) {
  const options = { timeout: SECONDS, skip: impossible[promise] ?? false };
  test(`the reactor on the main thread: ${promise}`, options, async () => run());

  test(`the reactor in a worker: ${promise}`, options, async () => {
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: promise });
    const said = [];
    worker.on('message', (message) => said.push(message));
    const code = await new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', resolve);
    });
    assert.deepEqual({ code, said }, { code: 0, said: ['done'] });
  });
}
