import { type Socket, SocketError, WOULD_BLOCK } from '@netloom/winsock-native';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AcceptLoop, type AcceptSink, type AcceptSource, type AtLimit } from './accept-loop.js';
import { Permits } from './limits.js';
import { type AcceptVerdict, judgeAcceptError } from './listener.js';

/** A listening socket as a script: newcomers by name, errors by code. */
class Script implements AcceptSource {
  readonly queue: string[] = [];
  isOpen = true;
  #wake: (() => void) | undefined;

  get isWaiting(): boolean {
    return this.#wake !== undefined;
  }

  arrive(...names: string[]): void {
    this.queue.push(...names);
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  tryAccept(): Socket | typeof WOULD_BLOCK {
    const next = this.queue[0];
    if (next === undefined) return WOULD_BLOCK;
    // Running out of something leaves the newcomer where it is; all else takes it away.
    if (!['EMFILE', 'EBADF'].includes(next)) this.queue.shift();
    if (next.startsWith('E')) throw new SocketError({ code: next, syscall: 'accept' } as never);
    return next as never;
  }

  whenReadable(wake: () => void): void {
    expect(this.#wake, 'one wait at a time').toBeUndefined();
    this.#wake = wake;
  }

  stopWaiting(): void {
    this.#wake = undefined;
  }

  close(): void {
    this.isOpen = false;
  }
}

function harness(limit = Number.POSITIVE_INFINITY, atLimit: AtLimit = 'wait', gate?: () => number) {
  const log: string[] = [];
  const source = new Script();
  const permits = new Permits(limit);
  const timers: { ms: number; fire: () => void; isCancelled: boolean }[] = [];
  const idle: string[] = [];
  const sink: { -readonly [K in keyof AcceptSink]: AcceptSink[K] } = {
    take: (socket) => log.push(`take ${socket}`),
    refuse: (socket) => log.push(`refuse ${socket}`),
    makeRoom: () => {
      log.push('make room');
      return idle.pop() !== undefined;
    },
    atLimit: () => log.push('at limit'),
    failed: (verdict, error) => log.push(`${verdict} ${(error as SocketError).code}`),
    resumed: () => log.push('resumed'),
    ended: () => log.push('ended'),
  };
  const setTimer = (ms: number, fire: () => void) => {
    const timer = { ms, fire, isCancelled: false };
    timers.push(timer);
    return {
      cancel: () => {
        timer.isCancelled = true;
      },
    };
  };
  const loop = new AcceptLoop({ source, sink, permits, atLimit, gate, setTimer });
  const end = () => {
    permits.release();
    loop.connectionEnded();
  };
  return { log, source, permits, timers, loop, sink, idle, end };
}

describe('judgeAcceptError', () => {
  const rows: readonly [AcceptVerdict, readonly string[]][] = [
    [
      'go-on',
      [
        'ECONNABORTED',
        'ECONNRESET',
        'EPROTO',
        'EINTR',
        'EPERM',
        'ENETDOWN',
        'ENOPROTOOPT',
        'EHOSTDOWN',
        'EHOSTUNREACH',
        'EOPNOTSUPP',
        'ENETUNREACH',
      ],
    ],
    ['pause', ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EIO']],
    ['end', ['EBADF', 'EINVAL', 'ENOTSOCK']],
  ];
  for (const [verdict, codes] of rows) {
    test.each(codes)(`%s of accept means: ${verdict}`, (code) => {
      const error = new SocketError({ code, syscall: 'accept' } as never);
      expect(judgeAcceptError(error)).toBe(verdict);
    });
  }

  test('an error that is no SocketError pauses the loop instead of spinning it', () => {
    expect(judgeAcceptError(new Error('?'))).toBe('pause');
  });
});

describe('the accept loop', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setImmediate', 'clearImmediate'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('takes all that is there, then waits for a newcomer', () => {
    const { loop, source, log } = harness();
    source.queue.push('a', 'b');
    loop.start();
    expect(log).toEqual(['take a', 'take b']);
    expect(source.isWaiting).toBe(true);
    source.arrive('c');
    expect(log.at(-1)).toBe('take c');
  });

  test('at the limit it leaves newcomers in the queue, and takes one for each that ended', () => {
    const { loop, source, log, end } = harness(2);
    source.queue.push('a', 'b', 'c', 'd');
    loop.start();
    expect(log).toEqual(['take a', 'take b', 'at limit']);
    expect(source.queue).toEqual(['c', 'd']);
    end();
    expect(log).toEqual(['take a', 'take b', 'at limit', 'take c', 'at limit']);
    expect(source.queue).toEqual(['d']);
  });

  test('a permit that found no newcomer is given back', () => {
    const { loop, source, permits } = harness(1);
    loop.start();
    expect(permits.taken).toBe(0);
    source.arrive('a');
    expect(permits.taken).toBe(1);
  });

  test('with atLimit refuse those over the limit are accepted to be refused', () => {
    const { loop, source, log, end } = harness(1, 'refuse');
    source.queue.push('a', 'b', 'c');
    loop.start();
    expect(log).toEqual(['take a', 'refuse b', 'refuse c']);
    end();
    source.arrive('d');
    expect(log.at(-1)).toBe('take d');
  });

  test('with atLimit shed a newcomer waits for the end of one that is idle; without one it is refused', () => {
    const { loop, source, log, idle, end } = harness(1, 'shed');
    source.queue.push('a', 'b', 'c');
    loop.start();
    expect(log).toEqual(['take a', 'make room', 'refuse b', 'make room', 'refuse c']);
    idle.push('a');
    source.arrive('d', 'e');
    expect(log.slice(5)).toEqual(['make room', 'at limit']);
    expect(source.queue).toEqual(['e']);
    end();
    expect(log.slice(7)).toEqual(['take d', 'make room', 'refuse e']);
  });

  test('stopping while one waits for the end of another refuses it', () => {
    const { loop, source, log, idle } = harness(1, 'shed');
    source.queue.push('a', 'b');
    idle.push('a');
    loop.start();
    loop.stop();
    expect(log).toEqual(['take a', 'make room', 'at limit', 'refuse b', 'ended']);
  });

  test('emptying with one that waits for the end of another takes it before it ends', () => {
    const { loop, source, log, idle, end } = harness(1, 'shed');
    source.queue.push('a');
    idle.push('a');
    loop.start();
    source.queue.push('b');
    loop.empty(1);
    expect(source.isOpen).toBe(true);
    end();
    expect(log).toEqual(['take a', 'make room', 'at limit', 'take b', 'ended']);
  });

  test('a gate is asked before each, and again when it said', () => {
    const waits = [0, 30, 0, 0];
    const { loop, source, log, timers } = harness(9, 'wait', () => waits.shift() ?? 0);
    source.queue.push('a', 'b');
    loop.start();
    expect(log).toEqual(['take a']);
    expect(timers.map(({ ms }) => ms)).toEqual([30]);
    expect(source.isWaiting).toBe(false);
    timers[0]?.fire();
    expect(log).toEqual(['take a', 'take b']);
    expect(source.isWaiting).toBe(true);
  });

  test("one connection's fault does not stop the loop and costs no permit", () => {
    const { loop, source, log, permits } = harness(2);
    source.queue.push('ECONNABORTED', 'a', 'EPROTO', 'b');
    loop.start();
    expect(log).toEqual(['go-on ECONNABORTED', 'take a', 'go-on EPROTO', 'take b', 'at limit']);
    expect(permits.taken).toBe(2);
  });

  test('out of descriptors it asks again only when a connection ended or a delay has passed', () => {
    const { loop, source, log, timers, end } = harness();
    source.queue.push('a', 'EMFILE');
    loop.start();
    expect(log).toEqual(['take a', 'pause EMFILE']);
    expect(source.isWaiting).toBe(false);
    end();
    expect(log).toEqual(['take a', 'pause EMFILE', 'pause EMFILE']);
    timers.at(-1)?.fire();
    expect(log.filter((line) => line === 'pause EMFILE')).toHaveLength(3);
    source.queue[0] = 'b';
    timers.at(-1)?.fire();
    expect(log.slice(-2)).toEqual(['resumed', 'take b']);
    expect(source.isWaiting).toBe(true);
  });

  test('delays after running out of descriptors grow, up to a second, and begin anew afterwards', () => {
    const { loop, source, timers } = harness();
    source.queue.push('EMFILE');
    loop.start();
    for (let i = 0; i < 6; i++) timers.at(-1)?.fire();
    expect(timers.map((timer) => timer.ms)).toEqual([50, 100, 200, 400, 800, 1000, 1000]);
    source.queue.length = 0;
    timers.at(-1)?.fire();
    source.arrive('EMFILE');
    expect(timers.at(-1)?.ms).toBe(50);
  });

  test('a listening socket that is gone ends the loop', () => {
    const { loop, source, log } = harness();
    source.queue.push('EBADF');
    loop.start();
    expect(log).toEqual(['end EBADF', 'ended']);
    expect(source.isOpen).toBe(false);
  });

  test('whatever the sink throws, the loop goes on; the error is told as one of the program', () => {
    const { loop, source, log, sink, end } = harness(1);
    const thrown: unknown[] = [];
    const later = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => {
      try {
        task();
      } catch (error) {
        thrown.push(error);
      }
    });
    for (const name of ['take', 'atLimit', 'failed', 'resumed', 'ended'] as const) {
      const told = sink[name];
      sink[name] = (...about: unknown[]) => {
        Reflect.apply(told, sink, about);
        throw new Error(name);
      };
    }
    source.queue.push('a', 'b', 'ECONNABORTED', 'c');
    loop.start();
    end();
    end();
    end();
    source.arrive('EBADF');
    expect(log).toEqual([
      ...['take a', 'at limit', 'take b', 'at limit', 'go-on ECONNABORTED', 'take c', 'at limit'],
      ...['end EBADF', 'ended'],
    ]);
    expect(thrown).toHaveLength(log.length);
    expect(source.isOpen).toBe(false);
    later.mockRestore();
  });

