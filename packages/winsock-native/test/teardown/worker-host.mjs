// worker-host.mjs <end> <states> <repeats>: for each of the states, separated by commas, so many workers reach it and die in
// it, some at a time. Prints a line of JSON for each such group: the exit codes, and how many descriptors were left in this
// process when they were gone and its garbage collected.
//
// With end 'process.exit here' or 'uncaught exception here' it is this process that dies while its workers are in the states,
// <repeats> of them in each.
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { listen, native, VERSION } from '../addon.mjs';
import { untilAsleep } from '../blocking/threads.mjs';
import { CLOSED } from './cells.mjs';
import { collect, endBy } from './ends.mjs';
import { countDescriptors } from './states.mjs';

const [end, states, repeats] = process.argv.slice(2);
const AT_A_TIME = 10;
const isHere = end.endsWith(' here');
// Little, so that it is soon used up; enough for what the states load.
const resourceLimits =
  end === 'out of memory' ? { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 } : {};

native.startup(VERSION);

/** Starts a worker and resolves when it is in the state. */
async function reached(state) {
  const { handle } = state === CLOSED ? listen() : {};
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
    workerData: { state, handle, end: isHere ? 'terminated' : end },
    stderr: true,
    resourceLimits,
  });
  const errors = [];
  worker.on('error', (error) => errors.push(error.code ?? error.message));
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  const first = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('exit', (code) => reject(new Error(`exit ${code} before the state: ${errors}`)));
  });
  if (first.tid) await untilAsleep(first.tid);
  worker.on('message', (message) => errors.push(JSON.stringify(message)));
  return { worker, exited, errors, handle };
}

// What a worker must say of its end, and nothing else.
const EXPECTED = { 'out of memory': ['ERR_WORKER_OUT_OF_MEMORY'] };
const expected = JSON.stringify(EXPECTED[end] ?? (end.startsWith('uncaught') ? ['planted'] : []));

async function liveAndDie(state) {
  const { worker, exited, errors } = await reached(state);
  if (end === 'terminated') worker.terminate();
  const code = await exited;
  return JSON.stringify(errors) === expected ? code : `exit ${code} with ${errors}`;
}

async function goThrough(state, count) {
  const before = countDescriptors();
  for (let done = 0; done < count; ) {
    const some = Math.min(AT_A_TIME, count - done);
    const codes = await Promise.all(Array.from({ length: some }, () => liveAndDie(state)));
    collect();
    done += some;
    writeSync(1, `${JSON.stringify({ state, codes, left: countDescriptors() - before })}\n`);
  }
}

if (isHere) {
  const names = states.split(',').flatMap((state) => Array(Number(repeats)).fill(state));
  const all = await Promise.all(names.map(reached));
  collect();
  writeSync(1, 'reached');
  for (const { handle } of all) if (handle !== undefined) native.closesocket(handle);
  endBy(end);
} else {
  // One life first, so that what is made once and kept is not counted.
  await liveAndDie('all at once');
  const counts = repeats.split(',');
  for (const [i, state] of states.split(',').entries()) await goThrough(state, Number(counts[i]));
}
