// exhausted.mjs CASE: what calls say when the process has no descriptor left, or the machine no file. Run with a low limit, or
// with no-files.cc preloaded and NETLOOM_PLAYED set; prints JSON.
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { Socket } from '@netloom/winsock-native';
import {
  client,
  constants,
  datagram,
  listen,
  loopback,
  must,
  native,
  pair,
  VERSION,
} from '../addon.mjs';
import { onThread } from '../blocking/threads.mjs';

native.startup(VERSION);
const seen = (result) => (result < 0 ? [result, native.lastError()] : [result]);
const thrown = (call) => {
  try {
    call();
    return 'nothing thrown';
  } catch ({ name, code, syscall }) {
    return `${name} ${code} ${syscall}`;
  }
};

const isPlayed = process.env.NETLOOM_PLAYED !== undefined;
const taken = [];
let orders = 0;

/** Takes all but so many. */
function exhaust(left = 0) {
  if (isPlayed) {
    process.env.NETLOOM_FILES_LEFT = `${left} ${orders++}`;
    return;
  }
  try {
    for (;;) taken.push(openSync('/dev/null'));
  } catch ({ code }) {
    if (code !== 'EMFILE') throw new Error(`not out of descriptors: ${code}`);
  }
  for (let i = 0; i < left; i++) giveBack();
}

/** Lets at least one be opened. */
function giveBack() {
  if (isPlayed) delete process.env.NETLOOM_FILES_LEFT;
  else closeSync(taken.pop());
}

/** Grows by one with each descriptor that is open. */
function held() {
  if (isPlayed) return readdirSync('/proc/self/fd').length;
  const before = taken.length;
  exhaust();
  const free = taken.length - before;
  for (let i = 0; i < free; i++) giveBack();
  return -free;
}

/** What a call says with none left, with one, and so on up to `most`, and whether none of these has left anything open. */
function refusals(call, most) {
  const said = [];
  for (let left = 0; left <= most; left++) {
    exhaust(left);
    const before = held();
    said.push(call());
    if (held() !== before) said.push(`${held() - before} left open`);
    giveBack();
  }
  return said;
}

/** Opens the reactor until it opens. */
function reactor(withoutLoop, opens) {
  const open = () => native.reactorOpen(() => {}, withoutLoop);
  const said = refusals(open, opens - 1);
  exhaust(opens);
  return { said, isOpen: typeof open() === 'object' };
}

