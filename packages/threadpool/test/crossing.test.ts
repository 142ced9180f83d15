/** What crosses and how it arrives: values, instances, errors; what is refused, and that nothing is lost with it. */
import { runInNewContext } from 'node:vm';
import { TaskError, ThreadPool, transfer } from '@netloom/threadpool';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Astray,
  Broken,
  FoundError,
  OpenAll,
  Parcel,
  ReturnsFunction,
  ReturnsTrap,
  SendBack,
  Stubborn,
  Throw,
  Watchful,
} from './fixtures/parcel.mjs';
import { Echo, NoModule } from './fixtures/tasks.mjs';
import { rejection, sharedInts } from './helpers.js';

/** [1, nothing, 3]. */
function withHole(): number[] {
  const list = [1, 2, 3];
  delete list[1];
  return list;
}

let pool: ThreadPool;
beforeAll(() => {
  pool = new ThreadPool(1);
});
afterAll(() => pool.close());

describe('a value', () => {
  it.each([
    ['a plain object', { a: { b: [1, 'x', null, undefined] } }],
    ['an array with a hole and a property', Object.assign(withHole(), { index: 4 })],
    ['a Map and a Set', new Map<unknown, unknown>([[{ k: 1 }, new Set([1, 'two', [3]])]])],
    ['a Date', new Date(1234567890123)],
    ['an invalid Date', new Date(Number.NaN)],
    ['a RegExp', /a+b/giu],
    ['an ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
    [
      'every kind of view',
      [
        new Int8Array([-1]),
        new Uint8ClampedArray([255]),
        new Int16Array([-300]),
        new Uint16Array([65535]),
        new Int32Array([-70000]),
        new Uint32Array([4e9]),
        new Float32Array([0.5]),
        new Float64Array([Math.PI]),
        new BigInt64Array([-5n]),
        new BigUint64Array([5n]),
        new DataView(new ArrayBuffer(4), 1, 2),
      ],
    ],
    ['a part of a buffer', new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)],
    ['boxed primitives', [Object(1), Object('s'), Object(true), Object(2n)]],
    ['numbers at the edges', [-0, Number.NaN, Infinity, Number.MIN_VALUE, 2n ** 100n]],
  ])('%s arrives as it was', async (_, value) => {
    const back = await pool.addTask(new Echo<unknown>(value));
    expect(back).toEqual(value);
    expect(Object.getPrototypeOf(back)).toBe(Object.getPrototypeOf(value));
  });

  it('of another realm arrives as one of this', async () => {
    const made = runInNewContext(`({
      list: [1, [2]], map: new Map([['k', new Set([1])]]), date: new Date(5), pattern: /a/g,
      bytes: new Uint8Array([1, 2]), view: new DataView(new ArrayBuffer(3), 1), memory: new ArrayBuffer(4),
    })`);
    const back = (await pool.addTask(new Echo<unknown>(made))) as Record<string, unknown>;
    expect(back).toEqual({
      list: [1, [2]],
      map: new Map([['k', new Set([1])]]),
      date: new Date(5),
      pattern: /a/g,
      bytes: new Uint8Array([1, 2]),
      view: new DataView(new ArrayBuffer(2)),
      memory: new ArrayBuffer(4),
    });
  });

  it('keeps cycles and shared references', async () => {
    const shared = { n: 1 };
    const value: Record<string, unknown> = { one: shared, two: shared, set: new Set([shared]) };
    value.self = value;
    const back = await pool.addTask(new Echo(value));
    expect(back.self).toBe(back);
    expect(back.one).toBe(back.two);
    expect((back.set as Set<unknown>).has(back.one)).toBe(true);
  });

  it('keeps two views on one buffer on one buffer', async () => {
    const buffer = new ArrayBuffer(8);
    const back = await pool.addTask(new Echo([new Uint8Array(buffer), new Int32Array(buffer)]));
    expect(back[0]?.buffer).toBe(back[1]?.buffer);
  });

  it('a Buffer arrives as a Uint8Array of its own bytes, without its neighbours', async () => {
    const back: Uint8Array = await pool.addTask(new Echo(Buffer.from('hello')));
    expect(Object.getPrototypeOf(back)).toBe(Uint8Array.prototype);
    expect(back).toEqual(new Uint8Array([104, 101, 108, 108, 111]));
    expect(back.buffer.byteLength).toBe(5);
  });

  it('shared memory is shared', async () => {
    const ints = sharedInts(1);
    const back = await pool.addTask(new Echo(ints));
    ints[0] = 42;
    expect(back[0]).toBe(42);
  });

  it('an own key __proto__ is a field like others', async () => {
    const back = await pool.addTask(new Echo(JSON.parse('{"__proto__": {"x": 1}}')));
    expect(Object.keys(back)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });

  it('an own key __proto__ that leads to an instance or an error is one too', async () => {
    const fields = JSON.parse('{"__proto__": 0}');
    for (const value of [new Parcel(sharedInts(1), 7), new RangeError('x')]) {
      Object.defineProperty(fields, '__proto__', { value, enumerable: true });
      const back = await pool.addTask(new Echo(fields));
      expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
      expect(Object.getOwnPropertyDescriptor(back, '__proto__')?.value).toBeInstanceOf(
        value.constructor,
      );
    }
  });

  it.each(['', '1e3', '01', ' 1', '1.0', '0x1', '-0', '-1', '1.5', '4294967295', 'Infinity'])(
    'the key %j of an array stays a property',
    async (key) => {
      const back = await pool.addTask(new Echo(Object.assign(['a', 'b'], { [key]: 'x' })));
      expect(Object.entries(back)).toEqual([
        ['0', 'a'],
        ['1', 'b'],
        [key, 'x'],
      ]);
      expect(back).toHaveLength(2);
    },
  );

  it('a getter is read once, while the task is handed over', async () => {
    let reads = 0;
    const value = {
      get now() {
        return ++reads;
      },
    };
    expect(await pool.addTask(new Echo(value))).toEqual({ now: 1 });
    expect(reads).toBe(1);
  });
});

describe('what cannot cross is refused by path:', () => {
  class Plain {
    x = 1;
  }
  it.each([
    [{ a: [0, () => {}] }, 'task.value.a[1]: a function cannot cross'],
    [{ 'odd key': Symbol('s') }, 'task.value["odd key"]: a symbol cannot cross'],
    [[new Plain()], 'task.value[0]: an instance of Plain cannot cross to another thread: give it'],
    [new Map([['k', new Plain()]]), 'task.value[value 0]: an instance of Plain'],
    [new Set([new Plain()]), 'task.value[member 0]: an instance of Plain'],
    [new URL('http://localhost/'), 'task.value: an instance of URL'],
    [Promise.resolve(), 'task.value: an instance of Promise'],
    [new WeakMap(), 'task.value: an instance of WeakMap'],
    [new (class MyMap extends Map {})(), 'task.value: an instance of MyMap'],
    [new MessageChannel().port1, 'task.value: a MessagePort crosses only when it is moved'],
  ])('%#', async (value, message) => {
    const error = await rejection(pool.addTask(new Echo<unknown>(value)));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(message);
  });

  it('an error in a getter is the error of the task', async () => {
    const value = {
      get broken() {
        throw new RangeError('no value today');
      },
    };
    await expect(pool.addTask(new Echo(value))).rejects.toThrow('no value today');
  });

  it('before anything is taken apart', async () => {
    const parcel = new Parcel(sharedInts(1), 0);
    // @ts-expect-error the compiler sees it as well
    await rejection(pool.addTask(new Echo([parcel, () => {}])));
    expect(parcel.isSpent).toBe(false);
  });

  it.each([
    ['timeoutMs', { timeoutMs: -1 }],
    ['deadlineMs', { deadlineMs: Number.NaN }],
    ['graceMs', { graceMs: -1 }],
    ['signal', { signal: {} }],
  ])('and a %s that is none is told before anything is taken apart', async (name, terms) => {
    const parcel = new Parcel(sharedInts(1), 0);
    const task = new Echo(parcel);
    const error = await rejection(pool.addTask(task, terms as unknown as { timeoutMs: number }));
    expect((error as Error).message).toContain(`${name} must be`);
    expect(parcel.isSpent).toBe(false);
  });

  it('and so is a signal of the task’s own', async () => {
    const parcel = new Parcel(sharedInts(1), 0);
    const task = new OpenAll([parcel], 'none' as unknown as AbortSignal);
    expect(((await rejection(pool.addTask(task))) as Error).message).toContain(
      'task.signal must be an AbortSignal',
    );
    expect(parcel.isSpent).toBe(false);
  });

  it('and a result that cannot cross is the error of its task', async () => {
    const error = await rejection(pool.addTask(new ReturnsFunction()));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain('result.deep[0]: a function cannot cross');
  });
});

describe('an instance with the crossing symbols', () => {
  it('arrives as one of its class, spent here, wherever it stands', async () => {
    const ledger = sharedInts(6);
    const parcels = Array.from({ length: 6 }, (_, i) => new Parcel(ledger, i));
    const [a, b, c, d, e, f] = parcels;
    if (!a || !b || !c || !d || !e || !f) throw new Error('unreachable');
    expect(await pool.addTask(new OpenAll([a, b]))).toEqual([0, 1]);
    expect(await pool.addTask(new OpenAll(new Set([c, d])))).toEqual([2, 3]);
    expect(
      await pool
        .addTask(
          new OpenAll(
            new Map([
              [0, e],
              [1, f],
            ]).values() as never,
          ),
        )
        .catch((error) => error.constructor),
    ).toBe(TypeError);
    expect(parcels.map((parcel) => parcel.isSpent)).toEqual([true, true, true, true, false, false]);
    expect([...ledger]).toEqual([1, 1, 1, 1, 0, 0]);
  });

  it('comes back as the very class of this thread, with what is inside it', async () => {
    const ledger = sharedInts(3);
    const inner = new Parcel(ledger, 1);
    const value = new Map<unknown, unknown>([
      ['direct', new Parcel(ledger, 0, { deep: [inner] })],
      [new Parcel(ledger, 2), 'as a key'],
    ]);
    const back = (await pool.addTask(new SendBack(value))) as Map<unknown, unknown>;
    const outer = back.get('direct') as Parcel;
    expect(outer).toBeInstanceOf(Parcel);
    const deep = (outer.inner as { deep: [Parcel] }).deep[0];
    expect(deep).toBeInstanceOf(Parcel);
    expect(deep.number).toBe(1);
    const [first, second] = back.keys();
    expect(first).toBe('direct');
    expect((second as Parcel).number).toBe(2);
    expect([...ledger]).toEqual([0, 0, 0]);
  });

  it('named twice is taken apart once and arrives as one', async () => {
    const parcel = new Parcel(sharedInts(1), 0);
    const [one, two] = (await pool.addTask(new SendBack([parcel, parcel]))) as [Parcel, Parcel];
    expect(one).toBe(two);
    expect(one.open()).toBe(0);
  });

  it('is released once when the thread cannot load the task', async () => {
    const ledger = sharedInts(2);
    const task = new NoModule([new Parcel(ledger, 0), new Parcel(ledger, 1)]);
    const error = (await rejection(pool.addTask(task))) as TaskError;
    expect(error.code).toBe('ERR_TASK_MODULE');
    expect([...ledger]).toEqual([1, 1]);
  });

  it('is released once when one beside it does not arrive', async () => {
    const ledger = sharedInts(3);
    const broken = [new Parcel(ledger, 0), new Broken(ledger, 1), new Parcel(ledger, 2)];
    const error = await rejection(pool.addTask(new OpenAll(broken)));
    expect((error as Error).message).toBe('broken on arrival');
    expect([...ledger]).toEqual([1, 1, 1]);
  });

  it('is released once when a class beside it is not found there', async () => {
    const ledger = sharedInts(3);
    const astray = [new Parcel(ledger, 0), new Astray(ledger, 1), new Parcel(ledger, 2)];
    const error = (await rejection(pool.addTask(new OpenAll(astray)))) as TaskError;
    expect(error.code).toBe('ERR_TASK_MODULE');
    expect([...ledger]).toEqual([1, 1, 1]);
  });

  it('is released once when one after it will not be taken apart', async () => {
    const ledger = sharedInts(2);
    const stubborn = new Stubborn(ledger, 1);
    const error = await rejection(pool.addTask(new OpenAll([new Parcel(ledger, 0), stubborn])));
    expect((error as Error).message).toBe('will not be taken apart');
    expect([...ledger]).toEqual([1, 0]);
  });

  it('is released once when the message cannot be posted', async () => {
    const ledger = sharedInts(1);
    const { port1: gone, port2 } = new MessageChannel();
    structuredClone(gone, { transfer: [gone] }).close();
    const value = transfer({ parcel: new Parcel(ledger, 0), gone }, [gone]);
    const error = await rejection(pool.addTask(new Echo(value)));
    port2.close();
    expect((error as Error).name).toBe('DataCloneError');
    expect([...ledger]).toEqual([1]);
    expect(await pool.addTask(new Echo(1))).toBe(1);
  });
});

describe('an error', () => {
  const thrown = (what: string) => rejection(pool.addTask(new Throw(what)));

  it('of a class that says where it is found arrives as that class', async () => {
    const error = (await thrown('found')) as FoundError;
    expect(error).toBeInstanceOf(FoundError);
    expect(error).toMatchObject({ name: 'FoundError', message: 'not today', port: 9008 });
  });

  it('of another class arrives as the nearest built-in one, with name and fields', async () => {
    const error = (await thrown('hidden')) as Error;
    expect(Object.getPrototypeOf(error)).toBe(RangeError.prototype);
    expect(error).toMatchObject({ name: 'HiddenError', message: 'not ever', code: 'EHIDDEN' });
    // What cannot cross is left behind: the error itself must arrive.
    expect('helper' in error).toBe(false);
  });

  it('keeps its causes, all the way', async () => {
    const error = (await thrown('cause')) as Error;
    expect(error.cause).toBeInstanceOf(TypeError);
    expect((error.cause as Error).message).toBe('inner');
    expect((error.cause as Error).cause).toBe('a word');
    expect(Object.keys(error)).toEqual([]);
  });

  it('of several keeps each', async () => {
    const error = (await thrown('aggregate')) as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors[0]).toBeInstanceOf(RangeError);
    expect(error.errors[1]).toBe(2);
  });

  it('is whole when the instance that holds it is revived', async () => {
    const error = Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'E1' });
    const parcel = new Watchful(sharedInts(1), 0, { error });
    expect(await pool.addTask(new Echo({ parcel }))).toMatchObject({
      parcel: { saw: ['outer', 'inner', 'E1'] },
    });
  });

  it('that contains itself still does', async () => {
    const error = (await thrown('self')) as Error & { self: unknown };
    expect(error.self).toBe(error);
  });

  it('keeps the fields that Node gives', async () => {
    expect(await thrown('code')).toMatchObject({ code: 'ENOENT', errno: -2 });
  });

  it('of the DOM keeps its name', async () => {
    const error = (await thrown('abort')) as DOMException;
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: 'AbortError', message: 'stopped', code: 20 });
  });

  it.each([
    ['text', 'just a text'],
    ['nothing', undefined],
    ['object', { status: 404 }],
  ])('that is no Error (%s) arrives as it is', async (what, value) => {
    expect(await thrown(what)).toEqual(value);
  });

  it('that is no Error and cannot cross is replaced by the refusal', async () => {
    expect(((await thrown('uncrossable')) as Error).message).toContain(
      'error[value 0]: a function cannot cross',
    );
  });

  it('with fields that throw when they are read arrives without them', async () => {
    const error = (await thrown('trapped')) as Error;
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe('with traps');
    expect('detail' in error || 'cause' in error).toBe(false);
  });

  it.each([
    ['bottomless', 'error: it cannot be copied, and neither can the error that its copying threw'],
    ['revoked', 'Cannot perform'],
  ])('that cannot even be read (%s) costs no thread', async (what, message) => {
    const before = pool.threads[0]?.threadId;
    expect(((await thrown(what)) as Error).message).toContain(message);
    expect(pool.threads[0]?.threadId).toBe(before);
  });

  it('of asking a result whether it is a promise is the error of the task', async () => {
    const before = pool.threads[0]?.threadId;
    await expect(pool.addTask(new ReturnsTrap())).rejects.toThrow('do not ask');
    expect(pool.threads[0]?.threadId).toBe(before);
  });

  it('shows where it was thrown, and below where the task was handed over', async () => {
    const { stack } = (await thrown('found')) as Error;
    const lines = stack?.split('\n') ?? [];
    const seam = lines.findIndex((line) => line.includes('handed to the pool here'));
    expect(lines.slice(0, seam).join('\n')).toContain('parcel.mjs');
    expect(lines.slice(seam + 1).join('\n')).toContain('crossing.test.ts');
    expect(lines.slice(seam + 1).join('\n')).not.toContain('thread-pool');
  });

  it('that can take no lines of its hand-over arrives as it is, and is counted', async () => {
    const error = (await thrown('frozen')) as Error;
    expect(error.message).toBe('as it is');
    expect(Object.isFrozen(error)).toBe(true);
    expect(pool.unfinished).toBe(0);
  });

  it('arrives also where the program makes something else of stacks than text', async () => {
    const { prepareStackTrace } = Error;
    Error.prepareStackTrace = (_error, frames) => ({ frames: frames.length });
    try {
      expect(((await thrown('cause')) as Error).message).toBe('outer');
      expect(pool.unfinished).toBe(0);
    } finally {
      Error.prepareStackTrace = prepareStackTrace;
    }
  });

  it('as a plain value crosses both ways', async () => {
    const back = await pool.addTask(new Echo({ why: new FoundError('there', 1) }));
    expect(back.why).toBeInstanceOf(FoundError);
    expect(back.why.port).toBe(1);
    expect(
      await pool.addTask(new Echo(new TaskError('x', { code: 'ERR_TASK_NOT_RUN' }))),
    ).toBeInstanceOf(TaskError);
  });
});
