import { inspect } from 'node:util';
import { Connection, sampleTcpInfo } from '@netloom/connection';
import { Socket, TCP_ESTABLISHED } from '@netloom/winsock-native';
import { watch } from '@netloom/winsock-native/reactor';
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

describe('Connection', () => {
  it('knows both ends', async () => {
    using pair = await Pair.open();
    expect(String(pair.server.peer)).toBe(String(pair.client.local));
    expect(String(pair.server.local)).toBe(String(pair.client.peer));
    expect(String(pair.server.peer)).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('counts what goes over it', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('12345'));
    await pair.client.send(ascii('678'));
    await pair.server.recvExactly(8);
    expect(pair.client.counters).toEqual({
      bytesReceived: 0,
      bytesSent: 8,
      receives: 0,
      sends: 2,
      bytesAhead: 0,
      bytesWaiting: 0,
    });
    expect(pair.server.counters).toMatchObject({ bytesReceived: 8, bytesSent: 0 });
  });

  it('tells what waits in each direction, the same object for as long as it does', async () => {
    using pair = await Pair.open();
    expect(pair.server.pending).toEqual({ receive: undefined, send: undefined });
    const first = pair.server.recvExactly(2).then(textOf);
    const { receive } = pair.server.pending;
    expect(receive?.syscall).toBe('recvExactly');
    expect(pair.server.pending.receive).toBe(receive);
    await pair.client.send(ascii('ab'));
    expect(await first).toBe('ab');
    expect(pair.server.pending.receive).toBeUndefined();
    const second = pair.server.recv(new Uint8Array(1)).then((count) => count);
    expect(pair.server.pending.receive).not.toBe(receive);
    await pair.client.send(ascii('c'));
    expect(await second).toBe(1);
  });

  it('closes once, and the peer sees the end', async () => {
    using pair = await Pair.open();
    pair.server.close();
    pair.server.close();
    expect(pair.server.isClosed).toBe(true);
    expect(await pair.client.recv(new Uint8Array(1))).toBe(0);
  });

  it('closes at the end of using and of await using, also after an error', async () => {
    const [one, other] = await socketPair();
    {
      using connection = new Connection(one);
      expect(connection.isClosed).toBe(false);
    }
    expect(one.isOpen).toBe(false);
    const failing = async () => {
      await using connection = new Connection(other);
      throw new Error(`with ${connection.counters.bytesSent} bytes sent`);
    };
    await expect(failing()).rejects.toThrow('with 0 bytes sent');
    expect(other.isOpen).toBe(false);
  });

  it('lets whoever waited find it closed', async () => {
    using pair = await Pair.open();
    let wasClosed = false;
    const waiting = pair.server.recv(new Uint8Array(1)).then(undefined, () => {
      wasClosed = pair.server.isClosed;
    });
    pair.server.close();
    await waiting;
    expect(wasClosed).toBe(true);
  });

  it('still names its peer after close()', async () => {
    using pair = await Pair.open();
    const peer = String(pair.server.peer);
    pair.server.close();
    expect(String(pair.server.peer)).toBe(peer);
    expect(String(await failureOf(pair.server.recv(new Uint8Array(1))))).toContain(peer);
  });

  it('gives the socket back, usable, and refuses from then on', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('hello'));
    expect(await pair.server.recv(new Uint8Array(3))).toBe(3);
    using socket = pair.server.detach();
    expect(socket.isOpen).toBe(true);
    expect(pair.server.isClosed).toBe(true);
    expect(await failureOf(pair.server.recv(new Uint8Array(1)))).toHaveProperty(
      'cause.message',
      'the connection is detached',
    );
    using again = new Connection(socket);
    expect(textOf(await again.recvExactly(2))).toBe('lo');
    pair.server.close();
    expect(socket.isOpen).toBe(true);
  });

  it('does not give the socket back while somebody waits or bytes would be lost', async () => {
    using pair = await Pair.open();
    const waiting = pair.server
      .lines()
      .next()
      .then((line) => line);
    expect(() => pair.server.detach()).toThrow(/recv still waits/);
    await pair.client.send(ascii('line\nrest'));
    await waiting;
    expect(() => pair.server.detach()).toThrow(/4 bytes have been read ahead/);
    await pair.server.recv(new Uint8Array(10));
    pair.server.detach().close();
  });

  it('takes over a watch that somebody has made', async () => {
    const [one, other] = await socketPair();
    using server = new Connection(one, { watch: watch(one) });
    using client = new Connection(other);
    const received = server.recvExactly(2).then(textOf);
    await client.send(ascii('ok'));
    expect(await received).toBe('ok');
  });

  it('names the peer it was told of in errors that the socket cannot name', async () => {
    using pair = await Pair.open();
    const { peer } = pair.server;
    const [one, other] = await socketPair();
    using told = new Connection(one, { peer });
    expect(told.peer).toBe(peer);
    other.close();
  });

  it('shows in one line what it is', async () => {
    using pair = await Pair.open();
    await pair.server.send(ascii('abc'));
    const { local, peer } = pair.server;
    expect(inspect(pair.server)).toBe(
      `Connection ${local} - ${peer} (open, 0 bytes received, 3 sent)`,
    );
    pair.server.close();
    expect(inspect(pair.server)).toBe('Connection (closed, 0 bytes received, 3 sent)');
  });

  it.runIf(process.platform !== 'win32')('goes over Unix sockets, too', async () => {
    const [one, other] = Socket.pair();
    using here = new Connection(one);
    using there = new Connection(other);
    const line = there.lines().next();
    const received = line.then((text) => text);
    await here.send([ascii('over a '), ascii('Unix socket\n')]);
    expect(await received).toBe('over a Unix socket');
    expect(there.tcpInfo).toBeUndefined();
    const large = new Uint8Array(1 << 20).fill(7);
    const sending = here.send(large).then((count) => count);
    expect(Buffer.compare(await there.recvExactly(large.length), large)).toBe(0);
    await sending;
    here.shutdown('send');
    expect(await there.recv(new Uint8Array(1))).toBe(0);
    await there.send(ascii('back'));
    expect(textOf(await here.recvExactly(4))).toBe('back');
  });

  it.runIf(process.platform === 'linux')("tells the kernel's own view of it", async () => {
    using pair = await Pair.open();
    await pair.server.send(new Uint8Array(1000));
    await pair.client.recvExactly(1000);
    expect(pair.server.tcpInfo).toMatchObject({ tcpi_state: TCP_ESTABLISHED });
    expect(pair.server.tcpInfo?.tcpi_bytes_sent).toBe(1000n);
    pair.server.close();
    expect(pair.server.tcpInfo).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')(
    'samples that until it closes, or is told to end',
    async () => {
      using clock = new HandClock();
      using pair = await Pair.open();
      const samples = sampleTcpInfo(pair.server, { everyMs: 10 });
      expect((await samples.next()).done).toBe(false);
      const second = samples.next();
      await until(() => clock.timerCount === 1);
      clock.advance(10);
      expect((await second).value?.tcpi_state).toBe(TCP_ESTABLISHED);
      const last = samples.next();
      await until(() => clock.timerCount === 1);
      pair.server.close();
      clock.advance(10);
      expect((await last).done).toBe(true);

      const abort = new AbortController();
      const ended = sampleTcpInfo(pair.client, { signal: abort.signal });
      expect((await ended.next()).done).toBe(false);
      const none = ended.next();
      abort.abort();
      expect((await none).done).toBe(true);
      await expect(sampleTcpInfo(pair.client, { everyMs: 0 }).next()).rejects.toThrow(RangeError);
    },
  );
});
