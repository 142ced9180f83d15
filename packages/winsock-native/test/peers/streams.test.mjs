/** Bytes over a connection: behaviours that the tests of peers hold. Their sources: vectors/reference/peer-behaviours.json. */
import { SockaddrIn } from '@netloom/sockaddr';
import {
  assert,
  bySystem,
  close,
  connected,
  fails,
  loopback,
  nameOf,
  nonBlocking,
  readable,
  startUp,
  succeeds,
  test,
  winsock,
} from '../contract/harness.mjs';

const { MSG_OOB, SD_BOTH, SD_RECEIVE, SD_SEND, SO_LINGER, SO_OOBINLINE, SOL_SOCKET } = winsock;
const hello = new TextEncoder().encode('hello');
const onLinux = { skip: process.platform !== 'linux' };

startUp();

function textOf(s, flags = 0, room = 64) {
  const into = new Uint8Array(room);
  const count = winsock.recv(s, into, room, flags);
  assert.ok(count >= 0, `last error ${winsock.WSAGetLastError()}`);
  return new TextDecoder().decode(into.subarray(0, count));
}

function sendText(s, text, flags = 0) {
  const bytes = new TextEncoder().encode(text);
  assert.equal(winsock.send(s, bytes, bytes.length, flags), bytes.length);
}

/** Waits until the kernel has urgent data for a socket. */
function urgent(s) {
  const fds = [{ fd: s, events: winsock.POLLRDBAND | winsock.POLLPRI, revents: 0 }];
  assert.equal(winsock.WSAPoll(fds, 1, 5000), 1);
}

function resetFrom(s) {
  assert.equal(winsock.setsockopt(s, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 }), 0);
  close(s);
}

for (const [call, receive] of [
  ['recv', (s, into) => winsock.recv(s, into, into.length, 0)],
  ['recvfrom', (s, into) => winsock.recvfrom(s, into, into.length, 0, null, null)],
]) {
  test(`${call}() with less room than has come leaves the rest for the next call`, () => {
    const { client, server } = connected();
    sendText(client, 'hello');
    const into = new Uint8Array(2);
    succeeds(() => receive(server, into), 2);
    assert.deepEqual([...into], [...hello.subarray(0, 2)]);
    const rest = new Uint8Array(9);
    succeeds(() => receive(server, rest), 3);
    assert.deepEqual([...rest.subarray(0, 3)], [...hello.subarray(2)]);
  });
}

test('recv() without room gives 0 and takes nothing', () => {
  const { client, server } = connected();
  sendText(client, 'hello');
  readable(server);
  succeeds(() => winsock.recv(server, null, 0, 0), 0);
  succeeds(() => winsock.recv(server, new Uint8Array(0), 0, 0), 0);
  assert.equal(textOf(server), 'hello');
});

test('what several calls sent arrives in their order', () => {
  const { client, server } = connected();
  const sent = Array.from({ length: 300 }, (_, i) => `${i};`);
  for (const part of sent) sendText(client, part);
  assert.equal(winsock.shutdown(client, SD_SEND), 0);
  let got = '';
  for (let part = textOf(server); part !== ''; part = textOf(server)) got += part;
  assert.equal(got, sent.join(''));
});

test('sendto() on a connection ignores the address', () => {
  const { client, server } = connected();
  const garbage = new Uint8Array(16).fill(0xfe);
  succeeds(() => winsock.sendto(client, hello, 5, 0, garbage, 16), 5);
  succeeds(() => winsock.sendto(client, hello, 5, 0, loopback(1), 16), 5);
  assert.deepEqual([...garbage], Array(16).fill(0xfe));
  assert.equal(winsock.shutdown(client, SD_SEND), 0);
  let got = '';
  for (let part = textOf(server); part !== ''; part = textOf(server)) got += part;
  assert.equal(got, 'hellohello');
});

test('recvfrom() on a connection gives no address, and leaves the memory alone', () => {
  const { client, server } = connected();
  sendText(client, 'hello');
  const from = new Uint8Array(16).fill(0xfe);
  const length = { value: 16 };
  succeeds(() => winsock.recvfrom(server, new Uint8Array(9), 9, 0, from, length), 5);
  assert.deepEqual([...from], Array(16).fill(0xfe));
  const expected = bySystem({
    linux: 0,
    win32: 16,
    because: 'POSIX says that the address has no bytes, Winsock does not touch the length',
  });
  assert.equal(length.value, expected);
  sendText(client, 'hello');
  fails(10014, () => winsock.recvfrom(server, new Uint8Array(9), 9, 0, from, { value: -1 }));
  // No name comes, so no room is too small for it.
  succeeds(() => winsock.recvfrom(server, new Uint8Array(9), 9, 0, from, { value: 1 }), 5);
});

test('urgent data come out of their turn with MSG_OOB, and what came before is still there', () => {
  const { client, server } = connected();
  sendText(client, 'hello');
  sendText(client, '!', MSG_OOB);
  urgent(server);
  assert.equal(textOf(server, MSG_OOB, 6), '!');
  assert.equal(textOf(server), 'hello');
});

test('recv() with MSG_OOB does not wait: 10022 where nothing urgent came, or where it is inline', () => {
  const { client, server } = connected();
  fails(10022, () => winsock.recv(server, new Uint8Array(1), 1, MSG_OOB));
  assert.equal(winsock.setsockopt(server, SOL_SOCKET, SO_OOBINLINE, 1), 0);
  sendText(client, 'A', MSG_OOB);
  readable(server);
  fails(10022, () => winsock.recv(server, new Uint8Array(1), 1, MSG_OOB));
  assert.equal(textOf(server), 'A');
});

