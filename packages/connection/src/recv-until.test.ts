import { BufferPool, type PooledBytes, StreamError } from '@netloom/connection';
import { describe, expect, it } from 'vitest';
import { ascii, checksDescriptors, failureOf, Pair, textOf, until } from '../test/loopback.js';

checksDescriptors();

describe('recvUntil()', () => {
  it('gives the bytes with their delimiter, and leaves what is behind', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('GET /\r\n\r\nbody'));
    expect(textOf(await pair.server.recvUntil(ascii('\r\n\r\n')))).toBe('GET /\r\n\r\n');
    expect(textOf(await pair.server.recvExactly(4))).toBe('body');
  });

  it('finds a delimiter that comes in pieces', async () => {
    using pair = await Pair.open();
    const found = pair.server.recvUntil(ascii('<end>')).then(textOf);
    for (const [at, byte] of [...'a<e<end>'].entries()) {
      await pair.client.send(ascii(byte));
      await until(() => pair.server.counters.bytesReceived === at + 1);
    }
    expect(await found).toBe('a<e<end>');
  });

  it('fails when the peer finishes before, and gives what had come', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('half'));
    pair.client.shutdown('send');
    const error = await failureOf(pair.server.recvUntil(ascii('\n')));
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: 'ERR_STREAM_ENDED', received: ascii('half') });
    expect(await failureOf(pair.server.recvUntil(ascii('\n')))).toMatchObject({
      code: 'ERR_STREAM_ENDED',
      received: ascii(''),
    });
  });

  it('fails beyond its limit, and the bytes stay', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('12345678'));
    const failure = failureOf(pair.server.recvUntil(ascii('\n'), { limitBytes: 8 }));
    expect(await failure).toMatchObject({ code: 'ERR_FRAME_TOO_LONG' });
    expect(textOf(await pair.server.recvExactly(8))).toBe('12345678');
  });

  it('refuses an empty delimiter', async () => {
    using pair = await Pair.open();
    expect(() => pair.server.recvUntil(ascii(''))).toThrow(RangeError);
  });
});

describe('recvPooled()', () => {
  it('borrows a buffer only for what has come, and using gives it back', async () => {
    using pair = await Pair.open();
    const pool = new BufferPool({ bufferBytes: 8, keep: 1 });
    const waiting = pair.server.recvPooled({ pool }).then((bytes) => bytes);
    expect(pool.borrowedCount).toBe(0);
    await pair.client.send(ascii('0123456789'));
    {
      using bytes = await waiting;
      expect(textOf(bytes?.bytes ?? ascii(''))).toBe('01234567');
      expect(pool.borrowedCount).toBe(1);
    }
    expect([pool.borrowedCount, pool.freeCount]).toEqual([0, 1]);
    using rest = await pair.server.recvPooled({ pool });
    expect(textOf(rest?.bytes ?? ascii(''))).toBe('89');
    expect(pool.freeCount).toBe(0);
    pair.client.shutdown('send');
    expect(await pair.server.recvPooled({ pool })).toBe(null);
    expect(pool.borrowedCount).toBe(1);
  });

  it('gives bytes that were read ahead first', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('line\nrest'));
    expect(await pair.server.lines().next()).toBe('line');
    using rest = await pair.server.recvPooled();
    expect(textOf(rest?.bytes ?? ascii(''))).toBe('rest');
  });

  it('keeps no more buffers than it was told to, and none that was released twice', () => {
    const pool = new BufferPool({ keep: 2 });
    const borrowed: PooledBytes[] = [pool.borrow(), pool.borrow(), pool.borrow()];
    const memories = new Set(borrowed.map(({ memory }) => memory));
    expect(memories.size).toBe(3);
    for (const bytes of [...borrowed, ...borrowed]) bytes.release();
    expect([pool.borrowedCount, pool.freeCount]).toEqual([0, 2]);
    expect(borrowed[0]?.memory.length).toBe(0);
    expect(() => pool.borrow().fill(65_537)).toThrow(RangeError);
    expect(() => new BufferPool({ bufferBytes: 0 })).toThrow(RangeError);
    expect(() => new BufferPool({ keep: -1 })).toThrow(RangeError);
  });
});

describe('for await', () => {
  it('gives what arrives until the peer has finished, each in memory of its own', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('head\none '));
    expect(await pair.server.lines().next()).toBe('head');
    const seen: Uint8Array[] = [];
    for await (const bytes of pair.server) {
      seen.push(bytes);
      if (seen.length === 1) await pair.client.send(ascii('two'));
      else pair.client.shutdown('send');
    }
    expect(seen.map(textOf)).toEqual(['one ', 'two']);
    expect(pair.server.isClosed).toBe(false);
  });
});
