// One of several threads that open, use and close sockets, their own and each other's, at random (seeded).
//
// The shared list holds lives: handle and generation of the receiving end. What was sent to a life names it, so whoever
// receives can tell whether the bytes were meant for the life that was asked.
import { parentPort, workerData } from 'node:worker_threads';
import { constants, loopback, native } from '../addon.mjs';

const { lives, seed, rounds } = workerData;
const SLOTS = lives.length / 2;
const AGAIN = -11;

let state = seed;
const random = (below) => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >>> 8) % below;
};

const out = new Uint32Array(3);
const name = new Uint8Array(128);
const listener = native.sockCreate(constants.AF_INET, constants.SOCK_STREAM, 0, out);
const listenerLife = out[0];
native.sockBind(listener, listenerLife, loopback(0), 16);
native.sockListen(listener, listenerLife, 64);
native.sockName(listener, listenerLife, false, name);
const address = loopback(new DataView(name.buffer).getUint16(2));

const counts = { opened: 0, received: 0, closed: 0, strangers: 0, refused: 0 };

/** A pair whose far end is published in the list; the near end has sent the far end's life into it. */
function open(slot) {
  const near = native.sockCreate(constants.AF_INET, constants.SOCK_STREAM, 0, out);
  if (near < 0) throw new Error(`sockCreate: ${near}`);
  const nearLife = out[0];
  native.sockConnect(near, nearLife, address, 16);
  let far = AGAIN;
  while (far === AGAIN) far = native.tryAccept(listener, listenerLife, name, out);
  if (far < 0) throw new Error(`tryAccept: ${far}`);
  const farLife = out[0];
  native.trySend(near, nearLife, new Uint8Array(Uint32Array.of(far, farLife).buffer), 0);
  counts.opened++;
  // Not one step: another thread may read a pair of which one number is old. Such a life never was, and must be refused.
  const old = [
    Atomics.exchange(lives, slot * 2, far),
    Atomics.exchange(lives, slot * 2 + 1, farLife),
  ];
  native.sockClose(near, nearLife);
  if (old[1] !== 0) close(old[0], old[1]);
}

function close(handle, life) {
  if (native.sockClose(handle, life) === 0) counts.closed++;
}

function use(slot) {
  const handle = Atomics.load(lives, slot * 2);
  const life = Atomics.load(lives, slot * 2 + 1);
  const got = new Uint32Array(2);
  const count = native.tryRecv(handle, life, new Uint8Array(got.buffer), constants.MSG_PEEK);
  if (count < 0) counts.refused++;
  if (count !== 8) return;
  counts.received++;
  if (got[0] !== handle || got[1] !== life) counts.strangers++;
}

for (let round = 0; round < rounds; round++) {
  const slot = random(SLOTS);
  const dice = random(10);
  if (dice < 2) open(slot);
  else if (dice < 3) close(Atomics.load(lives, slot * 2), Atomics.load(lives, slot * 2 + 1));
  else use(slot);
}
native.sockClose(listener, listenerLife);
parentPort.postMessage(counts);
