// Exits with 3 while another thread is blocked in the call named on the command line.
import { native, VERSION } from '../addon.mjs';
import { PREPARE } from './calls.mjs';
import { blockedOnThread } from './threads.mjs';

native.startup(VERSION);
const call = process.argv[2];
await blockedOnThread({ call, ...PREPARE[call]() });
process.exit(3);
