// worker-host.mjs <end> <state> <repeats>: that many workers reach the state and die in it, some at a time. Prints their exit
// codes and how many descriptors they left in this process, as JSON.
//
// With end 'process.exit here' or 'uncaught exception here' it is this process that dies while its workers are in the state;
// <state> may then be several, separated by commas: one worker each.
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { listen, native, VERSION } from '../addon.mjs';
import { untilAsleep } from '../blocking/threads.mjs';
import { endBy } from './ends.mjs';
import { countDescriptors } from './states.mjs';

const [end, state, repeats] = process.argv.slice(2);
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

async function liveAndDie() {
  const { worker, exited, errors } = await reached(state);
  if (end === 'terminated') worker.terminate();
  const code = await exited;
  const surprises = errors.filter((text) => !(end.startsWith('uncaught') && text === 'planted'));
  return surprises.length > 0 ? surprises.join() : code;
}

if (isHere) {
  const all = await Promise.all(state.split(',').map(reached));
  writeSync(1, 'reached');
  for (const { handle } of all) if (handle !== undefined) native.closesocket(handle);
  endBy(end);
} else {
  // One life first, so that what is made once and kept is not counted.
  const codes = [await liveAndDie()];
  const before = countDescriptors();
  while (codes.length < Number(repeats)) {
    const some = Math.min(AT_A_TIME, Number(repeats) - codes.length);
    codes.push(...(await Promise.all(Array.from({ length: some }, liveAndDie))));
  }
  writeSync(1, JSON.stringify({ codes, left: countDescriptors() - before }));
}
