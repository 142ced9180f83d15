import { Connection, StreamError } from '@netloom/connection';
import { coroutine } from '@netloom/coroutines';
import {
  closesocket,
  MAKEWORD,
  MSG_OOB,
  type Socket,
  SocketError,
  WSACleanup,
  WSADATA,
  WSAStartup,
} from '@netloom/winsock-native';
import { describe, expect, it } from 'vitest';
import {
  ascii,
  checksDescriptors,
  failureOf,
  HandClock,
  Pair,
  socketPair,
  textOf,
  until,
} from '../test/loopback.js';

checksDescriptors();

describe('recv()', () => {
  it('gives what has arrived, to await', async () => {
    using pair = await Pair.open();
    const into = new Uint8Array(100);
    const received = pair.server.recv(into).then((count) => textOf(into.subarray(0, count)));
    await pair.client.send(ascii('hello'));
    expect(await received).toBe('hello');
  });

  it('gives what has arrived, to yield*', async () => {
    using pair = await Pair.open();
    const receive = coroutine(function* () {
      const into = new Uint8Array(100);
      const count = yield* pair.server.recv(into);
      return textOf(into.subarray(0, count));
    });
    const received = receive();
    await pair.client.send(ascii('hello'));
    expect(await received).toBe('hello');
  });

  it('starts only when somebody waits', async () => {
    using pair = await Pair.open();
    const operation = pair.server.recv(new Uint8Array(1));
    await pair.client.send(ascii('ab'));
    const into = new Uint8Array(10);
    expect(await pair.server.recv(into)).toBe(2);
    expect(operation.isPending).toBe(false);
  });

  it('does not suspend when there is something already', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('abc'));
    const into = new Uint8Array(1);
    await pair.server.recv(into);
    const second = pair.server.recv(into);
    const waited = second.then((count) => count);
    expect(second.isPending).toBe(false);
    expect(await waited).toBe(1);
    expect(textOf(into)).toBe('b');
  });

  it('gives 0 after the peer has finished sending, and goes on doing so', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('x'));
    pair.client.shutdown('send');
    const into = new Uint8Array(10);
    expect(await pair.server.recv(into)).toBe(1);
    expect(pair.server.hasEnded).toBe(false);
    expect(await pair.server.recv(into)).toBe(0);
    expect(await pair.server.recv(into)).toBe(0);
    expect(pair.server.hasEnded).toBe(true);
  });

  it('gives what lay there before the end when both come at once', async () => {
    using pair = await Pair.open();
    const into = new Uint8Array(10);
    const first = pair.server.recv(into).then((count) => count);
    await pair.client.send(ascii('last words'));
    pair.client.close();
    expect(await first).toBe(10);
    expect(await pair.server.recv(into)).toBe(0);
  });

  it('fails with ECONNRESET and the peer, and never calls a reset an end', async () => {
    using pair = await Pair.open();
    const peer = String(pair.server.peer);
    const waiting = failureOf(pair.server.recv(new Uint8Array(10)));
    pair.resetFromClient();
    const error = await waiting;
    expect(error).toBeInstanceOf(SocketError);
    expect(error).toMatchObject({ code: 'ECONNRESET', wsaCode: 10054, syscall: 'recv' });
    expect(String(error)).toContain(`recv from ${peer}`);
    // The kernel says it once and then gives 0.
    expect(await failureOf(pair.server.recv(new Uint8Array(10)))).toMatchObject({
      code: 'ECONNRESET',
    });
  });

  it('fails with ECONNRESET also when the sender was the first to be told of it', async () => {
    using pair = await Pair.open();
    pair.resetFromClient();
    const chunk = new Uint8Array(1000);
    const sendOn = async () => {
      for (;;) await pair.server.send(chunk);
    };
    const told = await failureOf(sendOn());
    expect(told).toMatchObject({ syscall: 'send', wsaCode: 10054 });
    expect(await failureOf(pair.server.recv(new Uint8Array(10)))).toMatchObject({
      code: 'ECONNRESET',
    });
  });

  it('gives what lies behind urgent data without waiting for more, and passes over the urgent byte', async () => {
    using pair = await Pair.open();
    const into = new Uint8Array(100);
    const next = async () => textOf(into.subarray(0, await pair.server.recv(into)));
    for (const [before, urgent, behind] of ['a!b', 'c!d', 'e!f']) {
      pair.clientSocket.trySend(ascii(String(before)));
      pair.clientSocket.trySend(ascii(String(urgent)), MSG_OOB);
      pair.clientSocket.trySend(ascii(String(behind)));
      expect(await next()).toBe(before);
      expect(await next()).toBe(behind);
    }
    pair.clientSocket.trySend(ascii('gh'));
    expect(await next()).toBe('gh');
  });

  it('refuses memory without room: its 0 would look like the end', async () => {
    using pair = await Pair.open();
    expect(() => pair.server.recv(new Uint8Array(0))).toThrow(RangeError);
  });

  it('gives a second reader a clear error and leaves the first alone', async () => {
    using pair = await Pair.open();
    const into = new Uint8Array(10);
    const first = pair.server.recv(into).then((count) => count);
    const error = await failureOf(pair.server.lines().next());
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(/recv already receives from 127\.0\.0\.1:\d+/);
    await pair.client.send(ascii('ok'));
    expect(await first).toBe(2);
  });

  it('waits beside a sender that waits', async () => {
    using pair = await Pair.open();
    const sending = pair.server.send(new Uint8Array(16 << 20)).then((count) => count);
    const into = new Uint8Array(10);
    const receiving = pair.server.recv(into).then((count) => count);
    await pair.client.send(ascii('both'));
    expect(await receiving).toBe(4);
    await pair.client.recvExactly(16 << 20);
    expect(await sending).toBe(16 << 20);
  });

  it('asks the kernel only when it may have something: an exchange costs one read and one write', async () => {
    const [serverSide, clientSide] = await socketPair();
    let reads = 0;
    let writes = 0;
    const { tryRecv, trySend } = serverSide;
    serverSide.tryRecv = (into, flags) => {
      reads += 1;
      return tryRecv.call(serverSide, into, flags);
    };
    serverSide.trySend = (from, flags) => {
      writes += 1;
      return trySend.call(serverSide, from, flags);
    };
    using server = new Connection(serverSide);
    using client = new Connection(clientSide);
    const served = (async () => {
      await server.sendWideText('Welcome to server!');
      return textOf(await server.recvExactly(14));
    })();
    await client.recvExactly(36);
    await client.send(ascii('fourteen bytes'));
    expect(await served).toBe('fourteen bytes');
    expect({ reads, writes }).toEqual({ reads: 1, writes: 1 });
  });
});

