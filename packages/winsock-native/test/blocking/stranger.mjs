// Standard input is one end of a socket pair that this process did not make: blocking, and it must stay so.
import { readFileSync } from 'node:fs';
import { native, VERSION } from '../addon.mjs';
import { blockedOnThread } from './threads.mjs';

const O_NONBLOCK = 0o4000;

native.startup(VERSION);
const { outcome } = await blockedOnThread({ call: 'recv', handle: 0 });
process.send('blocked');
const { result, error } = await outcome;
const flags = Number.parseInt(
  /flags:\s*(\d+)/.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))[1],
  8,
);
process.send({ result, error, isStillBlocking: (flags & O_NONBLOCK) === 0 });
