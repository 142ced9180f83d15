/**
 * A wake-up through the reactor, with so many sockets watched; as `c/native-wake.c` does it.
 *
 *     wake WATCHED SPEAKERS
 */
import { AF_INET } from '@netloom/sockaddr';
import { SOCK_DGRAM, Socket } from '@netloom/winsock-native';
import { watch } from '@netloom/winsock-native/reactor';
import { drive, type Tally } from './driver.js';
import { connectedPair } from './pair.js';

const [watched = 0, speakers = 0] = process.argv.slice(2).map(Number);
const pairs = Array.from({ length: speakers }, () => {
  const { near, far } = connectedPair();
  return { near, far, seen: watch(near) };
});
const idle = Array.from({ length: watched - speakers }, () => {
  const socket = Socket.create(AF_INET, SOCK_DGRAM);
  return { socket, seen: watch(socket) };
});
const byte = new Uint8Array(1);
const room = new Uint8Array(1);
let turn = 0;

function wake(count: number, tally: Tally): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    const next = (): void => {
      if (left-- === 0) {
        tally.stop();
        resolve();
        return;
      }
      const pair = pairs[turn++ % speakers];
      if (pair === undefined) throw new RangeError('no socket speaks');
      byte[0] = turn;
      pair.far.trySend(byte);
      pair.seen.wait('read', () => {
        if (pair.near.tryRecv(room) !== 1 || room[0] !== (turn & 255)) tally.wrong++;
        pair.seen.readable = false;
        next();
      });
    };
    // What registration reports is delivered before the clock starts.
    setImmediate(() => {
      tally.start();
      next();
    });
  });
}

await drive({ wake });
for (const { seen } of [...pairs, ...idle]) seen.close();
