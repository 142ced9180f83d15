// die.mjs <end> <state>: reaches the state on the main thread, collects garbage, says "reached", and dies there.
import { writeSync } from 'node:fs';
import { collect, endBy, nextTurn } from './ends.mjs';

const [end, state] = process.argv.slice(2);

function finish() {
  if (state !== 'nothing') collect();
  writeSync(1, 'reached');
  endBy(end);
}

// Without a socket and without the addon: the exit code that Node gives by itself.
if (state === 'nothing') {
  if (end.endsWith('in a callback')) setImmediate(finish);
  else finish();
} else {
  const { native, VERSION } = await import('../addon.mjs');
  const { inCallback, REACH } = await import('./states.mjs');
  await nextTurn();
  native.startup(VERSION);
  if (state !== 'batch being delivered') REACH[state]();
  if (end.endsWith('in a callback')) inCallback(finish);
  else finish();
}
