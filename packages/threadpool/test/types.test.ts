/** What the compiler sees: arguments, results and what moves are inferred, and what cannot cross is an error. */
import type { CannotCross, Crossing, ITask, MovableIn, ThreadPool } from '@netloom/threadpool';
import { expect, expectTypeOf, it } from 'vitest';
import type { add } from './fixtures/tasks.mjs';

class Sum implements ITask<number> {
  static readonly module = import.meta.url;
  static readonly exportName = 'Sum';
  readonly bytes = new Uint8Array(2);
  readonly options: { readonly name: string; readonly tags?: ReadonlySet<string> } = { name: '' };
  runTask(): Promise<number> {
    return Promise.resolve(this.bytes.length);
  }
}

class WithSymbol implements ITask<void> {
  readonly key = Symbol('key');
  runTask(): void {}
}
class WithCallback implements ITask<void> {
  readonly options = { onDone: (_value: number) => {} };
  runTask(): void {}
}
class WithPromise implements ITask<void> {
  readonly later: Promise<number>[] = [];
  runTask(): void {}
}
class WithMap implements ITask<void> {
  readonly handlers = new Map<string, () => void>();
  runTask(): void {}
}

// Never called: what is said here is said to the compiler.
async function compiles(pool: ThreadPool, url: URL): Promise<void> {
  expectTypeOf(await pool.addTask(new Sum())).toEqualTypeOf<number>();
  expectTypeOf(await Promise.all(pool.addTask([new Sum(), new Sum()]))).toEqualTypeOf<
    [number, number]
  >();
  expectTypeOf((await pool.submit(new Sum())).result).toEqualTypeOf<Promise<number>>();
  expectTypeOf(await pool.run<typeof add>(url, 'add', [1, 2])).toEqualTypeOf<number>();
  for await (const one of pool.map(['a'], () => new Sum()))
    expectTypeOf(one).toEqualTypeOf<number>();
  const task = new Sum();
  await pool.addTask(task, { transfer: [task.bytes.buffer] });

  // @ts-expect-error a symbol cannot cross
  await pool.addTask(new WithSymbol());
  // @ts-expect-error a function inside of a field cannot cross
  await pool.addTask(new WithCallback());
  // @ts-expect-error a promise cannot cross
  await pool.addTask(new WithPromise());
  // @ts-expect-error functions in a map cannot cross
  await pool.addTask(new WithMap());
  // @ts-expect-error the second argument is a number
  await pool.run<typeof add>(url, 'add', [1, '2']);
  // @ts-expect-error a function is no argument that crosses
  await pool.run<(callback: () => void) => void>(url, 'call', [() => {}]);
  // @ts-expect-error there is no port in this task
  await pool.addTask(task, { transfer: [new MessageChannel().port1] });
  const functions = pool.module<{ add: typeof add; version: string }>(url);
  expectTypeOf(await functions.add(1, 2)).toEqualTypeOf<number>();
  // @ts-expect-error no function
  functions.version;
  // @ts-expect-error the argument is missing
  await functions.add(1);
}

it('is inferred, and refused where it cannot cross', () => {
  expect(compiles).toBeTypeOf('function');
  expectTypeOf<Crossing<{ a: Date; b: number[] }>>().toEqualTypeOf<{ a: Date; b: number[] }>();
  expectTypeOf<Crossing<unknown>>().toBeUnknown();
  expectTypeOf<Crossing<symbol>>().toEqualTypeOf<CannotCross<'a symbol: pass its description'>>();
  expectTypeOf<MovableIn<{ a: { b: Uint8Array }; c: string }>>().toEqualTypeOf<ArrayBuffer>();
  expectTypeOf<MovableIn<string>>().toBeNever();
});
