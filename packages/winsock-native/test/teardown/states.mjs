// Brings a socket into a state and proves it by what the kernel says. Each state: reach() and the proof, nothing that ends.
//
// WINDOWS: nothing tells a program what its sockets are in; what the calls returned stands alone there.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import {
  client,
  constants,
  datagram,
  fullListener,
  isWindows,
  listen,
  loopback,
  must,
  native,
  pair,
  portOf,
  setNonBlocking,
} from '../addon.mjs';
import { call, PREPARE } from '../blocking/calls.mjs';
import { CLOSED } from './cells.mjs';

// tcpi_state, the first byte of Linux' tcp_info.
const ESTABLISHED = 1;
const SYN_SENT = 2;
const LISTEN = 10;

/** Fails unless the kernel says that a TCP socket is in that state. */
function proveTcp(handle, state) {
  if (isWindows) return;
  const info = new Uint8Array(8);
  const { IPPROTO_TCP, TCP_INFO } = constants;
  must('tcp_info', native.getsockopt(handle, IPPROTO_TCP, TCP_INFO, info, Int32Array.of(8)));
  if (info[0] !== state) throw new Error(`${handle} is in state ${info[0]}, not ${state}`);
}

function proveOpen(handle) {
  if (isWindows) return;
  const target = readlinkSync(`/proc/self/fd/${handle}`);
  if (!target.startsWith('socket:')) throw new Error(`${handle} is ${target}, not a socket`);
}

/** The descriptor of the epoll set in which one of ours was seen: the reactor of this thread, if it was not closed since. */
let epoll;

/** Fails unless some epoll set of this process holds the descriptor. */
function proveWatched(handle) {
  if (isWindows) return;
  const isIn = (fd) => {
    try {
      const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
      return new RegExp(`^tfd:\\s+${handle}\\b`, 'm').test(text);
    } catch {
      return false; // the descriptor of this very listing
    }
  };
  if (epoll !== undefined && isIn(epoll)) return;
  epoll = readdirSync('/proc/self/fdinfo').find(isIn);
  if (epoll === undefined) throw new Error(`no epoll set watches ${handle}`);
}

/** EVENT_READ and EVENT_WRITE: an empty send buffer is news too. */
const READ_AND_WRITE = 3;

let slots = 0;
let deliver = () => {};

/** Watches a handle of the C surface or a Socket's; what is delivered goes to onBatch(). */
export function watch(handle) {
  native.reactorOpen((count) => deliver(count));
  const out = new Uint32Array(2);
  const adopted = native.sockAdopt(handle, 0, out);
  if (adopted < 0) throw new Error(`sockAdopt: ${adopted}`);
  const slot = slots++;
  const added = native.reactorAdd(handle, out[0], slot, READ_AND_WRITE);
  if (added < 0) throw new Error(`reactorAdd: ${added}`);
  // Where reactorMustArm: nothing is watched before.
  const armed = native.reactorArm(slot, out[0], READ_AND_WRITE);
  if (armed < 0) throw new Error(`reactorArm: ${armed}`);
  proveWatched(handle);
  return out[0];
}

/** Runs `then` in the next batch that the reactor delivers, and sees to it that there is one. */
export function inCallback(then) {
  const { near } = pair();
  deliver = then;
  watch(near); // an empty send buffer is news
  native.reactorRef(true);
}

export const REACH = {
  nothing() {},
  created() {
    proveOpen(client());
  },
  bound() {
    const handle = client();
    must('bind', native.bind(handle, loopback(0), 16));
    if (portOf(handle) === 0) throw new Error('not bound');
  },
  listening() {
    proveTcp(listen().handle, LISTEN);
  },
  connecting() {
    const { port } = fullListener();
    const handle = client();
    setNonBlocking(handle);
    native.connect(handle, loopback(port), 16);
    proveTcp(handle, SYN_SENT);
  },
  connected() {
    proveTcp(pair().near, ESTABLISHED);
  },
  waiting() {
    watch(listen().handle);
    watch(datagram().handle);
    watch(pair().near);
  },
  // Watched, closed, and the news of it not yet delivered.
  closing() {
    const { near } = pair();
    const generation = watch(near);
    watch(datagram().handle);
    must('closesocket', native.closesocket(near));
    if (native.sockClose(near, generation) >= 0) throw new Error(`${near} was still open`);
  },
};

REACH['all at once'] = () => {
  for (const state of Object.keys(REACH)) if (state !== 'all at once') REACH[state]();
};

/** Each prepares a call that does not come back, and gives it; another thread proves that it is blocked. */
export const BLOCK = {
  // Closed by the thread that started this one, just before one of the two dies.
  [CLOSED]: (handle) => () => native.accept(handle, null, new Int32Array(1)),
};

for (const [name, prepare] of Object.entries(PREPARE)) {
  BLOCK[`blocked in ${name}`] = () => {
    const prepared = prepare();
    const bytes = new Uint8Array(prepared.length ?? 8);
    return () => call(name, { ...prepared, bytes });
  };
}

/** How many sockets, epoll sets and wake-up descriptors this process has open. */
export function countDescriptors() {
  if (isWindows) return countSockets();
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^(socket|anon_inode:\[event)/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false; // the descriptor of this very listing
    }
  }).length;
}

/** WINDOWS: handles are multiples of four, and the lowest that is free comes next; each is asked whether it is a socket. */
function countSockets() {
  const MOST = 16_384;
  const value = new Int32Array(1);
  let count = 0;
  for (let handle = 4; handle < MOST; handle += 4) {
    const { SOL_SOCKET, SO_TYPE } = constants;
    if (native.getsockopt(handle, SOL_SOCKET, SO_TYPE, value, Int32Array.of(4)) === 0) count++;
  }
  return count;
}
