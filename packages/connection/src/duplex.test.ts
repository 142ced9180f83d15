/**
 * `toDuplex()` against what Node's own tests hold of streams and sockets (test/parallel/test-net-*, test-stream-*): the
 * behaviours, each named after what it promises; and the same list on `net.Socket`, so that the two stay one.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket as NetSocket } from 'node:net';
import { Duplex, finished, PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ConnectionDuplex } from '@netloom/connection';
import { describe, expect, it } from 'vitest';
import { ascii, checksDescriptors, Pair, textOf } from '../test/loopback.js';

checksDescriptors();

/** More than the kernel's buffers of both sides take together. */
const LARGE = Buffer.alloc(12 << 20, 'abcdefg');

/** What both kinds of socket have. */
type Either = ConnectionDuplex | NetSocket;

interface Ends extends AsyncDisposable {
  readonly here: Either;
  readonly there: Either;
}

interface EndsOptions {
  readonly allowHalfOpen?: boolean;
}

async function oursOf({ allowHalfOpen = false }: EndsOptions = {}): Promise<Ends> {
  const pair = await Pair.open();
  return endsOf(pair.server.toDuplex({ allowHalfOpen }), pair.client.toDuplex({ allowHalfOpen }));
}

async function nodesOf({ allowHalfOpen = false }: EndsOptions = {}): Promise<Ends> {
  const server = createServer({ allowHalfOpen });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  const accepted = once(server, 'connection');
  const there = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen });
  const [here] = await accepted;
  server.close();
  return endsOf(here, there);
}

function endsOf(here: Either, there: Either): Ends {
  return {
    here,
    there,
    async [Symbol.asyncDispose]() {
      for (const end of [here, there]) {
        if (end.closed) continue;
        const closed = new Promise((resolve) => end.once('close', resolve));
        end.on('error', () => undefined);
        end.destroy();
        await closed;
      }
    },
  };
}

/** All of it; not by `for await`, which destroys what it has read to the end. */
async function allOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks).toString();
}