test(
  'FIONREAD counts up to the urgent mark, and SIOCATMARK says when it is reached',
  onLinux,
  () => {
    const { client, server } = connected();
    const ask = (command) => {
      const answer = { value: 99 };
      succeeds(() => winsock.ioctlsocket(server, command, answer));
      return answer.value;
    };
    assert.deepEqual([ask(winsock.FIONREAD), ask(winsock.SIOCATMARK)], [0, 0]);
    sendText(client, 'data');
    sendText(client, '!', MSG_OOB);
    urgent(server);
    assert.deepEqual([ask(winsock.FIONREAD), ask(winsock.SIOCATMARK)], [4, 0]);
    assert.equal(textOf(server, 0, 3), 'dat');
    assert.deepEqual([ask(winsock.FIONREAD), ask(winsock.SIOCATMARK)], [1, 0]);
    assert.equal(textOf(server), 'a');
    assert.equal(ask(winsock.SIOCATMARK), 1);
  },
);

test('shutdown() of sending may be repeated', () => {
  const { client, server } = connected();
  succeeds(() => winsock.shutdown(client, SD_SEND));
  succeeds(() => winsock.shutdown(client, SD_SEND));
  fails(10058, () => winsock.send(client, hello, 5, 0));
  assert.equal(textOf(server), '');
});

test('shutdown() of a socket without a connection fails with 10057 in every direction', () => {
  for (const how of [SD_SEND, SD_RECEIVE, SD_BOTH]) {
    const s = winsock.socket(2, winsock.SOCK_STREAM, 0);
    fails(10057, () => winsock.shutdown(s, how));
    assert.equal(winsock.closesocket(s), 0);
  }
});

test('after SD_RECEIVE sending still works', () => {
  const { client, server } = connected();
  assert.equal(winsock.shutdown(server, SD_RECEIVE), 0);
  succeeds(() => winsock.send(server, hello, 5, 0), 5);
  assert.equal(textOf(client), 'hello');
});

test('what comes after SD_RECEIVE is delivered as the kernel does', () => {
  const { client, server } = connected();
  assert.equal(winsock.shutdown(server, SD_RECEIVE), 0);
  sendText(client, 'late');
  const expected = bySystem({
    linux: [4, 0],
    darwin: [0, 0],
    win32: [-1, 10058],
    because: 'Linux goes on taking bytes, the BSDs drop them, Winsock refuses the call',
  });
  const fds = [{ fd: server, events: winsock.POLLIN, revents: 0 }];
  const unread = { value: 0 };
  // Linux calls the socket readable at once: what counts is that the bytes are there.
  const deadline = performance.now() + 5000;
  while (process.platform === 'linux' && unread.value < 4) {
    assert.ok(performance.now() < deadline, 'the bytes did not come');
    winsock.WSAPoll(fds, 1, 1000);
    assert.equal(winsock.ioctlsocket(server, winsock.FIONREAD, unread), 0);
  }
  winsock.WSASetLastError(0);
  const result = winsock.recv(server, new Uint8Array(9), 9, 0);
  assert.deepEqual([result, winsock.WSAGetLastError()], expected);
});

test('after SD_BOTH sending fails with 10058', () => {
  const { client } = connected();
  assert.equal(winsock.shutdown(client, SD_BOTH), 0);
  fails(10058, () => winsock.send(client, hello, 5, 0));
});

test('a connection that both sides have ended has a name and, as the kernel says, a peer', () => {
  const { client, server } = connected();
  const name = nameOf(client);
  assert.equal(winsock.shutdown(client, SD_SEND), 0);
  assert.equal(textOf(server), '');
  assert.equal(winsock.shutdown(server, SD_SEND), 0);
  assert.equal(textOf(client), '');
  assert.equal(String(nameOf(client)), String(name));
  const code = bySystem({
    linux: 10057,
    win32: 0,
    because: 'POSIX forgets the peer with the connection, Winsock keeps it',
  });
  winsock.WSASetLastError(0);
  winsock.getpeername(client, new SockaddrIn(), { value: 16 });
  assert.equal(winsock.WSAGetLastError(), code);
});

test('closing with bytes unread resets the connection', () => {
  const { client, server } = connected();
  sendText(client, 'unread');
  readable(server);
  close(server);
  readable(client);
  fails(10054, () => winsock.recv(client, new Uint8Array(1), 1, 0));
});

test('a reset after a half close reaches who has read the end', () => {
  const { client, server } = connected();
  assert.equal(winsock.shutdown(client, SD_SEND), 0);
  assert.equal(textOf(server), '');
  resetFrom(client);
  const fds = [{ fd: server, events: 0, revents: 0 }];
  assert.equal(winsock.WSAPoll(fds, 1, 5000), 1);
  fails(10054, () => winsock.send(server, hello, 5, 0));
});

test('sending to a peer that has closed fails in the end, with the code of a reset', () => {
  const { client, server } = connected();
  close(server);
  let sent = 0;
  const code = bySystem({
    linux: 10054,
    win32: 10053,
    because: 'Windows calls it aborted by its own host when its answer was a reset',
  });
  winsock.WSASetLastError(0);
  for (let tries = 0; sent >= 0 && tries < 100_000; tries++) {
    sent = winsock.send(client, hello, 5, 0);
  }
  assert.ok([code, 10054].includes(winsock.WSAGetLastError()), `${winsock.WSAGetLastError()}`);
});

test('a non-blocking connection says "not yet" until bytes come', () => {
  const { client, server } = connected();
  nonBlocking(server);
  fails(10035, () => winsock.recv(server, new Uint8Array(5), 5, 0));
  sendText(client, 'hello');
  readable(server);
  assert.equal(textOf(server), 'hello');
});
