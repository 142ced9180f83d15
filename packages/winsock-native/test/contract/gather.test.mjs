/** Messages of several pieces, control bytes, pairs; and the owned calls that stand on the same functions of the system. */

import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SockaddrIn, SockaddrStorage } from '@netloom/sockaddr';
import {
  after,
  assert,
  bindAnywhere,
  bySystem,
  connected,
  fails,
  nonBlocking,
  notOn,
  own,
  readable,
  sizeof,
  startUp,
  succeeds,
  test,
  udp,
  winsock,
} from './harness.mjs';

startUp();

const AF_UNIX = 1;
const NO_PAIRS = notOn('win32', 'Winsock has no socketpair, and passes no descriptors');

const bytes = (...values) => Uint8Array.from(values);
const piece = (view, length = view.byteLength) => ({ iov_base: view, iov_len: length });

function message(pieces, more = {}) {
  return {
    msg_name: null,
    msg_namelen: 0,
    msg_iov: pieces,
    msg_iovlen: pieces.length,
    msg_control: null,
    msg_controllen: 0,
    msg_flags: 0,
    ...more,
  };
}

/** Two connected Unix sockets under C names. */
function pair(type = winsock.SOCK_STREAM) {
  const sv = [];
  assert.equal(winsock.socketpair(AF_UNIX, type, 0, sv), 0);
  return sv.map(own);
}

test('sendmsg() gathers, recvmsg() scatters, in the order of the pieces', () => {
  const { client, server } = connected();
  const pieces = [piece(bytes(1, 2)), piece(bytes()), piece(bytes(3, 4, 5, 99), 3)];
  succeeds(() => winsock.sendmsg(client, message(pieces), 0), 5);
  const into = [new Uint8Array(1), new Uint8Array(3), new Uint8Array(4)];
  const received = message(into.map((view) => piece(view)));
  succeeds(() => winsock.recvmsg(server, received, 0), 5);
  assert.deepEqual(
    into.map((view) => [...view]),
    [[1], [2, 3, 4], [5, 0, 0, 0]],
  );
  assert.equal(received.msg_flags, 0);
});

test('only the first msg_iovlen pieces count', () => {
  const { client, server } = connected();
  const two = { ...message([piece(bytes(1)), piece(bytes(2))]), msg_iovlen: 1 };
  succeeds(() => winsock.sendmsg(client, two, 0), 1);
  succeeds(() => winsock.recvmsg(server, message([piece(new Uint8Array(8))]), 0), 1);
});

/** Runs a part of `other-thread.mjs`, and gives what it answers; it is started when this resolves. */
async function otherThread(workerData) {
  const worker = new Worker(new URL('other-thread.mjs', import.meta.url), { workerData });
  const failed = once(worker, 'error').then(([error]) => Promise.reject(error));
  // Of a thread that has ended both come in one go: both are listened for from the start.
  let report;
  const answered = new Promise((resolve) => {
    report = resolve;
  });
  const started = new Promise((resolve) => {
    worker.once('message', () => {
      worker.once('message', report);
      resolve();
    });
  });
  await Promise.race([started, failed]);
  const answer = Promise.race([answered, failed]);
  const ended = once(worker, 'exit');
  return async () => {
    const value = await answer;
    await ended;
    return value;
  };
}

/** Starting a thread, on a machine that has other work. */
const THREADS_MS = 60_000;

test(
  'sendmsg() on a blocking stream waits until all pieces are taken',
  async () => {
    const { client, server } = connected();
    const sizes = [3_000_001, 1, 0, 2_999_999, 700_003];
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const whole = Uint8Array.from({ length: total }, (_, at) => at % 251);
    let from = 0;
    const pieces = sizes.map((size) => {
      from += size;
      return piece(whole.subarray(from - size, from));
    });
    const answer = await otherThread({ part: 'read', s: server, total });
    succeeds(() => winsock.sendmsg(client, message(pieces), 0), total);
    assert.deepEqual(await answer(), { firstWrong: -1 });
  },
  THREADS_MS,
);

test('sendmsg() that times out says how much of the pieces went', () => {
  const { client } = connected();
  assert.equal(winsock.setsockopt(client, winsock.SOL_SOCKET, winsock.SO_SNDTIMEO, 50), 0);
  // More than both buffers hold.
  const large = new Uint8Array(16 << 20);
  const sent = winsock.sendmsg(client, message([piece(large), piece(large)]), 0);
  const most = bySystem({
    linux: 2 * large.length - 1,
    win32: 2 * large.length,
    because: 'Windows takes all of a buffer while there is any room',
  });
  assert.ok(sent > 0 && sent <= most, `${sent} bytes`);
});

