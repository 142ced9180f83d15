// One of the eight threads of strangers.mjs.
//
// All that is ever written to a pair is the pair's stamp and a count, eight bytes. So whoever receives can tell whose bytes
// they are: an owned Socket reads no stamp but its own, whatever became of its number; and a recv by number that has begun on
// one connection (MSG_WAITALL, two messages) does not end on another.
import { parentPort, workerData } from 'node:worker_threads';
import { SockaddrUn } from '@netloom/sockaddr';
import {
  closesocket,
  MSG_WAITALL,
  recv,
  SO_RCVTIMEO,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  SocketError,
  WOULD_BLOCK,
} from '@netloom/winsock-native';
import { randomFrom } from '../hostile/random.mjs';

const { offers, numbers, index, seed, operations } = workerData;
const { below, pick } = randomFrom(seed);
const AF_UNIX = 1;
const [EMPTY, BUSY, OFFERED] = [0, 1, 2];
const PAIRS = 4;
// Below a blocked call's slice, so that eight sleepers do not wait for each other.
const RECEIVE_LIMIT_MS = 10;

const counts = {};
const note = (name) => {
  counts[name] = (counts[name] ?? 0) + 1;
};

const pairs = [];
const inbox = new Uint8Array(64);
const message = new Uint32Array(2);
const messageBytes = new Uint8Array(message.buffer);
let listener;
let name;
let names = 0;
let stamps = 0;

/** What may happen to a socket whose number anybody may close: refused, or its peer is gone. */
function unlessGone(call) {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    note(error.code);
    return undefined;
  }
}

function openListener() {
  listener?.close();
  name = SockaddrUn.from({ abstractName: `netloom-strangers-${process.pid}-${index}-${names++}` });
  listener = Socket.create(AF_UNIX, SOCK_STREAM);
  listener.bind(name);
  listener.listen(4);
}

function open() {
  let near;
  let far;
  const done = unlessGone(() => {
    if (!listener) openListener();
    near = Socket.create(AF_UNIX, SOCK_STREAM);
    near.tryConnect(name);
    far = listener.tryAccept();
    if (far === WOULD_BLOCK) throw new Error('nobody connected');
    for (const end of [near, far]) end.setOption(SOL_SOCKET, SO_RCVTIMEO, RECEIVE_LIMIT_MS);
    return true;
  });
  if (!done) {
    near?.close();
    far?.close?.();
    // A connection may be left in its queue.
    listener?.close();
    listener = undefined;
    return;
  }
  note('opened');
  numbers[below(numbers.length)] = near.handle;
  numbers[below(numbers.length)] = far.handle;
  // The thread's number on top, so that no two are the same.
  pairs.push({ near, far, stamp: ((index << 27) | stamps++) >>> 0, sent: 0 });
}

function close(at) {
  const [{ near, far }] = pairs.splice(at, 1);
  near?.close();
  far?.close();
}

function check(socket, stamp) {
  const count = unlessGone(() => socket.tryRecv(inbox));
  if (count === undefined || count === WOULD_BLOCK) return;
  const words = new Uint32Array(inbox.buffer, 0, count / 4);
  for (let i = 0; i < words.length; i += 2) {
    if (words[i] !== stamp) {
      throw new Error(`VIOLATED: the Socket of ${stamp} read what was sent to ${words[i]}`);
    }
    note('received');
  }
}

function use() {
  const pair = pick(pairs);
  if (pair.near) {
    message.set([pair.stamp, pair.sent++]);
    if (unlessGone(() => pair.near.trySend(messageBytes)) === 8) note('sent');
  }
  if (pair.far && below(2)) check(pair.far, pair.stamp);
}

function give() {
  const pair = pick(pairs);
  const at = below(offers.length / 4) * 4;
  if (!pair.far || Atomics.compareExchange(offers, at, EMPTY, BUSY) !== EMPTY) return;
  const { generation } = pair.far;
  const handle = unlessGone(() => pair.far.intoRaw());
  if (handle !== undefined) {
    offers.set([handle, generation, pair.stamp], at + 1);
    note('given');
  }
  pair.far = undefined;
  Atomics.store(offers, at, handle === undefined ? EMPTY : OFFERED);
}

function take() {
  const at = below(offers.length / 4) * 4;
  if (Atomics.compareExchange(offers, at, OFFERED, BUSY) !== OFFERED) return;
  const [handle, generation, stamp] = new Uint32Array(offers.slice(at + 1, at + 4).buffer);
  Atomics.store(offers, at, EMPTY);
  const far = unlessGone(() =>
    below(2)
      ? Socket[Symbol.for('netloom.revive')]({ handle, generation })
      : Socket.fromRaw(handle),
  );
  if (!far) return;
  // fromRaw names no life: closed by number meanwhile, it may be another one's that was given away.
  if (far.generation !== generation) {
    note('another life');
    far.close();
    return;
  }
  note('taken');
  pairs.push({ far, stamp });
}

/** A call by number may reach whoever has it when it begins, as in C; not two of them. */
function receiveByNumber() {
  const words = new Uint32Array(4);
  const count = recv(pick(numbers), new Uint8Array(words.buffer), 16, MSG_WAITALL);
  if (count === 16 && words[0] !== words[2]) {
    throw new Error(`VIOLATED: one recv read what was sent to ${words[0]} and to ${words[2]}`);
  }
  note(count > 0 ? 'received by number' : 'nothing by number');
}

function act() {
  const dice = below(1000);
  while (pairs.length > PAIRS) close(below(pairs.length));
  if (pairs.length === 0 || dice < 150) open();
  else if (dice < 700) use();
  else if (dice < 780) give();
  else if (dice < 880) take();
  else if (dice < 920) close(below(pairs.length));
  else if (dice < 980) note(closesocket(pick(numbers)) === 0 ? 'closed by number' : 'not open');
  else receiveByNumber();
}

for (let i = 0; i < operations; i++) act();
while (pairs.length > 0) close(0);
listener?.close();
parentPort.postMessage(counts);
