/**
 * One row per function of the binding that a trace shows: the name that the program knows, the arguments by their C names,
 * which of them come out, and how a failure looks. In the order of native.ts.
 *
 * Not here, because they are no calls to the system: the last error, thread ids, codecs, the reactor's own housekeeping, and look-ups,
 * which other threads do.
 */
import type { Binding, View } from '../native.js';
import { optionValue } from './options.js';
import type { TracedArgument, TracedValue } from './record.js';
import { address, data, type Names, plain, roomOf } from './values.js';

/** What the rows need to put values into words. */
export interface Wording {
  readonly names: Names;
  readonly codecs: Binding['optionCodecs'];
}

/** The functions of the binding that can be wrapped. */
export type CallName = {
  [K in keyof Binding]: Binding[K] extends (...args: never[]) => unknown ? K : never;
}[keyof Binding];

/** What came out, by the arguments' names. */
type Outs = Readonly<Record<string, TracedValue>>;

/** How a failure looks: -1 and the last error; the system's number negated, or of either sign; Winsock's code itself. */
export type Manner = 'c' | 'owned' | 'either sign' | 'code';

export interface CallRow<K extends CallName> {
  readonly name: string | ((...args: Parameters<Binding[K]>) => string);
  readonly fails: Manner;
  /** Whether the thread may wait in it: then its begin is written, too. */
  readonly mayBlock?: true;
  /** Before the call. An argument that only comes out has no `in`. */
  args(words: Wording, ...args: Parameters<Binding[K]>): TracedArgument[];
  /** After it, where it did not fail; `result` is what the binding returned: a handle, a count or a length. */
  outs?(words: Wording, result: number, ...args: Parameters<Binding[K]>): Outs;
}

export type CallTable = { readonly [K in CallName]?: CallRow<K> };