test(
  'recvmsg() with MSG_WAITALL waits until every piece is full',
  async () => {
    const { client, server } = connected();
    const answer = await otherThread({ part: 'write', s: client, reader: server });
    const into = [new Uint8Array(1), new Uint8Array(2), new Uint8Array(3)];
    const whole = message(into.map((view) => piece(view)));
    succeeds(() => winsock.recvmsg(server, whole, winsock.MSG_WAITALL), 6);
    assert.deepEqual(
      into.map((view) => [...view]),
      [[1], [2, 3], [4, 5, 6]],
    );
    await answer();
  },
  THREADS_MS,
);

test('recvmsg() gives 0 at the end of a stream, and 10035 where nothing is there', () => {
  const { client, server } = connected();
  nonBlocking(server);
  const into = () => message([piece(new Uint8Array(4))]);
  fails(10035, () => winsock.recvmsg(server, into(), 0));
  assert.equal(winsock.shutdown(client, winsock.SD_SEND), 0);
  readable(server);
  succeeds(() => winsock.recvmsg(server, into(), 0), 0);
});

test('a datagram goes to msg_name, and recvmsg() says who sent it', () => {
  const [a, b] = [udp(), udp()];
  const [nameA, nameB] = [bindAnywhere(a), bindAnywhere(b)];
  const to = { msg_name: nameB, msg_namelen: sizeof(nameB) };
  succeeds(() => winsock.sendmsg(a, message([piece(bytes(1)), piece(bytes(2, 3))], to), 0), 3);
  const from = new SockaddrStorage();
  const room = { msg_name: from, msg_namelen: sizeof(from) };
  const received = message([piece(new Uint8Array(8))], room);
  succeeds(() => winsock.recvmsg(b, received, 0), 3);
  assert.equal(String(from), String(nameA));
  assert.equal(received.msg_namelen, 16);
});

test('recvmsg() of a datagram with a short msg_namelen fails with 10014, and it is still there', () => {
  const [a, b] = [udp(), udp()];
  const to = bindAnywhere(b);
  assert.equal(winsock.sendto(a, bytes(1, 2), 2, 0, to, sizeof(to)), 2);
  const from = new SockaddrIn();
  const room = { msg_name: from, msg_namelen: sizeof(from) - 1 };
  const into = piece(new Uint8Array(4));
  readable(b);
  fails(10014, () => winsock.recvmsg(b, message([into], room), 0));
  succeeds(() => winsock.recvmsg(b, message([into]), 0), 2);
});

test('a datagram larger than all pieces: MSG_TRUNC, its first part, its sender, and 10040', () => {
  const [a, b] = [udp(), udp()];
  const [nameA, nameB] = [bindAnywhere(a), bindAnywhere(b)];
  assert.equal(winsock.sendto(a, bytes(1, 2, 3, 4), 4, 0, nameB, 16), 4);
  const from = new SockaddrIn();
  const into = [new Uint8Array(1), new Uint8Array(2)];
  const cut = message(
    into.map((view) => piece(view)),
    { msg_name: from, msg_namelen: 16 },
  );
  fails(10040, () => winsock.recvmsg(b, cut, 0));
  assert.equal(cut.msg_flags & winsock.MSG_TRUNC, winsock.MSG_TRUNC);
  assert.deepEqual(
    into.map((view) => [...view]),
    [[1], [2, 3]],
  );
  assert.equal(String(from), String(nameA));
});

test('a length beyond its memory fails with 10014 and moves nothing', () => {
  const { client, server } = connected();
  const three = new Uint8Array(3);
  fails(10014, () => winsock.sendmsg(client, message([piece(three), piece(three, 4)]), 0));
  fails(10014, () => winsock.sendmsg(client, message([{ iov_base: null, iov_len: 1 }]), 0));
  const control = { msg_control: new Uint8Array(8), msg_controllen: 9 };
  fails(10014, () => winsock.sendmsg(client, message([piece(three)], control), 0));
  const name = { msg_name: new SockaddrIn(), msg_namelen: 17 };
  fails(10014, () => winsock.sendmsg(client, message([piece(three)], name), 0));
  assert.equal(winsock.send(client, bytes(9), 1, 0), 1);
  readable(server);
  fails(10014, () => winsock.recvmsg(server, message([piece(three, 4)]), 0));
  succeeds(() => winsock.recv(server, three, 3, 0), 1);
});