describe.each([
  ['toDuplex()', oursOf],
  ['net.Socket', nodesOf],
])('%s as a stream of Node', (_kind, make) => {
  it('carries what is written, in order, and ends both ways', async () => {
    await using ends = await make();
    ends.here.write('one ');
    ends.here.write(Buffer.from('two '));
    ends.here.end('three');
    expect(await allOf(ends.there)).toBe('one two three');
    expect(await allOf(ends.here)).toBe('');
  });

  it('gives text where an encoding is set, also of characters that come in two parts', async () => {
    await using ends = await make();
    ends.there.setEncoding('utf8');
    const euro = Buffer.from('€');
    const texts: string[] = [];
    ends.there.on('data', (text: string) => texts.push(text));
    await new Promise<void>((resolve) => ends.here.write(euro.subarray(0, 1), () => resolve()));
    ends.here.end(euro.subarray(1));
    await once(ends.there, 'end');
    expect(texts.join('')).toBe('€');
  });

  it('says by write() that it has enough, and by drain when it has room again', async () => {
    await using ends = await make();
    const isEnough = () => ends.here.write(LARGE) === false;
    expect(isEnough()).toBe(true);
    const drained = once(ends.here, 'drain');
    ends.there.resume();
    await drained;
    expect(ends.here.writableLength).toBe(0);
  });

  it('stops reading while nobody takes: the writer feels it', async () => {
    await using ends = await make();
    let hasFinished = false;
    ends.here.end(LARGE, () => {
      hasFinished = true;
    });
    await once(ends.there, 'readable');
    const held = ends.there.readableLength;
    expect(held).toBeLessThan(1 << 20);
    expect(hasFinished).toBe(false);
    expect((await allOf(ends.there)).length).toBe(LARGE.length);
    expect(hasFinished).toBe(true);
  }, 30_000);

  it('pauses and resumes', async () => {
    await using ends = await make();
    const seen: string[] = [];
    ends.there.on('data', (chunk: Buffer) => {
      seen.push(chunk.toString());
      ends.there.pause();
    });
    ends.here.write('first');
    await once(ends.there, 'pause');
    ends.here.write('second');
    expect(ends.there.isPaused()).toBe(true);
    ends.there.resume();
    while (seen.join('') !== 'firstsecond') {
      ends.there.resume();
      await new Promise(setImmediate);
    }
  });

  it('calls back once each write was taken, in order', async () => {
    await using ends = await make();
    const order: number[] = [];
    ends.there.resume();
    await Promise.all(
      [1, 2, 3].map(
        (each) =>
          new Promise<void>((resolve) =>
            ends.here.write('x', () => {
              order.push(each);
              resolve();
            }),
          ),
      ),
    );
    expect(order).toEqual([1, 2, 3]);
  });

  it('with allowHalfOpen goes on sending after the peer has ended', async () => {
    await using ends = await make({ allowHalfOpen: true });
    ends.there.end('question');
    expect(await allOf(ends.here)).toBe('question');
    expect(ends.here.writable).toBe(true);
    ends.here.end('answer');
    expect(await allOf(ends.there)).toBe('answer');
  });

  it('without allowHalfOpen ends sending when the peer has ended', async () => {
    await using ends = await make();
    ends.here.resume();
    ends.there.end();
    await once(ends.here, 'finish');
    expect(ends.here.writableFinished).toBe(true);
  });

  it('emits end, finish, then close, and no error, when both have ended', async () => {
    await using ends = await make();
    const events: string[] = [];
    for (const event of ['end', 'finish', 'close', 'error']) {
      ends.here.on(event, () => events.push(event));
    }
    ends.here.resume();
    ends.there.resume();
    ends.here.end('x');
    ends.there.end();
    await once(ends.here, 'close');
    expect(events.at(-1)).toBe('close');
    expect(events.toSorted()).toEqual(['close', 'end', 'finish']);
    expect(ends.here.destroyed).toBe(true);
  });

  it('destroy() closes at once, emits close once, and an error where one was given', async () => {
    await using ends = await make();
    ends.there.on('error', () => undefined).resume();
    const events: string[] = [];
    ends.here.on('close', () => events.push('close'));
    ends.here.on('error', (error) => events.push(error.message));
    ends.here.destroy(new Error('on purpose'));
    ends.here.destroy();
    await once(ends.there, 'close');
    expect(events).toEqual(['on purpose', 'close']);
  });

  it('tells by an error that the peer has reset', async () => {
    await using ends = await make();
    ends.here.resume();
    const failed = once(ends.here, 'error');
    ends.there.resetAndDestroy();
    const [error] = await failed;
    expect(error).toMatchObject({
      code: 'ECONNRESET',
      syscall: expect.stringMatching(/^re(ad|cv)$/),
    });
    expect(ends.here.destroyed).toBe(true);
  });

  it('writing after end fails with ERR_STREAM_WRITE_AFTER_END', async () => {
    await using ends = await make();
    ends.there.resume();
    ends.here.end();
    const failed = once(ends.here, 'error');
    ends.here.write('late');
    expect((await failed)[0]).toMatchObject({
      code: expect.stringMatching(/WRITE_AFTER_END|EPIPE/),
    });
  });

  it('destroySoon() sends what was written before it closes', async () => {
    await using ends = await make();
    ends.here.write(LARGE.subarray(0, 100_000));
    ends.here.destroySoon();
    expect((await allOf(ends.there)).length).toBe(100_000);
  });

  it('finished() and pipeline() see its end', async () => {
    await using ends = await make();
    const done = new Promise<unknown>((resolve) => finished(ends.here, resolve));
    ends.there.resume();
    await pipeline(Readable.from([LARGE.subarray(0, 1 << 20)]), ends.here, { end: true });
    ends.there.end();
    ends.here.resume();
    expect(await done).toBeUndefined();
  });

  it('pipes an echo of more than all buffers, byte for byte', async () => {
    await using ends = await make({ allowHalfOpen: true });
    ends.there.pipe(new PassThrough()).pipe(ends.there);
    const echoed: Buffer[] = [];
    const into = new Writable({
      write(chunk, _encoding, done) {
        echoed.push(chunk);
        done();
      },
    });
    await Promise.all([
      pipeline(Readable.from(chunksOf(LARGE)), ends.here, { end: true }),
      pipeline(ends.here, into),
    ]);
    expect(Buffer.compare(Buffer.concat(echoed), LARGE)).toBe(0);
  }, 30_000);

  it('counts bytes, and knows both ends', async () => {
    await using ends = await make();
    ends.here.write('12345');
    expect(ends.here.bytesWritten).toBe(5);
    await once(ends.there, 'readable');
    expect(String(ends.there.read())).toBe('12345');
    expect(ends.there.bytesRead).toBe(5);
    expect(ends.here.remotePort).toBe(ends.there.localPort);
    expect(ends.here.address()).toEqual({
      address: '127.0.0.1',
      family: 'IPv4',
      port: ends.there.remotePort,
    });
    expect(ends.here.remoteFamily).toBe('IPv4');
    expect(ends.here.connecting).toBe(false);
  });

  it('setTimeout() emits timeout when nothing moves, and 0 takes it back', async () => {
    await using ends = await make();
    const timedOut = new Promise<void>((resolve) => ends.here.setTimeout(20, resolve));
    expect(ends.here.timeout).toBe(20);
    await timedOut;
    expect(ends.here.destroyed).toBe(false);
    ends.here.setTimeout(0);
    ends.here.setNoDelay(true).setKeepAlive(true, 60_000).unref().ref();
  });
});

describe('toDuplex()', () => {
  it('goes on behind what was read ahead', async () => {
    const pair = await Pair.open();
    await pair.client.send(ascii('head\nbody'));
    expect(await pair.server.lines().next()).toBe('head');
    await using ends = endsOf(pair.server.toDuplex(), pair.client.toDuplex());
    ends.there.end();
    expect(await allOf(ends.here)).toBe('body');
  });

  it('sends chunks that wait with one system call', async () => {
    const pair = await Pair.open();
    await using ends = endsOf(pair.server.toDuplex(), pair.client.toDuplex());
    ends.here.cork();
    for (const part of ['one ', 'two ', 'three']) ends.here.write(part);
    ends.here.uncork();
    await once(ends.there, 'readable');
    expect(String(ends.there.read())).toBe('one two three');
    expect(pair.server.counters.sends).toBe(1);
  });

  it('refuses while an operation waits', async () => {
    using pair = await Pair.open();
    const waiting = pair.server.recv(new Uint8Array(2)).then((count) => count);
    expect(() => pair.server.toDuplex()).toThrow(/recv still waits/);
    await pair.client.send(ascii('a'));
    await waiting;
  });

  it('lets the connection be used no further after destroy()', async () => {
    using pair = await Pair.open();
    const duplex = pair.server.toDuplex();
    duplex.destroy();
    await once(duplex, 'close');
    expect(pair.server.isClosed).toBe(true);
    expect(duplex).toBeInstanceOf(Duplex);
    expect(await pair.client.recv(new Uint8Array(1))).toBe(0);
  });

  it('shows what it sends to a connection at the other end', async () => {
    using pair = await Pair.open();
    const duplex = pair.server.toDuplex();
    duplex.end('hello');
    expect(textOf(await pair.client.recvExactly(5))).toBe('hello');
    pair.client.shutdown('send');
    duplex.resume();
    await once(duplex, 'close');
  });
});

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  const size = 100_003;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