const cases = {
  socket() {
    const { AF_INET, AF_UNIX, SOCK_STREAM, SOCK_DGRAM } = constants;
    exhaust();
    const before = [
      seen(native.socket(AF_INET, SOCK_STREAM, 0)),
      seen(native.socket(AF_UNIX, SOCK_DGRAM, 0)),
      thrown(() => Socket.create(AF_INET, SOCK_STREAM)),
    ];
    giveBack();
    const s = native.socket(AF_INET, SOCK_STREAM, 0);
    return { before, after: s >= 0 };
  },

  accept() {
    const passive = listen();
    const near = client(passive.port);
    must('send', native.send(near, Uint8Array.of(42), 1, 0));
    const length = Int32Array.of(16);
    const owned = Socket.create(constants.AF_INET, constants.SOCK_STREAM);
    exhaust();
    // The connection stays in the queue: as the kernel has it, and nothing is lost.
    const before = [
      seen(native.accept(passive.handle, new Uint8Array(16), length)),
      seen(native.accept(passive.handle, null, new Int32Array(1))),
    ];
    const raw = passive.handle;
    owned.close();
    exhaust();
    const listener = Socket.fromRaw(raw);
    const tried = thrown(() => listener.tryAccept());
    giveBack();
    const made = listener.tryAccept();
    const into = new Uint8Array(4);
    return { before, tried, length: length[0], after: [made.tryRecv(into), into[0]] };
  },

  // An epoll set and a descriptor to be woken by.
  reactor: () => reactor(false, 2),
  // Its thread has one more.
  'reactor of its own thread': () => reactor(true, 3),

  /** Refused with nothing left open behind, and the connection still in the queue. */
  leaks() {
    const { AF_INET, SOCK_STREAM } = constants;
    const passive = listen();
    client(passive.port);
    const raw = must('socket', native.socket(AF_INET, SOCK_STREAM, 0));
    const listener = Socket.fromRaw(must('socket', native.socket(AF_INET, SOCK_STREAM, 0)));
    const opening = {
      socket: () => native.socket(AF_INET, SOCK_STREAM, 0),
      'Socket.create': () => thrown(() => Socket.create(AF_INET, SOCK_STREAM)),
      accept: () => native.accept(passive.handle, null, new Int32Array(1)),
      // These open nothing, so that they work.
      WSAStartup: () => native.startup(VERSION).code,
      fromRaw: () => Socket.fromRaw(raw).intoRaw() === raw,
      setsockopt: () =>
        native.setsockopt(raw, constants.SOL_SOCKET, constants.SO_KEEPALIVE, Int32Array.of(1), 4),
    };
    const said = Object.fromEntries(
      Object.entries(opening).map(([name, call]) => [name, refusals(call, 0)]),
    );
    listener.close();
    return said;
  },

  /** Calls that open nothing go on as ever; that a wait has no descriptor to be woken by shows only in how soon. */
  waiting() {
    const { near, far } = pair();
    const bytes = new Uint8Array(8);
    exhaust();
    must('send', native.send(far, Uint8Array.of(1, 2, 3), 3, 0));
    const now = [
      seen(native.recv(near, bytes, 8, 0)),
      seen(native.poll(new Float64Array([near, 1, 0]), 1, 10)),
    ];
    const time = native.optionCodecs.timeval.pack({ tv_sec: 0, tv_usec: 50_000 });
    must('limit', native.setsockopt(near, constants.SOL_SOCKET, constants.SO_RCVTIMEO, time, 16));
    return { now, late: seen(native.recv(near, bytes, 8, 0)) };
  },

  async 'woken without a descriptor to wake it'() {
    const { near } = pair();
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const { outcome, exit } = onThread({ call: 'recv', handle: near, gate });
    while (Atomics.load(gate, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const isAsleep = sleepOf(Atomics.load(gate, 0));
    exhaust();
    Atomics.store(gate, 0, 0);
    Atomics.notify(gate, 0);
    while (!isAsleep()) await new Promise((resolve) => setTimeout(resolve, 2));
    const begin = performance.now();
    must('closesocket', native.closesocket(near));
    const { result, error } = await outcome;
    const isSoon = performance.now() - begin < 5000;
    await exit;
    return { result, error, isSoon };
  },

  /** Where the kernel says ENOBUFS and means it: more groups than a socket may join. */
  'no buffers'() {
    const { handle } = datagram();
    const join = (n) => {
      const request = Uint8Array.of(224, 0, 1, n, 127, 0, 0, 1);
      return seen(
        native.setsockopt(handle, constants.IPPROTO_IP, constants.IP_ADD_MEMBERSHIP, request, 8),
      );
    };
    for (let n = 1; n < 255; n++) {
      const joined = join(n);
      if (joined[0] < 0) return { joined };
    }
    return { joined: 'all' };
  },

  connect() {
    const passive = listen();
    const s = must('socket', native.socket(constants.AF_INET, constants.SOCK_STREAM, 0));
    exhaust();
    return { connected: seen(native.connect(s, loopback(passive.port), 16)) };
  },
};

/** Opens what says whether a thread sleeps in poll: later there is no descriptor left to open it. */
function sleepOf(tid) {
  const fd = openSync(`/proc/self/task/${tid}/wchan`);
  const text = Buffer.alloc(64);
  return () => text.toString('latin1', 0, readSync(fd, text, 0, 64, 0)).startsWith('poll_schedule');
}

const said = await cases[process.argv[2]]();
process.stdout.write(JSON.stringify(said), () => process.exit(0));
