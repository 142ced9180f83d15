// Brings a socket into a state and proves it by what the kernel says. Each state: reach() and the proof, nothing that ends.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import {
  client,
  constants,
  datagram,
  fullListener,
  listen,
  loopback,
  must,
  native,
  pair,
  portOf,
  setNonBlocking,
} from '../addon.mjs';

// Columns of /proc/net/tcp.
const SYN_SENT = '02';
const ESTABLISHED = '01';
const LISTEN = '0A';

const hex = (port) => port.toString(16).toUpperCase().padStart(4, '0');

/** Fails unless the kernel lists a TCP socket with that local port in that state. */
function proveTcp(port, state) {
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  const isThere = rows.some((row) => {
    const [, local, , st] = row.trim().split(/\s+/);
    return local === `0100007F:${hex(port)}` && st === state;
  });
  if (!isThere) throw new Error(`no TCP socket on port ${port} in state ${state}`);
}

function proveOpen(handle) {
  const target = readlinkSync(`/proc/self/fd/${handle}`);
  if (!target.startsWith('socket:')) throw new Error(`${handle} is ${target}, not a socket`);
}

/** Fails unless some epoll set of this process holds the descriptor. */
function proveWatched(handle) {
  const isWatched = readdirSync('/proc/self/fdinfo').some((fd) => {
    try {
      const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
      return new RegExp(`^tfd:\\s+${handle}\\b`, 'm').test(text);
    } catch {
      return false; // the descriptor of this very listing
    }
  });
  if (!isWatched) throw new Error(`no epoll set watches ${handle}`);
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
  const added = native.reactorAdd(handle, out[0], slots++, READ_AND_WRITE);
  if (added < 0) throw new Error(`reactorAdd: ${added}`);
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
    proveTcp(listen().port, LISTEN);
  },
  connecting() {
    const { port } = fullListener();
    const handle = client();
    setNonBlocking(handle);
    native.connect(handle, loopback(port), 16);
    proveTcp(portOf(handle), SYN_SENT);
  },
  connected() {
    proveTcp(portOf(pair().near), ESTABLISHED);
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

/** Calls that do not come back; another thread proves that they are blocked. */
export const BLOCK = {
  'blocked in accept': () => native.accept(listen().handle, null, new Int32Array(1)),
  'blocked in recv': () => native.recv(pair().near, new Uint8Array(8), 8, 0),
  'blocked in connect': () => {
    const { port } = fullListener();
    return native.connect(client(), loopback(port), 16);
  },
  // Closed by the thread that started this one, just before one of the two dies.
  'blocked and closed': (handle) => native.accept(handle, null, new Int32Array(1)),
  'blocked in poll': () =>
    native.poll(new Float64Array([datagram().handle, constants.POLLIN, 0]), 1, -1),
};

/** How many sockets, epoll sets and wake-up descriptors this process has open. */
export function countDescriptors() {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^(socket|anon_inode:\[event)/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;
}
