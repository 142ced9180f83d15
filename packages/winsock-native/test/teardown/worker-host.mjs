// worker-host.mjs <end> <states> <repeats>: for each of the states, separated by commas, so many workers reach it and die in
// it, some at a time. Prints a line of JSON for each state that was gone through: the exit codes, and how many descriptors
// were left in this process.
//
// With end 'process.exit here' or 'uncaught exception here' it is this process that dies while its workers are in the states,
// one in each; <repeats> is then left out.
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { listen, native, VERSION } from '../addon.mjs';
import { untilAsleep } from '../blocking/threads.mjs';
import { endBy } from './ends.mjs';
import { countDescriptors } from './states.mjs';

const [end, states, repeats] = process.argv.slice(2);
const AT_A_TIME = 10;
const CLOSED = 'blocked and closed';
const isHere = end.endsWith(' here');

native.startup(VERSION);

/** Starts a worker and resolves when it is in the state. */
async function reached(state) {
  const { handle } = state === CLOSED ? listen() : {};
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
    workerData: { state, handle, end: isHere ? 'terminated' : end },
    stderr: true,
  });
  const errors = [];
  worker.on('error', (error) => errors.push(error.message));
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  const first = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('exit', (code) => reject(new Error(`exit ${code} before the state: ${errors}`)));
  });
  if (first.tid) await untilAsleep(first.tid);
  worker.on('message', (message) => errors.push(JSON.stringify(message)));
  return { worker, exited, errors, handle };
}

async function liveAndDie(state) {
  const { worker, exited, errors } = await reached(state);
  if (end === 'terminated') worker.terminate();
  const code = await exited;
  const surprises = errors.filter((text) => !(end.startsWith('uncaught') && text === 'planted'));
  return surprises.length > 0 ? surprises.join() : code;
}

async function goThrough(state, count) {
  const codes = [];
  const before = countDescriptors();
  while (codes.length < count) {
    const some = Math.min(AT_A_TIME, count - codes.length);
    codes.push(...(await Promise.all(Array.from({ length: some }, () => liveAndDie(state)))));
  }
  writeSync(1, `${JSON.stringify({ state, codes, left: countDescriptors() - before })}\n`);
}

if (isHere) {
  const all = await Promise.all(states.split(',').map(reached));
  writeSync(1, 'reached');
  for (const { handle } of all) if (handle !== undefined) native.closesocket(handle);
  endBy(end);
} else {
  // One life first, so that what is made once and kept is not counted.
  await liveAndDie('all at once');
  const counts = repeats.split(',');
  for (const [i, state] of states.split(',').entries()) await goThrough(state, Number(counts[i]));
}