export const CALLS: CallTable = {
  // --- start-up
  startup: {
    name: 'WSAStartup',
    fails: 'code',
    args: (_, version) => [
      given('wVersionRequested', { text: `MAKEWORD(${version & 0xff}, ${version >> 8})` }),
      taken('lpWSAData'),
    ],
  },
  cleanup: { name: 'WSACleanup', fails: 'c', args: () => [] },

  // --- under C names
  socket: { name: 'socket', fails: 'c', args: socketArguments },
  bind: {
    name: 'bind',
    fails: 'c',
    args: (_, s, name, namelen) => [handle(s), ...addressArguments(name, namelen)],
  },
  listen: { name: 'listen', fails: 'c', args: listenArguments },
  accept: {
    name: 'accept',
    fails: 'c',
    mayBlock: true,
    args: (_, s, addr, out) => [handle(s), taken('addr', addr), length('addrlen', out)],
    outs: (_, _result, _s, addr, out) => ({
      ...addressOut('addr', addr, out),
      addrlen: plain(out[0] ?? 0),
    }),
  },
  connect: {
    name: 'connect',
    fails: 'c',
    mayBlock: true,
    args: (_, s, name, namelen) => [handle(s), ...addressArguments(name, namelen)],
  },
  send: {
    name: 'send',
    fails: 'c',
    mayBlock: true,
    args: ({ names }, s, buf, len, flags) => [
      handle(s),
      given('buf', data(buf, len)),
      given('len', plain(len)),
      given('flags', names.messageFlags(flags)),
    ],
  },
  recv: {
    name: 'recv',
    fails: 'c',
    mayBlock: true,
    args: ({ names }, s, buf, len, flags) => [
      handle(s),
      taken('buf', buf),
      given('len', plain(len)),
      given('flags', names.messageFlags(flags)),
    ],
    outs: (_, result, _s, buf) => ({ buf: data(buf, result) }),
  },
  sendto: {
    name: 'sendto',
    fails: 'c',
    mayBlock: true,
    args: ({ names }, s, buf, len, flags, to, tolen) => [
      handle(s),
      given('buf', data(buf, len)),
      given('len', plain(len)),
      given('flags', names.messageFlags(flags)),
      given('to', address(to, tolen)),
      given('tolen', plain(tolen)),
    ],
  },
  recvfrom: {
    name: 'recvfrom',
    fails: 'c',
    mayBlock: true,
    args: ({ names }, s, buf, len, flags, from, out) => [
      handle(s),
      taken('buf', buf),
      given('len', plain(len)),
      given('flags', names.messageFlags(flags)),
      taken('from', from),
      length('fromlen', out),
    ],
    outs: (_, result, _s, buf, _len, _flags, from, out) => ({
      buf: data(buf, result),
      ...addressOut('from', from, out),
      fromlen: plain(out[0] ?? 0),
    }),
  },
  sendmsg: {
    name: 'sendmsg',
    fails: 'c',
    mayBlock: true,
    args: ({ names }, s, name, views, lengths, control, flags) => [
      handle(s),
      given('msg_name', name === null ? plain(null) : address(name, lengths[views.length] ?? 0)),
      given('msg_iov', pieces(views, lengths)),
      given('msg_controllen', plain(control === null ? 0 : (lengths[views.length + 1] ?? 0))),
      given('flags', names.messageFlags(flags)),
    ],
  },
  recvmsg: {
    name: 'recvmsg',
    fails: 'c',
    mayBlock: true,
    args: ({ names }, s, name, views, lengths, control, flags) => [
      handle(s),
      taken('msg_name', name),
      given('msg_iov', pieces(views, lengths)),
      given('msg_controllen', plain(control === null ? 0 : (lengths[views.length + 1] ?? 0))),
      given('flags', names.messageFlags(flags)),
    ],
    outs: (_, _result, _s, name, _views, _lengths, _control, _flags, out) => ({
      ...addressOut('msg_name', name, out),
      msg_controllen: plain(out[1] ?? 0),
    }),
  },
  socketpair: {
    name: 'socketpair',
    fails: 'c',
    args: (words, af, type, protocol) => [
      ...socketArguments(words, af, type, protocol),
      taken('sv'),
    ],
    outs: (_, _result, _af, _type, _protocol, out) => ({ sv: { text: `{${out.join(', ')}}` } }),
  },
  shutdown: {
    name: 'shutdown',
    fails: 'c',
    args: (words, s, how) => shutdownArguments(words, s, how),
  },
  // Waits until calls of other threads have left the socket, and for SO_LINGER.
  closesocket: { name: 'closesocket', fails: 'c', mayBlock: true, args: (_, s) => [handle(s)] },
  getsockname: {
    name: 'getsockname',
    fails: 'c',
    args: (_, s, name, out) => [handle(s), taken('name', name), length('namelen', out)],
    outs: (_, _result, _s, name, out) => ({
      ...addressOut('name', name, out),
      namelen: plain(out[0] ?? 0),
    }),
  },
  getpeername: {
    name: 'getpeername',
    fails: 'c',
    args: (_, s, name, out) => [handle(s), taken('name', name), length('namelen', out)],
    outs: (_, _result, _s, name, out) => ({
      ...addressOut('name', name, out),
      namelen: plain(out[0] ?? 0),
    }),
  },
  setsockopt: {
    name: 'setsockopt',
    fails: 'c',
    args: (words, s, level, name, value, len) => [
      handle(s),
      ...optionArguments(words.names, level, name),
      given('optval', optionValue(words, words.names.option(level, name).text, value, len)),
      given('optlen', plain(len)),
    ],
  },
  getsockopt: {
    name: 'getsockopt',
    fails: 'c',
    args: ({ names }, s, level, name, value, out) => [
      handle(s),
      ...optionArguments(names, level, name),
      taken('optval', value),
      length('optlen', out),
    ],
    outs: (words, _result, _s, level, name, value, out) => ({
      optval: optionValue(words, words.names.option(level, name).text, value, out[0] ?? 0),
      optlen: plain(out[0] ?? 0),
    }),
  },
  ioctlsocket: {
    name: 'ioctlsocket',
    fails: 'c',
    args: ({ names }, s, cmd, out) => [
      handle(s),
      given('cmd', names.control(cmd)),
      given('argp', plain(out[0] === undefined ? null : out[0] >>> 0)),
    ],
    outs: (_, _result, _s, _cmd, out) => ({ argp: plain((out[0] ?? 0) >>> 0) }),
  },
  select: {
    name: 'select',
    fails: 'c',
    mayBlock: true,
    args: (_, read, write, except, timeoutMs) => [
      given('readfds', handleSet(read)),
      given('writefds', handleSet(write)),
      given('exceptfds', handleSet(except)),
      given('timeout', { text: timeoutMs === -1 ? 'NULL' : `${timeoutMs} ms` }),
    ],
    outs: (_, _result, read, write, except) => ({
      readfds: handleSet(read),
      writefds: handleSet(write),
      exceptfds: handleSet(except),
    }),
  },
  poll: {
    name: 'WSAPoll',
    fails: 'c',
    mayBlock: true,
    args: ({ names }, fds, count, timeoutMs) => [
      given('fds', pollItems(names, fds, 'events')),
      given('nfds', plain(count)),
      given('timeout', plain(timeoutMs)),
    ],
    outs: ({ names }, _result, fds) => ({ fds: pollItems(names, fds, 'revents') }),
  },

  // --- a Socket's
  sockCreate: { name: 'Socket.create', fails: 'owned', args: socketArguments },
  sockPair: { name: 'Socket.pair', fails: 'owned', args: socketArguments },
  sockAdopt: { name: 'Socket.fromRaw', fails: 'owned', args: (_, s) => [handle(s)] },
  sockRelease: { name: 'Socket.intoRaw', fails: 'owned', args: (_, s) => [handle(s)] },
  sockTold: { name: 'Socket.handle', fails: 'owned', args: (_, s) => [handle(s)] },
  sockDiscard: { name: 'Socket.discard', fails: 'owned', args: (_, s) => [handle(s)] },
  sockBind: {
    name: 'Socket.bind',
    fails: 'owned',
    args: (_, s, _g, name, namelen) => [handle(s), given('name', address(name, namelen))],
  },
  sockListen: {
    name: 'Socket.listen',
    fails: 'owned',
    args: (words, s, _g, backlog) => listenArguments(words, s, backlog),
  },
  sockConnect: {
    name: 'Socket.tryConnect',
    fails: 'owned',
    args: (_, s, _g, name, namelen) => [handle(s), given('name', address(name, namelen))],
  },
  sockError: { name: 'Socket.finishConnect', fails: 'either sign', args: (_, s) => [handle(s)] },
  sockShutdown: {
    name: 'Socket.shutdown',
    fails: 'owned',
    args: (words, s, _g, how) => shutdownArguments(words, s, how),
  },
  sockClose: { name: 'Socket.close', fails: 'owned', args: (_, s) => [handle(s)] },
  sockName: {
    name: (_s, _g, isPeer) => (isPeer ? 'Socket.peerAddress' : 'Socket.localAddress'),
    fails: 'owned',
    args: (_, s) => [handle(s), taken('name')],
    outs: (_, result, _s, _g, _isPeer, name) => ({ name: address(name, result) }),
  },
  sockSetOption: {
    name: 'Socket.setOption',
    fails: 'owned',
    args: (words, s, _g, level, name, value) => [
      handle(s),
      ...optionArguments(words.names, level, name),
      given(
        'optval',
        optionValue(words, words.names.option(level, name).text, value, roomOf(value)),
      ),
    ],
  },
  sockGetOption: {
    name: 'Socket.getOption',
    fails: 'owned',
    args: ({ names }, s, _g, level, name) => [
      handle(s),
      ...optionArguments(names, level, name),
      taken('optval'),
    ],
    outs: (words, result, _s, _g, level, name, value) => ({
      optval: optionValue(words, words.names.option(level, name).text, value, result),
    }),
  },
  tryRecv: {
    name: 'Socket.tryRecv',
    fails: 'owned',
    args: ({ names }, s, _g, into, flags) => [
      handle(s),
      taken('into'),
      given('length', plain(roomOf(into))),
      given('flags', names.messageFlags(flags)),
    ],
    outs: (_, result, _s, _g, into) => ({ into: data(into, result) }),
  },
  trySend: {
    name: 'Socket.trySend',
    fails: 'owned',
    args: ({ names }, s, _g, from, flags) => [
      handle(s),
      given('from', data(from, roomOf(from))),
      given('length', plain(roomOf(from))),
      given('flags', names.messageFlags(flags)),
    ],
  },
  tryAccept: {
    name: 'Socket.tryAccept',
    fails: 'owned',
    args: (_, s) => [handle(s), taken('addr')],
    outs: (_, _result, _s, _g, name, out) => ({ addr: address(name, out[1] ?? 0) }),
  },
  trySendParts: {
    name: 'Socket.trySendParts',
    fails: 'owned',
    args: ({ names }, s, _g, views, control, flags) => [
      handle(s),
      given('parts', pieces(views)),
      given('control', plain(control === null ? 0 : control.byteLength)),
      given('flags', names.messageFlags(flags)),
    ],
  },
  tryRecvParts: {
    name: 'Socket.tryRecvParts',
    fails: 'owned',
    args: ({ names }, s, _g, views, control, flags) => [
      handle(s),
      given('parts', pieces(views)),
      given('control', plain(control === null ? 0 : control.byteLength)),
      given('flags', names.messageFlags(flags)),
    ],
  },
  trySendFile: {
    name: 'Socket.trySendFile',
    fails: 'owned',
    args: (_, s, _g, file, offset, count) => [
      handle(s),
      given('file', plain(file)),
      given('offset', plain(offset)),
      given('length', plain(count)),
    ],
  },

  // --- the reactor
  reactorAdd: { name: 'watch', fails: 'owned', args: (_, s) => [handle(s)] },
  reactorRemove: { name: 'Watch.close', fails: 'owned', args: (_, s) => [handle(s)] },
};

