// die.mjs <end> <state>: reaches the state on the main thread, says "reached", and dies there.
import { writeSync } from 'node:fs';
import { endBy } from './ends.mjs';

const [end, state] = process.argv.slice(2);

// Without a socket and without the addon: the exit code that Node gives by itself.
if (state === 'nothing') {
  writeSync(1, 'reached');
  if (end.endsWith('in a callback')) setImmediate(() => endBy(end));
  else endBy(end);
} else {
  const { native, VERSION } = await import('../addon.mjs');
  const { inCallback, REACH } = await import('./states.mjs');
  native.startup(VERSION);
  if (state !== 'batch being delivered') REACH[state]();
  if (end.endsWith('in a callback')) {
    inCallback(() => {
      writeSync(1, 'reached');
      endBy(end);
    });
  } else {
    writeSync(1, 'reached');
    endBy(end);
  }
}
