// biome-ignore-all lint/correctness/useYield: a body that ends at once, or fails, is what some of these are about.
/** Declaring, calling, waiting: what a coroutine and its action promise. */
import { getEventListeners } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CanceledError,
  type Coroutine,
  coroutine,
  fromPromise,
  type IAsyncAction,
  type IAsyncOperation,
  Operation,
  resumeAfter,
  whenAll,
} from '@netloom/coroutines';
import { describe, expect, expectTypeOf, it } from 'vitest';

/** An operation that ends when the test says so. */
class Gate<T = void> extends Operation<T> {
  isStarted = false;
  protected start(): void {
    this.isStarted = true;
  }
  protected stop(): boolean {
    return true;
  }
  pass(value: T): void {
    this.complete(value);
  }
  refuse(error: unknown): void {
    this.fail(error);
  }
}

/** One that is complete as soon as it is waited for. */
class Ready<T> extends Operation<T> {
  readonly #value: T;
  constructor(value: T) {
    super();
    this.#value = value;
  }
  protected start(): void {
    this.complete(this.#value);
  }
  protected stop(): boolean {
    return true;
  }
}

describe('a call', () => {
  it('runs the body at once, up to its first real wait', () => {
    const log: string[] = [];
    const gate = new Gate();
    const work = coroutine(function* () {
      log.push('begins');
      yield* new Ready(1);
      log.push('goes on');
      yield* gate;
      log.push('ends');
    });
    const action = work();
    log.push('called');
    expect(log).toEqual(['begins', 'goes on', 'called']);
    expect(action.status).toBe('Started');
    gate.pass();
    expect(log).toEqual(['begins', 'goes on', 'called', 'ends']);
    expect(action.status).toBe('Completed');
  });

  it('gives an action or an operation, with arguments and results inferred', async () => {
    const length = coroutine(function* (text: string, factor?: number) {
      yield* resumeAfter(0);
      return text.length * (factor ?? 1);
    });
    const nothing = coroutine(async (_: boolean) => {});
    expectTypeOf(length).toExtend<Coroutine<[text: string, factor?: number], number>>();
    expectTypeOf(length('a')).toEqualTypeOf<IAsyncOperation<number>>();
    expectTypeOf(nothing(true)).toEqualTypeOf<IAsyncAction>();
    // @ts-expect-error: an argument of another type
    void length(1);
    const outer = coroutine(function* () {
      const n = yield* length('four', 2);
      expectTypeOf(n).toEqualTypeOf<number>();
      return n;
    });
    expect(await outer()).toBe(8);
    expect(await nothing(true)).toBe(undefined);
  });

  it('can be awaited and yield*ed many times, before and after its end', async () => {
    const gate = new Gate<string>();
    const action = coroutine(function* () {
      return yield* gate;
    })();
    const waiter = coroutine(function* () {
      return yield* action;
    });
    const early = [waiter(), waiter(), Promise.resolve(action)];
    gate.pass('done');
    expect(await Promise.all(early)).toEqual(['done', 'done', 'done']);
    expect([await action, await waiter()]).toEqual(['done', 'done']);
  });

  it('knows its name and place', () => {
    const named = coroutine('file:///a.js', 'named', function* () {});
    expect([named.name, named.module, named.exportName]).toEqual([
      'named',
      'file:///a.js',
      'named',
    ]);
    const unnamed = coroutine(function* unnamed() {});
    expect([unnamed.name, unnamed.module]).toEqual(['unnamed', undefined]);
  });

  it('refuses what is no body, no module, no name', () => {
    // @ts-expect-error: no function
    expect(() => coroutine(1)).toThrow('the body must be a function: got number');
    // @ts-expect-error: an async generator
    expect(() => coroutine(async function* () {})).toThrow('async generator');
    expect(() => coroutine('./a.js', 'a', function* () {})).toThrow('got ./a.js');
    expect(() => coroutine('file:///a.js', '', function* () {})).toThrow('exportName');
  });

  it('a plain function may stand for a body that it makes', async () => {
    const inner = function* (n: number) {
      yield* resumeAfter(0);
      return n + 1;
    };
    const wrapped = coroutine((n: number) => inner(n));
    expect(await wrapped(1)).toBe(2);
    // @ts-expect-error: neither generator nor promise
    await expect(coroutine(() => 5)()).rejects.toThrow('neither a generator nor a promise');
  });
});

describe('the action', () => {
  it('has status, errorCode and getResults() as in C++/WinRT', async () => {
    const gate = new Gate<number>();
    const action = coroutine(function* () {
      return yield* gate;
    })();
    expect(() => action.getResults()).toThrow(TypeError);
    expect(() => action.close()).toThrow(TypeError);
    gate.pass(5);
    expect([action.getResults(), action.errorCode, action.status]).toEqual([
      5,
      undefined,
      'Completed',
    ]);
    action.close();
    action.close();
    expect(() => action.getResults()).toThrow('close() was called');

    const error = new RangeError('no');
    const failed = coroutine(function* () {
      throw error;
    })();
    expect([failed.status, failed.errorCode]).toEqual(['Error', error]);
    expect(() => failed.getResults()).toThrow(error);
    await expect(failed).rejects.toBe(error);
  });

  it('calls its completed handler once, also when it is set late', () => {
    const calls: unknown[] = [];
    const gate = new Gate();
    const early = coroutine(function* () {
      yield* gate;
    })();
    early.completed = (sender, status) => calls.push(sender === early, status);
    expect(() => {
      early.completed = () => {};
    }).toThrow('set once');
    gate.pass();
    expect(calls).toEqual([true, 'Completed']);
    const late = coroutine(function* () {
      throw new Error('seen by the handler');
    })();
    late.completed = (_, status) => calls.push(status);
    expect(calls).toEqual([true, 'Completed', 'Error']);
  });

  it('one that was closed is left alone at the end of an `await using` block', async () => {
    const log: string[] = [];
    {
      await using action = coroutine(function* () {
        return 1;
      })();
      action.close();
      log.push(action.status);
    }
    {
      const failed = coroutine(function* () {
        throw new RangeError('seen');
      });
      await using action = failed();
      log.push(String(action.errorCode));
      action.close();
    }
    expect(log).toEqual(['Completed', 'RangeError: seen']);
  });

  it('all that wait get the result, also when the first to hear of it closes the action', async () => {
    for (const ends of [() => 'whole', () => Promise.reject(new RangeError('whole'))]) {
      const gate = new Gate();
      // It ends in a promise's callback, where no slice runs: who waits goes on at once.
      const shared = coroutine(async () => {
        await gate;
        return ends();
      })();
      const closes = coroutine(function* () {
        try {
          return String(yield* shared);
        } catch (error) {
          return String(error);
        } finally {
          shared.close();
        }
      });
      const waiters = [closes(), closes(), closes()];
      await new Promise((resolve) => setImmediate(resolve));
      gate.pass();
      const [first, ...others] = await Promise.all(waiters);
      expect(first).toContain('whole');
      expect(others).toEqual([first, first]);
    }
  });

  it('stops and is waited for at the end of an `await using` block', async () => {
    const log: string[] = [];
    const work = coroutine(function* () {
      try {
        yield* resumeAfter(1e8);
      } finally {
        yield* resumeAfter(1);
        log.push('cleaned up');
      }
    });
    {
      await using _ = work();
    }
    expect(log).toEqual(['cleaned up']);
  });
});

describe('a wait', () => {
  it('a plain yield throws into the body, and says what to write', async () => {
    const messages: string[] = [];
    const body = function* (): Generator<never, void, unknown> {
      for (const wrong of [5, 'a', Promise.resolve(), new Ready(1), {}, undefined]) {
        try {
          // @ts-expect-error: a plain yield, which the types refuse too
          yield wrong;
        } catch (error) {
          messages.push(String(error));
        }
      }
    };
    await coroutine(body)();
    expect(messages).toHaveLength(6);
    for (const message of messages) expect(message).toMatch(/^TypeError: .*yield\*, not yield/);
    expect(messages[2]).toContain('a promise');
    expect(messages[3]).toContain('not started');
  });

  it('a plain yield says what became of the operation that it was given', async () => {
    const [ended, others] = [new Ready(1), new Gate()];
    await ended;
    const waiter = coroutine(function* () {
      yield* others;
    })();
    const messages: string[] = [];
    const body = function* (): Generator<never, void, unknown> {
      for (const wrong of [ended, others]) {
        try {
          // @ts-expect-error: a plain yield, which the types refuse too
          yield wrong;
        } catch (error) {
          messages.push(String(error));
        }
      }
    };
    await coroutine(body)();
    expect(messages[0]).toContain('an operation that has ended');
    expect(messages[1]).toContain('an operation that another waits for');
    others.pass();
    await waiter;
  });

  it('an operation is used once', async () => {
    const ready = new Ready(1);
    expect(await ready).toBe(1);
    await expect(
      coroutine(function* () {
        yield* ready;
      })(),
    ).rejects.toThrow('used once');
  });

  it('is lazy: nothing starts until somebody waits', async () => {
    const gate = new Gate();
    await new Promise((resolve) => setImmediate(resolve));
    expect(gate.isStarted).toBe(false);
    const waiter = coroutine(function* () {
      yield* gate;
    })();
    expect(gate.isStarted).toBe(true);
    gate.pass();
    await waiter;
  });

  it('fromPromise() gives a promise the place of an operation', async () => {
    const work = coroutine(function* () {
      const a = yield* fromPromise(Promise.resolve(1));
      try {
        yield* fromPromise(Promise.reject(new Error('no')));
      } catch (error) {
        return [a, String(error)];
      }
      return [];
    });
    expect(await work()).toEqual([1, 'Error: no']);
    // @ts-expect-error: no promise
    expect(() => fromPromise(1)).toThrow('needs a promise: got 1');
  });

  it('a signal stops it with its own reason, before and while it waits', async () => {
    const reason = new Error('mine');
    const aborted = AbortSignal.abort(reason);
    await expect(resumeAfter(1e8, { signal: aborted })).rejects.toBe(reason);
    const controller = new AbortController();
    const work = coroutine(function* () {
      yield* resumeAfter(1e8, { signal: controller.signal });
    });
    const action = work();
    controller.abort(reason);
    await expect(action).rejects.toBe(reason);
    expect(action.status).toBe('Error');
  });

  it('many waits on one signal are one listener, and none when they have ended', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const count = () => getEventListeners(signal, 'abort').length;
    await resumeAfter(0, { signal });
    expect(count()).toBe(0);
    const waits = Array.from({ length: 20 }, () => resumeAfter(1e8, { signal }).then());
    expect(count()).toBe(1);
    const gate = new Gate({ signal });
    const passed = gate.then();
    gate.pass();
    await passed;
    expect(count()).toBe(1);
    const reason = new Error('mine');
    controller.abort(reason);
    const ends = await Promise.allSettled(waits);
    expect(ends).toEqual(ends.map(() => ({ status: 'rejected', reason })));
    expect(count()).toBe(0);
  });

  it('a signal that aborts while an operation starts stops that too', async () => {
    const controller = new AbortController();
    class Aborting extends Operation<void> {
      protected start(): void {
        controller.abort('during start');
      }
      protected stop(): boolean {
        return true;
      }
    }
    const aborting = new Aborting({ signal: controller.signal });
    await expect(aborting).rejects.toBe('during start');
  });

  it('operations, coroutines and scopes of another copy of the package work together with ours', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netloom-copy-'));
    cpSync(new URL('.', import.meta.resolve('@netloom/coroutines')), folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    try {
      const path = pathToFileURL(join(folder, 'index.js')).href;
      const other: typeof import('@netloom/coroutines') = await import(path);
      expect(other.coroutine).not.toBe(coroutine);
      const theirs = other.coroutine(function* () {
        yield* resumeAfter(1);
        return other.cancelRequested();
      });
      const ours = coroutine(function* () {
        yield* other.resumeAfter(1);
        const results = yield* whenAll([theirs(), other.resumeAfter(1), resumeAfter(1)]);
        return yield* other.scope(function* (s) {
          return [results, yield* s.spawn(theirs)];
        });
      });
      expect(await ours()).toEqual([[false, undefined, undefined], false]);
      const waits = coroutine(function* () {
        yield* other.resumeAfter(1e8);
      })();
      waits.cancel();
      await expect(waits).rejects.toBeInstanceOf(CanceledError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the stack', () => {
  it('holds 200,000 operations that complete at once', async () => {
    const work = coroutine(function* () {
      let sum = 0;
      for (let i = 0; i < 200_000; i++) sum += yield* new Ready(1);
      return sum;
    });
    expect(await work()).toBe(200_000);
  });

  it('holds coroutines that call each other 20,000 deep', async () => {
    const deep: Coroutine<[number], number> = coroutine(function* (n: number) {
      return n === 0 ? 0 : 1 + (yield* deep(n - 1));
    });
    expect(await deep(20_000)).toBe(20_000);
  });

  it('holds a chain of 20,000 that wake each other', async () => {
    const gates = Array.from({ length: 20_001 }, () => new Gate());
    const link = coroutine(function* (from: Gate, to: Gate | undefined) {
      yield* from;
      to?.pass();
    });
    const actions = gates.map((gate, i) => link(gate, gates[i + 1]));
    gates[0]?.pass();
    await actions.at(-1);
    expect(actions.every((action) => action.status === 'Completed')).toBe(true);
  });
});

describe('turns', () => {
  it('a coroutine whose operations never wait does not starve the event loop', async () => {
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const busy = coroutine(function* () {
      for (let i = 0; i < 12_800; i++) yield* new Ready(i);
    });
    await busy();
    isDone = true;
    expect(turns).toBeGreaterThan(50);
  });

  it('no wake-up is lost between the check and the wait', async () => {
    // Two that hand over 5,000 times: each completes the other's wait before, while and after that one waits.
    class Slot {
      #isSet = false;
      #waiter: Gate | undefined;
      set(): void {
        if (this.#waiter === undefined) this.#isSet = true;
        else {
          const waiter = this.#waiter;
          this.#waiter = undefined;
          waiter.pass();
        }
      }
      *take() {
        if (this.#isSet) {
          this.#isSet = false;
          return;
        }
        this.#waiter = new Gate();
        yield* this.#waiter;
      }
    }
    const [ping, pong] = [new Slot(), new Slot()];
    const player = coroutine(function* (mine: Slot, other: Slot, pause: number) {
      for (let i = 0; i < 5_000; i++) {
        if (i % 977 === pause) yield* resumeAfter(0);
        other.set();
        yield* mine.take();
      }
    });
    await Promise.all([player(ping, pong, 1), player(pong, ping, 5)]);
  });
});
