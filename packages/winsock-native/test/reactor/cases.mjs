/**
 * What the reactor promises, one function a promise; run on the main thread and in a worker by `reactor.test.ts`.
 *
 * Each throws when the promise is broken. Loopback sockets; what must not happen is checked after a later event has come.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { SockaddrIn } from '@netloom/sockaddr';
import {
  closesocket,
  MSG_OOB,
  SO_LINGER,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  WOULD_BLOCK,
  WSACleanup,
  WSADATA,
  WSAStartup,
} from '@netloom/winsock-native';
import {
  EVENT_CLOSED,
  EVENT_HANGUP,
  EVENT_READ,
  EVENT_URGENT,
  EVENT_WRITE,
  watch,
} from '@netloom/winsock-native/reactor';
import { native } from '../addon.mjs';

/** Whether this system's reactor has no edge-triggered set: then hints move only while somebody waits. */
const MUST_ARM = native.reactorMustArm;

const AF_INET = 2;
const waits = () => globalThis[Symbol.for('netloom.waits')] ?? 0;

/** Resolves with the events of one wait. */
function next(watched, direction) {
  return new Promise((resolve) => watched.wait(direction, resolve));
}

/** A turn of the event loop, in which the reactor has had its chance. */
function turn() {
  return new Promise((resolve) => setImmediate(resolve));
}

function listener() {
  const passive = Socket.create(AF_INET, SOCK_STREAM);
  passive.bind(SockaddrIn.from({ address: '127.0.0.1', port: 0 }));
  passive.listen();
  return passive;
}

async function accept(passive, watched) {
  for (;;) {
    const accepted = passive.tryAccept();
    if (accepted !== WOULD_BLOCK) return accepted;
    watched.readable = false;
    await next(watched, 'read');
  }
}

/** Two connected ends and their watches; `close` closes them all. */
async function connected() {
  const passive = listener();
  const passiveWatch = watch(passive);
  const client = Socket.create(AF_INET, SOCK_STREAM);
  client.tryConnect(passive.localAddress);
  const server = await accept(passive, passiveWatch);
  client.finishConnect();
  passiveWatch.close();
  passive.close();
  const watches = { client: watch(client), server: watch(server) };
  return {
    client,
    server,
    watches,
    close() {
      watches.client.close();
      watches.server.close();
      client.close();
      server.close();
    },
  };
}

/** Sends text, where a character between exclamation marks goes as urgent data: 'a!b!c' is a, b as MSG_OOB, c. */
function sendWithUrgent(one, text) {
  for (const [i, part] of text.split('!').entries()) {
    if (part === '') continue;
    const bytes = Buffer.from(part);
    assert.equal(one.trySend(bytes, i % 2 === 1 ? MSG_OOB : 0), bytes.length);
  }
}

/** Reads as the Watch's owner is told to, until the text has come; urgent bytes are left out of it by the kernel. */
async function readText(one, watched, length) {
  const into = new Uint8Array(64);
  let text = '';
  while (text.length < length) {
    if (!watched.readable) await next(watched, 'read');
    const count = one.tryRecv(into);
    if (count === WOULD_BLOCK) {
      watched.readable = false;
      watched.hasUrgent = false;
      continue;
    }
    text += Buffer.from(into.subarray(0, count)).toString();
    if (count < into.length && !watched.hasHangup && !watched.hasUrgent) watched.readable = false;
  }
  return text;
}

/** How often this thread has called read(2), proc(5): `recv` is another call. */
function readCalls() {
  return Number(/^syscr: (\d+)$/m.exec(readFileSync('/proc/thread-self/io', 'utf8'))[1]);
}

/** Whether some event counter of this process stands above zero. */
function isSomeCounterUp() {
  return readdirSync('/proc/self/fdinfo').some((fd) => {
    try {
      const count = /^eventfd-count:\s+(\w+)$/m.exec(
        readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'),
      );
      return count !== null && Number(`0x${count[1]}`) > 0;
    } catch {
      return false; // the descriptor of this very listing
    }
  });
}

