/** Runs one case in a worker and says how it ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { cases } from './cases.mjs';

await cases[workerData]();
parentPort.postMessage('done');