describe('waiting', () => {
  it('fails with ETIMEDOUT when timeoutMs has passed, and the connection goes on', async () => {
    using clock = new HandClock();
    using pair = await Pair.open();
    const waiting = failureOf(pair.server.recv(new Uint8Array(10), { timeoutMs: 50 }));
    clock.advance(49);
    expect(clock.timerCount).toBe(1);
    clock.advance(1);
    const error = await waiting;
    expect(error).toMatchObject({ code: 'ETIMEDOUT', wsaCode: 10060, syscall: 'recv' });
    expect(String(error)).toContain(String(pair.server.peer));
    await pair.client.send(ascii('late'));
    expect(await pair.server.recv(new Uint8Array(10))).toBe(4);
  });

  it('takes the default of the connection, and Infinity overrides it', async () => {
    using clock = new HandClock();
    using pair = await Pair.open({ receiveTimeoutMs: 50 });
    const waiting = failureOf(pair.server.recvExactly(1));
    clock.advance(50);
    expect(await waiting).toMatchObject({ code: 'ETIMEDOUT' });
    const patient = pair.server
      .recvExactly(1, { timeoutMs: Number.POSITIVE_INFINITY })
      .then(textOf);
    expect(clock.timerCount).toBe(0);
    await pair.client.send(ascii('x'));
    expect(await patient).toBe('x');
  });

  it('does not call time on what had come before: a busy event loop costs nobody an answer', async () => {
    using clock = new HandClock();
    using pair = await Pair.open();
    const into = new Uint8Array(10);
    const received = pair.server.recv(into, { timeoutMs: 50 }).then((count) => count);
    // Sent, and the event loop has had no turn to notice when the time is up.
    pair.clientSocket.trySend(ascii('in time'));
    clock.advance(1000);
    expect(await received).toBe(7);
  });

  it('leaves no timer behind when the answer comes', async () => {
    using clock = new HandClock();
    using pair = await Pair.open();
    const received = pair.server.recv(new Uint8Array(10), { timeoutMs: 50 }).then((count) => count);
    expect(clock.timerCount).toBe(1);
    await pair.client.send(ascii('x'));
    await received;
    expect(clock.timerCount).toBe(0);
  });

  it.each([-1, Number.NaN])('refuses timeoutMs %s', async (timeoutMs) => {
    using pair = await Pair.open();
    expect(() => pair.server.recv(new Uint8Array(1), { timeoutMs })).toThrow(`got ${timeoutMs}`);
    expect(() => new Connection(pair.clientSocket, { sendTimeoutMs: timeoutMs })).toThrow(
      /sendTimeoutMs/,
    );
  });

  it("fails with the signal's own reason when it aborts", async () => {
    using pair = await Pair.open();
    const controller = new AbortController();
    const reason = new Error('enough');
    const waiting = failureOf(pair.server.recv(new Uint8Array(1), { signal: controller.signal }));
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(
      await failureOf(pair.server.recv(new Uint8Array(1), { signal: controller.signal })),
    ).toBe(reason);
    await pair.client.send(ascii('x'));
    expect(await pair.server.recv(new Uint8Array(10))).toBe(1);
  });

  it('lets a cancelled coroutine run its finally, and the connection goes on', async () => {
    using pair = await Pair.open();
    let wasCleanedUp = false;
    const waitForever = coroutine(function* () {
      try {
        yield* pair.server.recv(new Uint8Array(1));
      } finally {
        wasCleanedUp = true;
      }
    });
    const action = waitForever();
    action.cancel();
    expect(await failureOf(action)).toMatchObject({ name: 'CanceledError' });
    expect(wasCleanedUp).toBe(true);
    await pair.client.send(ascii('x'));
    expect(await pair.server.recv(new Uint8Array(10))).toBe(1);
  });

  it('fails with EINTR when closesocket() closes the number under it, both directions', async () => {
    const [accepted, other] = await socketPair();
    using conn = new Connection(accepted);
    using peer = new Connection(other);
    const receiving = failureOf(conn.recv(new Uint8Array(1)));
    const sending = failureOf(conn.send(new Uint8Array(16 << 20)));
    WSAStartup(MAKEWORD(2, 2), new WSADATA());
    expect(closesocket(accepted.handle)).toBe(0);
    WSACleanup();
    expect(await receiving).toMatchObject({ code: 'EINTR', wsaCode: 10004, syscall: 'recv' });
    expect(await sending).toMatchObject({ code: 'EINTR', wsaCode: 10004, syscall: 'send' });
    expect(await failureOf(conn.recv(new Uint8Array(1)))).toMatchObject({ code: 'EBADF' });
    expect(peer.isClosed).toBe(false);
  });

  it('names a wrong argument, the rule and the remedy', async () => {
    using pair = await Pair.open();
    // What untyped JavaScript may pass.
    const nothing = null as unknown as Uint8Array;
    const text = 'text' as unknown as Uint8Array;
    const soon = { timeoutMs: '5' as unknown as number };
    expect(() => pair.server.recv(nothing)).toThrow(/into must be a Uint8Array to fill: got null/);
    expect(() => pair.server.send(text)).toThrow(
      /must be a Uint8Array or .*; for text .*: got text/,
    );
    expect(() => pair.server.recvExactly(2 ** 40)).toThrow(/must fit into memory.*1099511627776/);
    expect(() => pair.server.recv(new Uint8Array(1), soon)).toThrow(/milliseconds.*got "5"/);
    expect(() => new Connection(5 as unknown as Socket)).toThrow(/Socket\.fromRaw\(\).*got 5/);
  });

  it('fails with EINTR when the connection is closed under it, both directions', async () => {
    using pair = await Pair.open();
    const receiving = failureOf(pair.server.recv(new Uint8Array(1)));
    const sending = failureOf(pair.server.send(new Uint8Array(16 << 20)));
    pair.server.close();
    expect(await receiving).toMatchObject({ code: 'EINTR', wsaCode: 10004, syscall: 'recv' });
    const error = await sending;
    expect(error).toMatchObject({ code: 'EINTR', wsaCode: 10004, syscall: 'send' });
    expect(error).toHaveProperty(
      'cause.message',
      'the socket was closed in this process while this waited',
    );
  });

  it('fails with EBADF after close()', async () => {
    using pair = await Pair.open();
    pair.server.close();
    expect(await failureOf(pair.server.recv(new Uint8Array(1)))).toMatchObject({
      code: 'EBADF',
      wsaCode: 10038,
    });
    expect(await failureOf(pair.server.send(ascii('x')))).toMatchObject({ code: 'EBADF' });
  });
});

