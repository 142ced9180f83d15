// A worker that reaches a state, collects garbage, says so, and ends as it is told; or stays, to be ended from outside.
import { parentPort, workerData } from 'node:worker_threads';
import { collect, endBy, nextTurn } from './ends.mjs';

const { end, state, handle } = workerData;
const isEndedFromOutside = end === 'terminated';

// Keeps the worker alive until somebody ends it.
function stay() {
  setInterval(() => {}, 1 << 30);
}

// Inside a callback: nothing else of this thread runs.
function stayHere() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function finish() {
  if (state !== 'nothing') collect();
  parentPort.postMessage('reached');
  if (isEndedFromOutside) stay();
  else endBy(end);
}

if (state === 'nothing') {
  if (end.endsWith('in a callback')) setImmediate(finish);
  else finish();
} else {
  const { native } = await import('../addon.mjs');
  const { BLOCK, inCallback, REACH } = await import('./states.mjs');
  await nextTurn();
  if (BLOCK[state]) {
    const block = BLOCK[state](handle);
    collect();
    parentPort.postMessage({ tid: native.threadId() });
    const result = block();
    parentPort.postMessage({ unexpected: result, error: native.lastError() });
  } else if (state === 'batch being delivered') {
    inCallback(() => {
      collect();
      parentPort.postMessage('reached');
      if (isEndedFromOutside) stayHere();
      else endBy(end);
    });
  } else {
    REACH[state]();
    if (end.endsWith('in a callback')) inCallback(finish);
    else finish();
  }
}
