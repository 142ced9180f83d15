// loading.mjs <repeats>: that many workers are terminated at moments spread over their loading of the addon. Prints their exit
// codes, how often the moment lay inside the load, and how many descriptors were left, as JSON.
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import '../addon.mjs';
import { countDescriptors } from './states.mjs';

const BEGUN = 1;
const LOADED = 2;
const repeats = Number(process.argv[2]);

/** Lets a worker load the addon; `moment` of 0 to 1 says where in a load of `loadMs` it is terminated, undefined: nowhere. */
async function load(moment, loadMs) {
  const phase = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./loading-worker.mjs', import.meta.url), {
    workerData: { phase, isKept: moment !== undefined },
  });
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve) => worker.once('online', resolve));
  Atomics.store(phase, 0, -BEGUN); // go
  Atomics.notify(phase, 0);
  // The load is a matter of a millisecond: only a look without pause sees its beginning.
  while (Atomics.load(phase, 0) < BEGUN);
  const begun = performance.now();
  if (moment === undefined) {
    while (Atomics.load(phase, 0) < LOADED);
    const took = performance.now() - begun;
    await exited;
    return { took };
  }
  while (performance.now() - begun < moment * loadMs);
  worker.terminate();
  const wasInside = Atomics.load(phase, 0) === BEGUN;
  return { code: await exited, wasInside };
}

await load();
const { took } = await load();
const before = countDescriptors();
const lives = [];
for (let i = 0; i < repeats; i++) lives.push(await load(i / repeats, took));
writeSync(
  1,
  JSON.stringify({
    codes: lives.map(({ code }) => code),
    inside: lives.filter(({ wasInside }) => wasInside).length,
    left: countDescriptors() - before,
  }),
);