function given(name: string, value: TracedValue): TracedArgument {
  return { name, in: value };
}

/** Memory that the call writes to; C's NULL is a value that goes in. */
function taken(name: string, memory?: View | null): TracedArgument {
  return memory === null ? given(name, plain(null)) : { name };
}

function handle(s: number): TracedArgument {
  return given('s', plain(s));
}

/** The pieces of a call that gathers or scatters, by their lengths. */
function pieces(views: readonly View[], lengths?: Float64Array): TracedValue {
  const sizes = views.map((view, at) => lengths?.[at] ?? view.byteLength);
  return { text: `{${sizes.join(', ')}}` };
}

/** An `int *`: its number as it goes in. */
function length(name: string, out: Int32Array): TracedArgument {
  return given(name, plain(out[0] ?? 0));
}

function addressArguments(name: View, namelen: number): TracedArgument[] {
  return [given('name', address(name, namelen)), given('namelen', plain(namelen))];
}

function addressOut(name: string, view: View | null, out: Int32Array): Outs {
  return view === null ? {} : { [name]: address(view, out[0] ?? 0) };
}

function socketArguments(
  { names }: Wording,
  af: number,
  type: number,
  protocol: number,
): TracedArgument[] {
  return [
    given('af', names.family(af)),
    given('type', names.type(type)),
    given('protocol', names.protocol(protocol)),
  ];
}

function listenArguments({ names }: Wording, s: number, backlog: number): TracedArgument[] {
  return [handle(s), given('backlog', names.backlog(backlog))];
}

function shutdownArguments({ names }: Wording, s: number, how: number): TracedArgument[] {
  return [handle(s), given('how', names.how(how))];
}

function optionArguments(names: Names, level: number, option: number): TracedArgument[] {
  return [given('level', names.level(level)), given('optname', names.option(level, option))];
}

/** The binding's form of an fd_set: the count, then the handles. */
function handleSet(set: Float64Array | null): TracedValue {
  if (set === null) return plain(null);
  return { text: `{${[...set.subarray(1, 1 + (set[0] ?? 0))].join(', ')}}` };
}

/** Triples of handle, events and revents. */
function pollItems(names: Names, fds: Float64Array, field: 'events' | 'revents'): TracedValue {
  const at = field === 'events' ? 1 : 2;
  const items: string[] = [];
  for (let i = 0; i + 2 < fds.length; i += 3) {
    items.push(`{fd: ${fds[i]}, ${field}: ${names.pollEvents(fds[i + at] ?? 0).text}}`);
  }
  return { text: `[${items.join(', ')}]` };
}