test('more pieces than a system takes fail with 10040', () => {
  const { client } = connected();
  const many = Array.from({ length: 1025 }, () => piece(bytes(1)));
  fails(10040, () => winsock.sendmsg(client, message(many), 0));
});

test('what is no socket fails with 10038, before any other check', () => {
  const closed = udp();
  assert.equal(winsock.closesocket(closed), 0);
  fails(10038, () => winsock.sendmsg(closed, message([piece(bytes(1), 9)]), 0));
  fails(10038, () => winsock.recvmsg(closed, message([piece(bytes(1), 9)]), 0));
});

test('arguments that are no C values are refused by name', () => {
  const s = udp();
  const refused = (call, pattern) => assert.throws(call, pattern);
  refused(() => winsock.sendmsg(s, null, 0), /^TypeError: sendmsg: msg must be a msghdr/);
  refused(() => winsock.sendmsg(s, message([{ iov_base: 'text', iov_len: 1 }]), 0), /iov_base/);
  refused(() => winsock.recvmsg(s, message([{ iov_base: null, iov_len: -1 }]), 0), /iov_len/);
  refused(() => winsock.sendmsg(s, { ...message([]), msg_iovlen: 1 }, 0), /^RangeError: sendmsg/);
  refused(() => winsock.WSASend(s, 3, 1, null, 0, null, null), /WSASend: lpBuffers/);
  refused(() => winsock.socketpair(1, 1, 0, null), /^TypeError: socketpair: sv/);
});

test('WSASend() and WSARecv() give 0, and the count where it is wanted', () => {
  const { client, server } = connected();
  const buffers = [new winsock.WSABUF(2, bytes(1, 2)), new winsock.WSABUF(1, bytes(3))];
  const sent = { value: 0 };
  succeeds(() => winsock.WSASend(client, buffers, 2, sent, 0, null, null));
  assert.equal(sent.value, 3);
  const into = [new winsock.WSABUF(1, new Uint8Array(1)), new winsock.WSABUF(8, new Uint8Array(8))];
  const received = { value: 0 };
  const flags = { value: 0 };
  succeeds(() => winsock.WSARecv(server, into, 2, received, flags, null, null));
  assert.equal(received.value, 3);
  assert.equal(flags.value, 0);
  assert.deepEqual([...into[1].buf], [2, 3, 0, 0, 0, 0, 0, 0]);
});

test('WSASendTo() and WSARecvFrom() move datagrams with their addresses', () => {
  const [a, b] = [udp(), udp()];
  const [nameA, nameB] = [bindAnywhere(a), bindAnywhere(b)];
  const buffers = [new winsock.WSABUF(2, bytes(1, 2)), new winsock.WSABUF(1, bytes(3))];
  succeeds(() => winsock.WSASendTo(a, buffers, 2, null, 0, nameB, 16, null, null));
  const from = new SockaddrIn();
  const length = { value: 16 };
  const got = { value: 0 };
  const into = [new winsock.WSABUF(8, new Uint8Array(8))];
  const flags = { value: 0 };
  succeeds(() => winsock.WSARecvFrom(b, into, 1, got, flags, from, length, null, null));
  assert.equal(got.value, 3);
  assert.equal(String(from), String(nameA));
});

test('there is no overlapped I/O: 10045', () => {
  const s = udp();
  fails(10045, () => winsock.WSASend(s, [], 0, null, 0, {}, null));
  fails(10045, () => winsock.WSARecv(s, [], 0, null, { value: 0 }, null, () => {}));
});

test('socketpair() makes two connected sockets, or says 10045 where the system has none', () => {
  const sv = [];
  const code = bySystem({ linux: 0, win32: 10045, because: 'Winsock has no socketpair' });
  if (code !== 0) return fails(code, () => winsock.socketpair(AF_UNIX, 1, 0, sv));
  succeeds(() => winsock.socketpair(AF_UNIX, winsock.SOCK_STREAM, 0, sv));
  const [one, other] = sv.map(own);
  succeeds(() => winsock.send(one, bytes(1), 1, 0), 1);
  succeeds(() => winsock.recv(other, new Uint8Array(2), 2, 0), 1);
});

