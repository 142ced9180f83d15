import { once } from 'node:events';
import { Duplex, PassThrough, Readable } from 'node:stream';
import { Connection, lengthPrefixed } from '@netloom/connection';
import { coroutine } from '@netloom/coroutines';
import { describe, expect, it } from 'vitest';
import { ascii, checksDescriptors, failureOf, HandClock, Pair, textOf } from '../test/loopback.js';

checksDescriptors();

/** One of two Duplexes: what it is given the other one gives. */
class End extends Duplex {
  other: End | undefined = undefined;
  #taken: (() => void) | undefined = undefined;

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { other } = this;
    if (other === undefined || other.push(chunk)) done();
    else other.#taken = done;
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }
}

function crossed(): [one: Duplex, other: Duplex] {
  const [one, other] = [new End(), new End()];
  one.other = other;
  other.other = one;
  return [one, other];
}

function connections(): [one: Connection, other: Connection] {
  const [one, other] = crossed();
  return [Connection.fromDuplex(one), Connection.fromDuplex(other)];
}

describe('fromDuplex()', () => {
  it('receives and sends, frames and all, to await', async () => {
    const [one, other] = connections();
    await one.send([ascii('line\n'), ascii('rest')]);
    expect(await other.lines().next()).toBe('line');
    expect(textOf(await other.recvExactly(4))).toBe('rest');
    const codec = lengthPrefixed();
    await other.sendFrame(codec, ascii('frame'));
    expect(textOf((await one.frames(codec).next()) ?? ascii(''))).toBe('frame');
    expect(one.counters).toMatchObject({ bytesSent: 9, bytesReceived: 9 });
    one.close();
    other.close();
  });

  it('does so to yield*', async () => {
    const [one, other] = connections();
    const echo = coroutine(function* (connection: Connection) {
      const bytes = yield* connection.recvUntil(ascii('\n'));
      yield* connection.send(bytes);
    });
    const echoing = echo(other);
    await one.send(ascii('hello\n'));
    expect(textOf(await one.recvExactly(6))).toBe('hello\n');
    await echoing;
    one.close();
    other.close();
  });

  it('carries more than anything buffers, with back-pressure, byte for byte', async () => {
    const [one, other] = connections();
    const large = Uint8Array.from({ length: 3 << 20 }, (_, at) => (at * 17) % 253);
    const sending = one.send(large);
    const sent = sending.then((count) => count);
    expect(one.counters.bytesWaiting).toBe(large.length);
    await new Promise(setImmediate);
    expect(sending.isPending).toBe(true);
    const received = await other.recvExactly(large.length);
    expect(await sent).toBe(large.length);
    expect(Buffer.compare(received, large)).toBe(0);
    one.close();
    other.close();
  }, 20_000);

  it('ends one direction and goes on in the other', async () => {
    const [one, other] = connections();
    await one.send(ascii('bye'));
    one.shutdown('send');
    expect(textOf(await other.recvExactly(3))).toBe('bye');
    expect(await other.recv(new Uint8Array(1))).toBe(0);
    expect(await failureOf(one.send(ascii('x')))).toMatchObject({ code: 'EPIPE', wsaCode: 10058 });
    await other.send(ascii('still'));
    expect(textOf(await one.recvExactly(5))).toBe('still');
    other.close();
    one.close();
  });

  it("'receive' ends a recv that waits", async () => {
    const [one, other] = connections();
    const waiting = one.recv(new Uint8Array(1)).then((count) => count);
    one.shutdown('receive');
    expect(await waiting).toBe(0);
    one.close();
    other.close();
  });

  it('keeps deadlines, and can be used after one', async () => {
    using clock = new HandClock();
    const [one, other] = connections();
    const failure = failureOf(one.recv(new Uint8Array(1), { timeoutMs: 10 }));
    clock.advance(10);
    expect(await failure).toMatchObject({ code: 'ETIMEDOUT' });
    await other.send(ascii('a'));
    expect(await one.recv(new Uint8Array(1))).toBe(1);
    one.close();
    other.close();
  });

  it('fails with the error of the Duplex, and with ECONNRESET where it was closed without one', async () => {
    const [one] = crossed();
    const connection = Connection.fromDuplex(one);
    const failure = failureOf(connection.recv(new Uint8Array(1)));
    one.destroy(new Error('broken below'));
    expect(await failure).toMatchObject({ message: 'broken below' });
    expect(await failureOf(connection.send(ascii('x')))).toMatchObject({ message: 'broken below' });
    connection.close();

    const [other] = crossed();
    const closed = Connection.fromDuplex(other);
    const early = failureOf(closed.recv(new Uint8Array(1)));
    other.destroy();
    expect(await early).toMatchObject({ code: 'ECONNRESET' });
    closed.close();
  });

  it('whoever waits hears of close(), and the Duplex ends with what was sent', async () => {
    const [one, other] = crossed();
    const connection = Connection.fromDuplex(one);
    const failure = failureOf(connection.recv(new Uint8Array(1)));
    await connection.send(ascii('last'));
    connection.close();
    expect(await failure).toMatchObject({ code: 'EINTR' });
    const chunks: Buffer[] = [];
    for await (const chunk of other) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('last');
    other.destroy();
  });

  it('stands on a connection again, there and back', async () => {
    using pair = await Pair.open();
    const duplex = pair.server.toDuplex();
    const again = Connection.fromDuplex(duplex);
    expect(String(again.peer)).toBe(String(pair.client.local));
    await pair.client.send(ascii('ping\n'));
    expect(await again.lines().next()).toBe('ping');
    await again.send(ascii('pong'));
    expect(textOf(await pair.client.recvExactly(4))).toBe('pong');
    const closed = once(duplex, 'close');
    again.close();
    await closed;
    expect(pair.server.isClosed).toBe(true);
  });

  it('has no socket to give, and resets as far as the Duplex can', async () => {
    const [one, other] = crossed();
    const connection = Connection.fromDuplex(one);
    expect(() => connection.detach()).toThrow(/stands on a Duplex/);
    expect(connection.tcpInfo).toBeUndefined();
    const closed = once(one, 'close');
    connection.reset();
    await closed;
    expect(one.destroyed).toBe(true);
    other.destroy();
  });

  it('refuses what is no stream of bytes both ways', () => {
    // SAFETY: what a JavaScript caller may pass.
    const wrong = Readable.from(['x']) as unknown as Duplex;
    expect(() => Connection.fromDuplex(wrong)).toThrow(TypeError);
    expect(() => Connection.fromDuplex(new PassThrough({ objectMode: true }))).toThrow(TypeError);
    expect(() => Connection.fromDuplex(new PassThrough().setEncoding('utf8'))).toThrow(/is utf8/);
  });
});
