// The addon as its tests use it: the bare boundary (src/native.ts, Binding), and the little that every test of it needs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);

/** By name: these files may run from elsewhere than the package lies. @type {import('../src/native.js').Binding} */
export const native = require('node-gyp-build')(
  dirname(require.resolve('@netloom/winsock-native/package.json')),
);

export const { constants } = native;
export const isWindows = process.platform === 'win32';
export const VERSION = 0x0202;

/** A sockaddr_in of 127.0.0.1. */
export function loopback(port) {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, constants.AF_INET, true);
  view.setUint16(2, port);
  bytes.set([127, 0, 0, 1], 4);
  return bytes;
}

/** What a C call returned, or an error that names the call and its code. */
export function must(name, result) {
  if (result < 0) throw new Error(`${name} failed: ${native.lastError()}`);
  return result;
}

/** A listener of the C surface on a free port. */
export function listen(backlog = 16) {
  const handle = must('socket', native.socket(constants.AF_INET, constants.SOCK_STREAM, 0));
  must('bind', native.bind(handle, loopback(0), 16));
  must('listen', native.listen(handle, backlog));
  return { handle, port: portOf(handle) };
}

/** The port that a socket is bound to. */
export function portOf(handle) {
  const name = new Uint8Array(16);
  must('getsockname', native.getsockname(handle, name, new Int32Array([16])));
  return new DataView(name.buffer).getUint16(2);
}

/** A stream socket of the C surface, connected where a port is given. */
export function client(port) {
  const handle = must('socket', native.socket(constants.AF_INET, constants.SOCK_STREAM, 0));
  if (port !== undefined) must('connect', native.connect(handle, loopback(port), 16));
  return handle;
}

/** Two connected stream sockets. */
export function pair() {
  const listener = listen();
  const near = client(listener.port);
  const far = must('accept', native.accept(listener.handle, null, new Int32Array(1)));
  must('closesocket', native.closesocket(listener.handle));
  return { near, far };
}

/** A bound datagram socket. */
export function datagram() {
  const handle = must('socket', native.socket(constants.AF_INET, constants.SOCK_DGRAM, 0));
  must('bind', native.bind(handle, loopback(0), 16));
  return { handle, port: portOf(handle) };
}

export function setNonBlocking(handle, isOn = true) {
  must(
    'ioctlsocket',
    native.ioctlsocket(handle, constants.FIONBIO, new Int32Array([isOn ? 1 : 0])),
  );
}

/** A listener whose queue is full: the next connect stays in SYN-SENT. */
export function fullListener() {
  const listener = listen(0);
  const fillers = [];
  // A queue of 0 holds one on Linux; the second and third make sure of it.
  for (let i = 0; i < 3; i++) {
    const filler = client();
    setNonBlocking(filler);
    native.connect(filler, loopback(listener.port), 16);
    fillers.push(filler);
  }
  return { ...listener, fillers };
}

let pairs = 0;

/**
 * Two connected Unix stream sockets. A full one stays full, where TCP goes on moving bytes from one side's buffer to the
 * other's for a while.
 */
export function unixPair() {
  // WINDOWS: it has Unix sockets since 2018, Wine has none. There a full one stays full too.
  if (isWindows) return pair();
  const name = new TextEncoder().encode(
    `xx\0netloom-${process.pid}-${native.threadId()}-${pairs++}`,
  );
  new DataView(name.buffer).setUint16(0, constants.AF_UNIX, true);
  const make = () => must('socket', native.socket(constants.AF_UNIX, constants.SOCK_STREAM, 0));
  const listener = make();
  must('bind', native.bind(listener, name, name.length));
  must('listen', native.listen(listener, 1));
  const near = make();
  must('connect', native.connect(near, name, name.length));
  const far = must('accept', native.accept(listener, null, new Int32Array(1)));
  must('closesocket', native.closesocket(listener));
  return { near, far };
}

/** Sends until the kernel takes no more. */
export function fill(handle) {
  setNonBlocking(handle);
  for (let length = 65536; length > 0; length >>= 1) {
    const block = new Uint8Array(length);
    while (native.send(handle, block, length, 0) > 0);
  }
  setNonBlocking(handle, false);
}

export function setTimeoutOption(handle, name, ms) {
  const bytes = isWindows
    ? Uint32Array.of(ms)
    : native.optionCodecs.timeval.pack({
        tv_sec: Math.floor(ms / 1000),
        tv_usec: (ms % 1000) * 1000,
      });
  const { byteLength } = bytes;
  must('setsockopt', native.setsockopt(handle, constants.SOL_SOCKET, name, bytes, byteLength));
}

// poll on x64, ppoll on arm64, ppoll on x64: where blocking.cc sleeps. An idle event loop sleeps in epoll_pwait.
const POLL_CALLS = new Set(['7', '73', '271']);

/** Whether that thread of this process is asleep inside a wait of blocking.cc, as the kernel says. */
export function isAsleepInPoll(tid, pid = 'self') {
  try {
    return POLL_CALLS.has(readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'utf8').split(' ')[0]);
  } catch {
    return readFileSync(`/proc/${pid}/task/${tid}/wchan`, 'utf8').startsWith('poll_schedule');
  }
}