test('control bytes are what CMSG_LEN and CMSG_SPACE say, and are read back', () => {
  const values = [
    { cmsg_level: 1, cmsg_type: 2, data: bytes(1, 2, 3) },
    { cmsg_level: -1, cmsg_type: 77, data: bytes() },
    { cmsg_level: 41, cmsg_type: 50, data: new Uint8Array(20).fill(9) },
  ];
  const control = winsock.packControl(values);
  const sizes = values.map(({ data }) => winsock.CMSG_SPACE(data.length));
  assert.equal(control.length, sizes[0] + sizes[1] + sizes[2]);
  const seen = [...winsock.controlMessages(control)];
  assert.deepEqual(
    seen.map(({ cmsg_level, cmsg_type, data }) => [cmsg_level, cmsg_type, ...data]),
    values.map(({ cmsg_level, cmsg_type, data }) => [cmsg_level, cmsg_type, ...data]),
  );
  assert.equal([...winsock.controlMessages(control, winsock.CMSG_LEN(3))].length, 1);
  assert.equal([...winsock.controlMessages(control, winsock.CMSG_LEN(3) - 1)].length, 0);
  // Lengths that nobody wrote: no header, no endless loop.
  assert.equal([...winsock.controlMessages(new Uint8Array(64))].length, 0);
  assert.equal([...winsock.controlMessages(new Uint8Array(64).fill(255))].length, 0);
});

test(
  'a socket that is passed works at the other end, and has one life in the table',
  NO_PAIRS,
  () => {
    const [here, there] = pair();
    const { client, server } = connected();
    const data = new Uint8Array(Int32Array.of(server).buffer);
    const { SOL_SOCKET, SCM_RIGHTS } = winsock;
    const control = winsock.packControl([{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data }]);
    const passing = { msg_control: control, msg_controllen: control.length };
    succeeds(() => winsock.sendmsg(here, message([piece(bytes(1))], passing), 0), 1);

    const room = { msg_control: new Uint8Array(64), msg_controllen: 64 };
    const arrived = message([piece(new Uint8Array(1))], room);
    succeeds(() => winsock.recvmsg(there, arrived, 0), 1);
    const [{ cmsg_type, data: numbers }] = winsock.controlMessages(
      arrived.msg_control,
      arrived.msg_controllen,
    );
    assert.equal(cmsg_type, SCM_RIGHTS);
    const passed = own(new DataView(numbers.buffer, numbers.byteOffset).getInt32(0, true));
    assert.notEqual(passed, server);
    succeeds(() => winsock.send(passed, bytes(42), 1, 0), 1);
    const into = new Uint8Array(1);
    succeeds(() => winsock.recv(client, into, 1, 0), 1);
    assert.equal(into[0], 42);
    assert.equal(winsock.closesocket(passed), 0);
    fails(10038, () => winsock.closesocket(passed));
  },
);

test('what the control bytes have no room for is closed, and MSG_CTRUNC says so', NO_PAIRS, () => {
  const [here, there] = pair();
  const data = new Uint8Array(Int32Array.of(here, here, here).buffer);
  const { SOL_SOCKET, SCM_RIGHTS } = winsock;
  const control = winsock.packControl([{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data }]);
  const passing = { msg_control: control, msg_controllen: control.length };
  succeeds(() => winsock.sendmsg(here, message([piece(bytes(1))], passing), 0), 1);
  const length = winsock.CMSG_LEN(4);
  const room = { msg_control: new Uint8Array(length), msg_controllen: length };
  const arrived = message([piece(new Uint8Array(1))], room);
  succeeds(() => winsock.recvmsg(there, arrived, 0), 1);
  assert.equal(arrived.msg_flags & winsock.MSG_CTRUNC, winsock.MSG_CTRUNC);
  const [{ data: numbers }] = winsock.controlMessages(room.msg_control, arrived.msg_controllen);
  assert.equal(numbers.length, 4);
  winsock.closesocket(own(new DataView(numbers.buffer, numbers.byteOffset).getInt32(0, true)));
});

// --- the owned forms

const { Socket, WOULD_BLOCK } = winsock;