/** What the epoll sets of this process watch edge-triggered, urgent data included, as nobody but the reactors does. */
function registrations() {
  const OURS = 0x80000002; // EPOLLET | EPOLLPRI
  return readdirSync('/proc/self/fdinfo').flatMap((set) => {
    let text;
    try {
      text = readFileSync(`/proc/self/fdinfo/${set}`, 'utf8');
    } catch {
      return []; // the descriptor of this very listing
    }
    return [...text.matchAll(/^tfd:\s+(\d+) events:\s+(\w+) data:\s+(\w+)/gm)]
      .filter(([, , events]) => (Number.parseInt(events, 16) & OURS) >>> 0 === OURS)
      .map(([, number, , cookie]) => ({
        number: Number(number),
        key: `${set} ${number} ${cookie}`,
      }));
  });
}

/** Watches a socket, and finds out its number without asking it. */
function watchedUnasked(one) {
  const before = new Set(registrations().map(({ key }) => key));
  const watched = watch(one);
  const [own, ...more] = registrations().filter(({ key }) => !before.has(key));
  assert.equal(more.length, 0);
  return { watched, ...own };
}

function isRegistered(key) {
  return registrations().some((one) => one.key === key);
}

/** A process that holds a duplicate of a number; `end` lets it go, and waits until it has. */
async function holder(number) {
  const child = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit', number] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  // That it speaks says that it runs, and no copy of this process's descriptors is left in it but this one.
  child.stdin.write('.');
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return {
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}

/** How many turns this thread's event loop takes in a while in which nothing happens. */
async function turnsInAWhile() {
  const before = performance.nodeTiming.uvMetricsInfo.loopCount;
  await new Promise((resolve) => setTimeout(resolve, 50));
  return performance.nodeTiming.uvMetricsInfo.loopCount - before;
}

function reset(one) {
  one.setOption(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
  one.close();
}

const BATCH_READS =
  'a batch costs no read of the wake-up descriptor, unless it was signalled: then it is read, once';
const isForeign = process.versions.bun !== undefined || process.versions.deno !== undefined;

const TOLD =
  'a socket whose number was told leaves the set when it closes, with a duplicate alive elsewhere';
const UNTOLD =
  'a duplicate that nobody was told of stays silent: no news for the next in its slot, and no busy loop';

/** Cases that this system's reactor has no way to pass, and why. */
export const impossible = isForeign
  ? {
      [BATCH_READS]: 'it looks at all event counters of the process, and the runtime has its own',
      [TOLD]: 'it hands a number to a child process as Node does',
      [UNTOLD]: 'it reads how many turns Node has counted',
    }
  : MUST_ARM
    ? {
        'urgent data wake the reader and say what they are, alone too':
          'uv_poll tells nothing of urgent data',
        [BATCH_READS]: 'the wake-up is a uv_async, and reading it is the affair of libuv',
        [TOLD]: 'there is no epoll set',
        [UNTOLD]: 'there is no epoll set',
      }
    : {};

export const cases = {
  async 'data that came before the wait wakes it'() {
    const pair = await connected();
    pair.client.trySend(Uint8Array.of(1));
    assert.equal((await next(pair.watches.server, 'read')) & EVENT_READ, EVENT_READ);
    assert.equal(pair.server.tryRecv(new Uint8Array(4)), 1);
    pair.close();
  },

  async 'data that comes after the wait wakes it'() {
    const pair = await connected();
    const waiting = next(pair.watches.server, 'read');
    await turn();
    pair.client.trySend(Uint8Array.of(1));
    assert.equal((await waiting) & EVENT_READ, EVENT_READ);
    pair.close();
  },

  async 'registration itself reports what is already there'() {
    const pair = await connected();
    pair.watches.server.close();
    pair.client.trySend(Uint8Array.of(1));
    await turn();
    const again = watch(pair.server);
    assert.equal(again.readable, false);
    assert.equal(again.writable, true);
    assert.equal((await next(again, 'read')) & EVENT_READ, EVENT_READ);
    assert.equal(again.readable, true);
    again.close();
    pair.close();
  },

  async 'news between the last try and the wait are not lost'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    assert.equal(pair.server.tryRecv(new Uint8Array(4)), WOULD_BLOCK);
    watched.readable = false;
    pair.client.trySend(Uint8Array.of(1));
    while (!MUST_ARM && !watched.readable) await turn();
    assert.equal((await next(watched, 'read')) & EVENT_READ, EVENT_READ);
    pair.close();
  },

  async 'each arrival is an edge of its own: a hundred in turn'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    const into = new Uint8Array(4);
    for (let i = 0; i < 100; i++) {
      assert.equal(pair.client.trySend(Uint8Array.of(i)), 1);
      let count = pair.server.tryRecv(into);
      while (count === WOULD_BLOCK) {
        watched.readable = false;
        await next(watched, 'read');
        count = pair.server.tryRecv(into);
      }
      assert.equal(count, 1);
      assert.equal(into[0], i);
    }
    pair.close();
  },

  async 'a half close wakes the reader with a hang-up, and writing goes on'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    assert.equal(watched.hasHangup, false);
    pair.client.shutdown('send');
    assert.equal((await next(watched, 'read')) & EVENT_HANGUP, EVENT_HANGUP);
    assert.equal(watched.hasHangup, true);
    assert.equal(pair.server.tryRecv(new Uint8Array(1)), 0);
    assert.equal(pair.server.trySend(Uint8Array.of(1)), 1);
    assert.equal((await next(pair.watches.client, 'read')) & EVENT_READ, EVENT_READ);
    pair.close();
  },

  async 'a reset wakes reader and writer'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    // What there is room for is told once before, so that only the reset is news.
    watched.writable = false;
    await next(watched, 'write');
    watched.writable = false;
    const both = [next(watched, 'read'), next(watched, 'write')];
    pair.watches.client.close();
    reset(pair.client);
    // To libuv a reset is something to read, and a socket with room can be written to.
    const expected = MUST_ARM ? EVENT_READ | EVENT_WRITE : EVENT_HANGUP;
    for (const events of await Promise.all(both)) assert.notEqual(events & expected, 0);
    assert.throws(() => pair.server.tryRecv(new Uint8Array(1)), { code: 'ECONNRESET' });
    pair.close();
  },

  async 'bytes behind an urgent one are read without further news, although the read before it was short'() {
    const pair = await connected();
    sendWithUrgent(pair.client, 'a!x!b');
    assert.equal(await readText(pair.server, pair.watches.server, 2), 'ab');
    pair.close();
  },

  async 'urgent data wake the reader and say what they are, alone too'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    const waiting = next(watched, 'read');
    await turn();
    sendWithUrgent(pair.client, '!x!');
    const events = await waiting;
    assert.equal(events & (EVENT_READ | EVENT_URGENT), EVENT_READ | EVENT_URGENT);
    assert.equal(watched.hasUrgent, true);
    assert.equal(watched.hasHangup, false);
    pair.close();
  },

  async 'urgent data that were there before registration are told by it'() {
    const pair = await connected();
    pair.watches.server.close();
    sendWithUrgent(pair.client, 'a!x!b');
    const again = watch(pair.server);
    assert.equal(await readText(pair.server, again, 2), 'ab');
    again.close();
    pair.close();
  },

  async 'urgent data that come later, and again, stall nobody: before a read, between reads, two at once'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    const rounds = ['ab', 'a!x!b', 'cd', '!x!e', 'f!x!', 'g!x!h!y!i', 'k!x!l', 'mn'];
    let expected = '';
    let got = '';
    for (const round of rounds) {
      sendWithUrgent(pair.client, round);
      // Of two urgent bytes the first becomes an ordinary one (RFC 6093 §3.1), unless it was the next to be read.
      const ordinary = round.replace(/^g!x!/, 'gx').replace(/!.!/g, '');
      expected += ordinary;
      got += await readText(pair.server, watched, ordinary.length);
    }
    assert.equal(got, expected);
    pair.close();
  },

  async 'once the stream was empty behind urgent data, a short read says again that it is'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    sendWithUrgent(pair.client, 'a!x!b');
    assert.equal(await readText(pair.server, watched, 2), 'ab');
    assert.equal(pair.server.tryRecv(new Uint8Array(1)), WOULD_BLOCK);
    watched.readable = false;
    watched.hasUrgent = false;
    const waiting = next(watched, 'read');
    sendWithUrgent(pair.client, 'c');
    assert.equal((await waiting) & EVENT_URGENT, 0);
    assert.equal(watched.hasUrgent, false);
    pair.close();
  },

  async 'a full send buffer wakes the writer when there is room again'() {
    const pair = await connected();
    const { client: watched, server: reader } = pair.watches;
    const block = new Uint8Array(1 << 20);
    let sent = 0;
    for (let n = 0; n !== WOULD_BLOCK; n = pair.client.trySend(block)) sent += n;
    watched.writable = false;
    let isAwake = false;
    watched.wait('write', (events) => {
      assert.equal(events & EVENT_WRITE, EVENT_WRITE);
      isAwake = true;
    });
    await turn();
    assert.equal(isAwake, false);
    const into = new Uint8Array(1 << 20);
    let received = 0;
    while (!isAwake || received < sent) {
      const n = pair.server.tryRecv(into);
      if (n !== WOULD_BLOCK) {
        received += n;
        continue;
      }
      reader.readable = false;
      if (received < sent) await next(reader, 'read');
      else await turn();
    }
    pair.close();
  },

  async 'a second waiter in one direction is refused with a clear error; the first is not lost'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    const first = next(watched, 'read');
    assert.throws(() => watched.wait('read', () => {}), /already waits to read.*one waiter/);
    watched.wait('write', () => {});
    pair.client.trySend(Uint8Array.of(1));
    assert.equal((await first) & EVENT_READ, EVENT_READ);
    pair.close();
  },

  async 'reader and writer of one socket both make progress'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    const read = next(watched, 'read');
    await next(watched, 'write');
    pair.client.trySend(Uint8Array.of(1));
    await read;
    pair.close();
  },

  async 'wake is never called inside wait(), also when the hint is already true'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    let isAwake = false;
    assert.equal(watched.writable, true);
    watched.wait('write', () => {
      isAwake = true;
    });
    assert.equal(isAwake, false);
    await Promise.resolve();
    assert.equal(isAwake, true);
    pair.close();
  },

  async 'cancel() takes a wait back: true once, and its wake is not called'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    let woken = 0;
    const wake = () => woken++;
    assert.equal(watched.cancel('read'), false);
    watched.wait('read', wake);
    assert.equal(watched.cancel('read'), true);
    assert.equal(watched.cancel('read'), false);
    watched.wait('write', wake); // latched: its microtask is on the way
    assert.equal(watched.cancel('write'), true);
    pair.client.trySend(Uint8Array.of(1));
    await next(watched, 'read');
    assert.equal(woken, 0);
    pair.close();
  },

  async 'Watch.close() wakes who waits with CLOSED, later; waiting on it afterwards too'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    const read = next(watched, 'read');
    let isAwake = false;
    read.then(() => {
      isAwake = true;
    });
    watched.close();
    assert.equal(isAwake, false);
    assert.equal(await read, EVENT_CLOSED);
    assert.equal(await next(watched, 'read'), EVENT_CLOSED);
    watched.close();
    pair.close();
  },

  async 'closing a watched socket, by its owner or by number, wakes who waits with CLOSED'() {
    for (const close of [
      (one) => one.close(),
      (one) => {
        WSAStartup(0x202, new WSADATA());
        assert.equal(closesocket(one.handle), 0);
        WSACleanup();
      },
    ]) {
      const pair = await connected();
      const { server: watched } = pair.watches;
      await turn();
      watched.writable = false;
      const both = [next(watched, 'read'), next(watched, 'write')];
      close(pair.server);
      for (const events of await Promise.all(both))
        assert.equal(events & EVENT_CLOSED, EVENT_CLOSED);
      pair.close();
    }
  },

  async [BATCH_READS]() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    // The kernel counts all reads of the thread, and Node's own wake-ups are reads too: one quiet attempt of several is
    // enough, because a read per batch would show in each.
    let fewest = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 10 && fewest >= 50; attempt++) {
      const before = readCalls();
      const perLook = readCalls() - before;
      for (let i = 0; i < 50; i++) {
        watched.readable = false;
        const waiting = next(watched, 'read');
        pair.client.trySend(Uint8Array.of(i));
        await waiting;
        pair.server.tryRecv(new Uint8Array(4));
      }
      fewest = Math.min(fewest, readCalls() - before - 2 * perLook);
    }
    assert.ok(fewest < 50, `${fewest} reads in 50 batches`);
    watched.readable = false;
    const closing = next(watched, 'read');
    pair.server.close();
    assert.equal(isSomeCounterUp(), true);
    assert.equal((await closing) & EVENT_CLOSED, EVENT_CLOSED);
    while (isSomeCounterUp()) await turn();
    pair.close();
  },

  async 'a socket is watched once, an owner with a watch cannot give it away, a closed one not be watched'() {
    const pair = await connected();
    assert.throws(() => watch(pair.server), { code: 'EEXIST', syscall: 'watch' });
    assert.throws(() => pair.server.intoRaw(), { code: 'EBUSY' });
    assert.equal(pair.server.isOpen, true);
    pair.watches.server.close();
    const again = Socket.fromRaw(pair.server.intoRaw());
    again.close();
    assert.throws(() => watch(again), { code: 'EBADF' });
    pair.close();
  },

  async 'after a watch was closed and its number used again, old news reach nobody'() {
    for (let i = 0; i < 50; i++) {
      const pair = await connected();
      pair.client.trySend(Uint8Array.of(1));
      const handle = pair.server.handle;
      pair.watches.server.close();
      pair.server.close();
      const lower = [];
      let stranger = listener();
      while (stranger.handle < handle) {
        lower.push(stranger);
        stranger = listener();
      }
      assert.equal(stranger.handle, handle);
      const watched = watch(stranger);
      let woken = 0;
      watched.wait('read', (events) => {
        if (events !== EVENT_CLOSED) woken++;
      });
      await turn();
      await turn();
      assert.equal(woken, 0);
      assert.equal(watched.readable, false);
      watched.close();
      for (const one of [stranger, ...lower]) one.close();
      pair.close();
    }
  },

  async [TOLD]() {
    const pair = await connected();
    pair.watches.server.close();
    const { watched, key, number } = watchedUnasked(pair.server);
    assert.equal(isRegistered(key), true);
    assert.equal(pair.server.handle, number);
    const duplicate = await holder(number);
    watched.closeWithSocket();
    assert.equal(pair.server.isOpen, false);
    assert.equal(isRegistered(key), false);
    await duplicate.end();
    pair.close();
  },

  async [UNTOLD]() {
    // Numbers and slots used for the first time: so that lives of two numbers can be told apart by the registration alone.
    const spares = Array.from({ length: 200 }, listener);
    const pair = await connected();
    pair.watches.server.close();
    const { watched, key, number } = watchedUnasked(pair.server);
    const duplicate = await holder(number);
    const generation = pair.server.generation;
    watched.closeWithSocket();
    // The trap is set: the kernel still watches for a socket that is closed here, and nobody can stop it.
    assert.equal(isRegistered(key), true);

    // Its slot was the last to become free, so that the next has it: one in the same life of another number.
    const heir = spares.find((spare) => spare.generation === generation);
    assert.notEqual(heir, undefined);
    const heirs = watch(heir);
    const news = [];
    heirs.wait('read', (events) => news.push(events));
    for (let i = 0; i < 3; i++) {
      assert.equal(pair.client.trySend(Uint8Array.of(i)), 1);
      await turn();
    }
    pair.client.shutdown('send');
    const turns = await turnsInAWhile();
    assert.ok(turns < 200, `${turns} turns while nothing happened`);
    assert.deepEqual(news, []);
    assert.equal(heirs.readable, false);
    assert.equal(heirs.hasHangup, false);

    // What is meant for the heir still reaches it.
    const client = Socket.create(AF_INET, SOCK_STREAM);
    client.tryConnect(heir.localAddress);
    while (news.length === 0) await turn();
    assert.equal(news[0] & EVENT_READ, EVENT_READ);
    heirs.close();
    for (const one of [client, ...spares]) one.close();
    await duplicate.end();
    assert.equal(isRegistered(key), false);
    pair.close();
  },

  async 'closing watch and socket in one wakes who waits with CLOSED, later, and may be done twice'() {
    const pair = await connected();
    const { server: watched } = pair.watches;
    watched.writable = false;
    const both = [next(watched, 'read'), next(watched, 'write')];
    watched.closeWithSocket();
    assert.equal(pair.server.isOpen, false);
    for (const events of await Promise.all(both)) assert.equal(events & EVENT_CLOSED, EVENT_CLOSED);
    watched.closeWithSocket();
    // The peer sees the end: nothing holds the connection.
    while (pair.client.tryRecv(new Uint8Array(1)) !== 0) {
      pair.watches.client.readable = false;
      await next(pair.watches.client, 'read');
    }
    pair.close();
  },

  async 'a refused connect wakes the writer'() {
    const passive = listener();
    const gone = passive.localAddress;
    passive.close();
    const client = Socket.create(AF_INET, SOCK_STREAM);
    assert.equal(client.tryConnect(gone), WOULD_BLOCK);
    const watched = watch(client);
    watched.writable = false;
    await next(watched, 'write');
    assert.throws(() => client.finishConnect(), { code: 'ECONNREFUSED', syscall: 'connect' });
    watched.close();
    client.close();
  },

  async 'a number that was closed elsewhere is refused by its own name'() {
    const one = Socket.create(AF_INET, SOCK_STREAM);
    WSAStartup(0x202, new WSADATA());
    closesocket(one.handle);
    WSACleanup();
    assert.throws(() => watch(one), { name: 'SocketError', code: 'EBADF', syscall: 'watch' });
    one.close();
    assert.throws(() => watch(one), { name: 'SocketError', code: 'EBADF', syscall: 'watch' });
  },

  async '300 sockets wait at once, and each gets its own news'() {
    const pairs = await Promise.all(Array.from({ length: 300 }, connected));
    const got = pairs.map(async ({ server, watches }) => {
      await next(watches.server, 'read');
      const into = new Uint8Array(4);
      assert.equal(server.tryRecv(into), 2);
      return into[0] * 256 + into[1];
    });
    await turn();
    const order = pairs.map((_, i) => (i * 7) % pairs.length);
    for (const i of order) pairs[i].client.trySend(Uint8Array.of(i >> 8, i & 255));
    assert.deepEqual(
      await Promise.all(got),
      pairs.map((_, i) => i),
    );
    for (const pair of pairs) pair.close();
  },

  async 'who waits is counted for this thread: once, while at least one waits'() {
    assert.equal(waits(), 0);
    const pair = await connected();
    assert.equal(waits(), 0);
    const { client, server } = pair.watches;
    client.wait('read', () => {});
    server.wait('read', () => {});
    assert.equal(waits(), 1);
    client.cancel('read');
    assert.equal(waits(), 1);
    server.cancel('read');
    assert.equal(waits(), 0);
    const waiting = next(server, 'read');
    pair.client.trySend(Uint8Array.of(1));
    await waiting;
    assert.equal(waits(), 0);
    server.readable = false;
    const closing = next(server, 'read');
    assert.equal(waits(), 1);
    server.close();
    await closing;
    assert.equal(waits(), 0);
    pair.close();
  },
};
