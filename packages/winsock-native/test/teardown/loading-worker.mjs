// Loads the addon when it is told to, and says when it begins and when it has it.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { workerData } from 'node:worker_threads';

const { phase, isKept } = workerData;
const load = createRequire(import.meta.url)('node-gyp-build');

Atomics.wait(phase, 0, 0);
Atomics.store(phase, 0, 1);
load(fileURLToPath(new URL('../..', import.meta.url)));
Atomics.store(phase, 0, 2);
if (isKept) setInterval(() => {}, 1 << 30);
