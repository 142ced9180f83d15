// strangers.mjs OPERATIONS SEED: eight threads open, use, give away, take and close sockets at random, their own and each
// other's, through the package's public names. Prints what happened as JSON; exit code 1 with the promise that was broken.
//
// The same seed gives each thread the same choices; how the threads meet is the machine's affair.
import { readdirSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Socket, WSACleanup, WSADATA, WSAStartup } from '@netloom/winsock-native';

const THREADS = 8;
const OFFERS = 16;
const [operations, seed] = process.argv.slice(2).map(Number);

WSAStartup(0x202, new WSADATA());
const shared = {
  // Of an offer: state, number, generation, stamp.
  offers: new Int32Array(new SharedArrayBuffer(OFFERS * 16)),
  // Numbers that somebody has opened, for whoever calls or closes by number.
  numbers: new Int32Array(new SharedArrayBuffer(64 * 4)).fill(-1),
};
const totals = {};
await Promise.all(
  Array.from({ length: THREADS }, (_, index) => {
    const workerData = { ...shared, index, seed: seed + index, operations: operations / THREADS };
    const worker = new Worker(new URL('./strangers-worker.mjs', import.meta.url), { workerData });
    return new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('message', (counts) => {
        for (const [name, n] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + n;
      });
      worker.on('exit', resolve);
    });
  }),
);
// What was given away and nobody took is nobody's.
for (let i = 0; i < OFFERS; i++) {
  const [state, handle, generation] = shared.offers.subarray(i * 4, i * 4 + 4);
  if (state === 2) Socket[Symbol.for('netloom.discard')]({ handle, generation: generation >>> 0 });
}
WSACleanup();
// This process opens no other; its standard streams may be sockets.
const left = readdirSync('/proc/self/fd').filter((fd) => {
  try {
    return Number(fd) > 2 && readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch {
    return false; // the descriptor of this very listing
  }
}).length;
console.log(JSON.stringify({ ...totals, left }));