test('Socket.pair(): what one sends in pieces the other receives in pieces', NO_PAIRS, () => {
  const [one, other] = Socket.pair();
  assert.equal(one.trySendParts([bytes(1, 2), bytes(), bytes(3)]), 3);
  const into = [new Uint8Array(2), new Uint8Array(2)];
  assert.equal(other.tryRecvParts(into), 3);
  assert.deepEqual(
    into.map((view) => [...view]),
    [
      [1, 2],
      [3, 0],
    ],
  );
  assert.equal(other.tryRecvParts(into), WOULD_BLOCK);
  assert.throws(() => other.tryRecvParts([bytes()]), RangeError);
  assert.throws(() => one.trySendParts([bytes(1), 'text']), /^TypeError: send: parts.*'text'/);
  one.close();
  assert.equal(other.tryRecvParts(into), 0);
  assert.throws(() => one.trySendParts([bytes(1)]), { code: 'EBADF' });
  other.close();
});

test('trySendParts() takes what there is room for, and says when there is none', NO_PAIRS, () => {
  const [one, other] = Socket.pair();
  const large = [new Uint8Array(1 << 20), new Uint8Array(1 << 20), new Uint8Array(1 << 20)];
  const taken = one.trySendParts(large);
  assert.ok(taken > 0 && taken < 3 << 20, `${taken}`);
  for (let sent = taken; sent !== WOULD_BLOCK; ) sent = one.trySendParts(large);
  one.close();
  other.close();
});

test("handles that are passed arrive as sockets and descriptors of one's own", NO_PAIRS, () => {
  const [here, there] = Socket.pair();
  const [left, right] = Socket.pair();
  const file = openSync(import.meta.filename ?? new URL(import.meta.url), 'r');
  assert.equal(there.tryRecvHandles(new Uint8Array(4)), WOULD_BLOCK);
  assert.equal(here.trySendHandles(bytes(5, 6), [right, file]), 2);
  const got = there.tryRecvHandles(new Uint8Array(4), { limit: 5 });
  assert.equal(got.byteCount, 2);
  assert.equal(got.isCut, false);
  assert.equal(got.sockets.length, 1);
  assert.equal(got.descriptors.length, 1);
  assert.equal(fstatSync(got.descriptors[0]).ino, fstatSync(file).ino);
  right.close();
  const [passed] = got.sockets;
  assert.equal(passed.trySend(bytes(1)), 1);
  assert.equal(left.tryRecv(new Uint8Array(2)), 1);
  passed.close();
  assert.equal(left.tryRecv(new Uint8Array(2)), 0);
  for (const descriptor of [file, ...got.descriptors]) closeSync(descriptor);
  for (const socket of [here, there, left]) socket.close();
});

test('more handles than the limit are cut', NO_PAIRS, () => {
  const [here, there] = Socket.pair();
  assert.equal(here.trySendHandles(bytes(1), [here, here]), 1);
  const got = there.tryRecvHandles(new Uint8Array(1));
  assert.equal(got.isCut, true);
  assert.equal(got.sockets.length, 1);
  got.sockets[0].close();
  assert.throws(() => there.tryRecvHandles(new Uint8Array(1), { limit: 254 }), /1 to 253: got 254/);
  assert.throws(() => here.trySendHandles(bytes(), [here]), RangeError);
  assert.throws(() => here.trySendHandles(bytes(1), [99_999]), { code: 'EBADF' });
  here.close();
  there.close();
});

const folder = mkdtempSync(join(tmpdir(), 'netloom-gather-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test(
  'trySendFile() sends from an offset up to a length, and 0 says that the file ends',
  NO_PAIRS,
  () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'abcdefgh');
    const file = openSync(path, 'r');
    const [one, other] = Socket.pair();
    assert.equal(one.trySendFile(file, 2, 3), 3);
    assert.equal(one.trySendFile(file, 6, 100), 2);
    assert.equal(one.trySendFile(file, 8, 100), 0);
    const into = new Uint8Array(16);
    assert.equal(other.tryRecv(into), 5);
    assert.equal(Buffer.from(into.subarray(0, 5)).toString(), 'cdegh');
    assert.throws(() => one.trySendFile(file, 0, 0), { code: 'EINVAL' });
    assert.throws(() => one.trySendFile(99_999, 0, 1), { code: 'EBADF' });
    assert.throws(() => one.trySendFile('file', 0, 1), TypeError);
    closeSync(file);
    one.close();
    other.close();
  },
);

test('Socket.pair() makes two, or says 10045 where the system has none', () => {
  const code = bySystem({ linux: 0, win32: 10045, because: 'Winsock has no socketpair' });
  if (code !== 0) return assert.throws(() => Socket.pair(), { wsaCode: code });
  for (const end of Socket.pair()) end.close();
});