  test('a flood is taken in batches, between which the event loop has its turn', () => {
    const { loop, source, log } = harness();
    for (let i = 0; i < 200; i++) source.queue.push(`${i}`);
    loop.start();
    const firstTurn = log.length;
    expect(firstTurn).toBeGreaterThan(0);
    expect(firstTurn).toBeLessThan(100);
    vi.runAllTimers();
    expect(log).toHaveLength(200);
    expect(source.isWaiting).toBe(true);
  });

  test('emptying takes what the queue holds, then closes the listening socket', () => {
    const { loop, source, log } = harness();
    loop.start();
    source.queue.push('a', 'b');
    loop.empty(10);
    expect(log).toEqual(['take a', 'take b', 'ended']);
    expect(source.isOpen).toBe(false);
    expect(source.isWaiting).toBe(false);
  });

  test('emptying at the limit goes on as permits come free', () => {
    const { loop, source, log, end } = harness(1);
    source.queue.push('a', 'b');
    loop.start();
    loop.empty(10);
    expect(log).toEqual(['take a', 'at limit']);
    end();
    end();
    expect(log).toEqual(['take a', 'at limit', 'take b', 'at limit', 'ended']);
  });

  test('emptying ends under a flood too: after as many as the queue could hold', () => {
    const { loop, source, log } = harness();
    loop.start();
    source.queue.push('a', 'b', 'c', 'd');
    loop.empty(3);
    expect(log).toEqual(['take a', 'take b', 'take c', 'ended']);
  });

  test.each(['a newcomer', 'a permit', 'descriptors', 'its turn'])(
    'stopping while it waits for %s closes the listening socket, and nothing runs later',
    (what) => {
      const { loop, source, log, timers, end } = harness(what === 'a permit' ? 1 : 100);
      if (what === 'a permit') source.queue.push('a', 'b');
      if (what === 'descriptors') source.queue.push('a', 'EMFILE');
      if (what === 'its turn') for (let i = 0; i < 90; i++) source.queue.push(`${i}`);
      if (what === 'a newcomer') source.queue.push('a');
      loop.start();
      loop.stop();
      const before = log.length;
      expect(log.at(-1)).toBe('ended');
      expect(source.isOpen).toBe(false);
      expect(source.isWaiting).toBe(false);
      end();
      vi.runAllTimers();
      for (const timer of timers) expect(timer.isCancelled).toBe(true);
      loop.stop();
      loop.empty(5);
      expect(log).toHaveLength(before);
    },
  );
});