describe('recvExactly()', () => {
  it('collects the bytes however they come', async () => {
    using pair = await Pair.open();
    const received = pair.server.recvExactly(6).then(textOf);
    for (const byte of ascii('abcdef')) {
      const before = pair.server.counters.bytesReceived;
      await pair.client.send(Uint8Array.of(byte));
      await until(() => pair.server.counters.bytesReceived > before);
    }
    expect(await received).toBe('abcdef');
  });

  it('leaves what comes behind to the next reader, of whatever kind', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('headline\nrest'));
    expect(textOf(await pair.server.recvExactly(4))).toBe('head');
    expect(await pair.server.lines().next()).toBe('line');
    const into = new Uint8Array(2);
    expect(await pair.server.recv(into)).toBe(2);
    expect(textOf(into)).toBe('re');
    expect(textOf(await pair.server.recvExactly(2))).toBe('st');
  });

  it('fails when the peer finishes before, with what had come', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('abc'));
    pair.client.shutdown('send');
    const error = await failureOf(pair.server.recvExactly(14));
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: 'ERR_STREAM_ENDED', received: ascii('abc') });
    expect(String(error)).toBe(
      `StreamError: recvExactly from ${pair.server.peer}: the peer finished sending after 3 of 14 bytes (ERR_STREAM_ENDED)`,
    );
    expect(await pair.server.recv(new Uint8Array(9))).toBe(0);
  });

  it.each(['a deadline', 'a signal'])('loses no byte to %s', async (cause) => {
    using clock = new HandClock();
    using pair = await Pair.open();
    const controller = new AbortController();
    const options = cause === 'a signal' ? { signal: controller.signal } : { timeoutMs: 50 };
    const waiting = failureOf(pair.server.recvExactly(5, options));
    await pair.client.send(ascii('abc'));
    await until(() => pair.server.counters.bytesReceived === 3);
    if (cause === 'a signal') controller.abort();
    else clock.advance(50);
    await waiting;
    await pair.client.send(ascii('de'));
    expect(textOf(await pair.server.recvExactly(5))).toBe('abcde');
  });

  it('gives the bytes before a reset to the next reader', async () => {
    using pair = await Pair.open();
    const waiting = failureOf(pair.server.recvExactly(5));
    await pair.client.send(ascii('abc'));
    await until(() => pair.server.counters.bytesReceived === 3);
    pair.resetFromClient();
    expect(await waiting).toMatchObject({ code: 'ECONNRESET' });
    expect(textOf(await pair.server.recvExactly(3))).toBe('abc');
    expect(await failureOf(pair.server.recvExactly(1))).toMatchObject({ code: 'ECONNRESET' });
  });

  it('gives more than one read can bring, byte for byte', async () => {
    using pair = await Pair.open();
    const sent = Uint8Array.from({ length: 1_000_003 }, (_, at) => (at * 31) % 251);
    const received = pair.server.recvExactly(sent.length);
    const [bytes] = await Promise.all([received, pair.client.send(sent)]);
    expect(Buffer.compare(bytes, sent)).toBe(0);
  });

  it('gives nothing at once for 0, and refuses what is no count', async () => {
    using pair = await Pair.open();
    expect(await pair.server.recvExactly(0)).toHaveLength(0);
    expect(() => pair.server.recvExactly(-1)).toThrow('got -1');
    expect(() => pair.server.recvExactly(1.5)).toThrow(RangeError);
  });
});
