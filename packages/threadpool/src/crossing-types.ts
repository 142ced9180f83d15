/**
 * What TypeScript can see of what may cross: types only.
 *
 * What it cannot see (a class that looks like plain data, a value of type `unknown`) is refused when it is handed over,
 * by path.
 */
import type { TransferListItem } from 'node:worker_threads';
import type { Dehydrated } from './crossing-wire.js';
import type { ITask } from './task.js';
import type { TaskTerms } from './task-terms.js';

/** Stands where a value's type says that it cannot cross; nothing has this type, and the compiler shows its text. */
export interface CannotCross<Why extends string> {
  readonly 'cannot cross to another thread': Why;
}

type Primitive = string | number | bigint | boolean | null | undefined;
type Anything = (...args: never[]) => unknown;

/** What structured clone carries as it is, or what moves. */
type Carried =
  | Date
  | RegExp
  | Error
  | ArrayBuffer
  | SharedArrayBuffer
  | ArrayBufferView
  | Blob
  | TransferListItem
  | { readonly [Symbol.toStringTag]: 'KeyObject' | 'CryptoKey' };

type Stays = Promise<unknown> | WeakMap<WeakKey, unknown> | WeakSet<WeakKey> | WeakRef<WeakKey>;

/** The type itself where it may cross; with {@link CannotCross} in each place where it may not. */
export type Crossing<T> = unknown extends T
  ? T
  : T extends Primitive | Carried
    ? T
    : T extends symbol
      ? CannotCross<'a symbol: pass its description'>
      : T extends Anything
        ? CannotCross<'a function: pass its module and the name of its export'>
        : T extends Stays
          ? CannotCross<'a promise or a weak reference: pass what it holds'>
          : T extends ReadonlyMap<infer K, infer V>
            ? [K, V] extends [Crossing<K>, Crossing<V>]
              ? T
              : CannotCross<'a Map with keys or values that cannot'>
            : T extends ReadonlySet<infer M>
              ? M extends Crossing<M>
                ? T
                : CannotCross<'a Set with members that cannot'>
              : T extends readonly unknown[]
                ? T[number] extends Crossing<T[number]>
                  ? T
                  : { [K in keyof T]: Crossing<T[K]> }
                : CrossingObject<T>;

type CrossingObject<T> =
  IsDehydratable<T> extends true
    ? T
    : HasMethods<T> extends true
      ? CannotCross<"functions, or an instance of a class whose method [Symbol.for('netloom.dehydrate')] its type does not show: name the method by a const of type unique symbol">
      : { [K in keyof T]: Crossing<T[K]> };

type HasMethods<T> = true extends {
  [K in keyof T]-?: unknown extends T[K]
    ? never
    : NonNullable<T[K]> extends Anything
      ? true
      : never;
}[keyof T]
  ? true
  : false;

/** Whether it has a method `[Symbol.for('netloom.dehydrate')]`; each package has a type of its own for that symbol. */
type IsDehydratable<T> = true extends {
  [K in keyof T]: K extends symbol ? (T[K] extends () => Dehydrated ? true : never) : never;
}[keyof T]
  ? true
  : false;

/**
 * A task whose fields may cross, as far as its type says. Left to the moment when it is handed over: private fields, a
 * field that holds a function (to TypeScript it looks like a method), and one that may be undefined (it may be one that
 * only the copy on the thread has).
 */
export type CrossingTask<T extends ITask<unknown>> = T & {
  [K in keyof T as undefined extends T[K]
    ? never
    : T[K] extends Anything | AbortSignal
      ? never
      : K]: Crossing<T[K]>;
};

/** The types inside of `T` that can be moved; `never`: there are none. Looks four fields deep. */
export type MovableIn<T, Depth extends unknown[] = []> = unknown extends T
  ? TransferListItem
  : T extends ArrayBufferView
    ? ArrayBuffer
    : T extends Primitive | symbol | Anything | AbortSignal
      ? never
      : T extends TransferListItem
        ? T
        : Depth['length'] extends 4
          ? TransferListItem
          : { [K in keyof T]-?: MovableIn<T[K], [...Depth, unknown]> }[keyof T];

/** The terms of a task, with what it has to move: where its type shows nothing (private fields), anything that can be. */
export type TermsFor<T> = Omit<TaskTerms, 'transfer'> & {
  /** Moves with the task instead of being copied, as `transfer(task, list)` says. */
  readonly transfer?: readonly ([MovableIn<T>] extends [never] ? TransferListItem : MovableIn<T>)[];
};
