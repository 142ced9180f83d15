// Starts blocked threads and waits for them: shared by the tests of blocking calls.
import { Worker } from 'node:worker_threads';
import { isAsleepInPoll, isWindows } from '../addon.mjs';

const FIXTURE = new URL('./blocked-call.mjs', import.meta.url);

/** Makes the call on a thread of its own; `outcome` is what it reports, `exit` its end. */
export function onThread(workerData) {
  const worker = new Worker(FIXTURE, { workerData });
  // Of a thread that has ended both come in one go, without a microtask between them: both are listened for from the start.
  let report;
  const outcome = new Promise((resolve) => {
    report = resolve;
  });
  const started = new Promise((resolve, reject) => {
    worker.once('message', (message) => {
      worker.once('message', report);
      resolve(message);
    });
    worker.once('error', reject);
  });
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  return { worker, started, outcome, exit };
}

/** Resolves when the kernel says that the thread sleeps in poll; the caller's test limit ends it otherwise. */
export async function untilAsleep(tid) {
  // WINDOWS: nothing tells what a thread waits in. Long enough for it to have got there; too short is a test that fails.
  if (isWindows) return new Promise((resolve) => setTimeout(resolve, 300));
  while (!isAsleepInPoll(tid)) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** The call on a thread of its own, once it is seen to be blocked. */
export async function blockedOnThread(workerData) {
  const thread = onThread(workerData);
  const { tid } = await thread.started;
  await untilAsleep(tid);
  return { ...thread, tid };
}
