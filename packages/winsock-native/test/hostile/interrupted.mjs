// interrupted.mjs: a main thread that is blocked in recv while signals come. Prints its port, then what recv gave and how many
// signals Node has heard of afterwards.
import { writeSync } from 'node:fs';
import { listen, must, native, VERSION } from '../addon.mjs';

let signals = 0;
process.on('SIGUSR2', () => signals++);
native.startup(VERSION);
const passive = listen();
writeSync(1, `${passive.port}\n`);
const far = must('accept', native.accept(passive.handle, null, new Int32Array(1)));
const bytes = new Uint8Array(6);
const result = native.recv(far, bytes, 6, 0x100); // MSG_WAITALL
await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
writeSync(1, JSON.stringify({ result, bytes: [...bytes], wasSignalled: signals > 0 }));
process.exit(0);
