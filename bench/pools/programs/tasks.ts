/**
 * The work itself, the same for every pool: functions for the peers, task classes for ours.
 *
 * Each result holds the id of the thread that made it beside the answer, so that both can be checked.
 */
import { threadId } from 'node:worker_threads';
import type { ITask } from '@netloom/threadpool';

/** A result is `answer * THREADS + threadId`; ids in one process stay far below. */
export const THREADS = 4096;

/** About 1 kB as structured clone writes it. */
export interface Order {
  readonly id: number;
  readonly name: string;
  readonly isPaid: boolean;
  readonly lines: readonly { readonly article: string; readonly count: number }[];
  readonly note: string;
}

export interface Arrival {
  readonly address: Uint8Array;
  readonly descriptor: number;
}

export function empty(): number {
  return threadId;
}

/** Answers port + descriptor: both have arrived. */
export function address({ address, descriptor }: Arrival): number {
  const port = ((address[2] ?? 0) << 8) | (address[3] ?? 0);
  return (port + descriptor) * THREADS + threadId;
}

/** Answers id + number of lines + length of the note. */
export function object({ id, lines, note }: Order): number {
  return (id + lines.length + note.length) * THREADS + threadId;
}

export function fib(n: number): number {
  return fibonacci(n) * THREADS + threadId;
}

/** Keeps its thread busy for so long. */
export function spin(ms: number): number {
  for (const until = performance.now() + ms; performance.now() < until; );
  return threadId;
}

function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

export class Empty implements ITask<number> {
  static readonly module = import.meta.url;
  static readonly exportName = 'Empty';

  runTask(): number {
    return empty();
  }
}

export class Address implements ITask<number> {
  static readonly module = import.meta.url;
  static readonly exportName = 'Address';
  readonly address: Uint8Array;
  readonly descriptor: number;

  constructor(address: Uint8Array, descriptor: number) {
    this.address = address;
    this.descriptor = descriptor;
  }

  runTask(): number {
    return address(this);
  }
}

export class Objects implements ITask<number> {
  static readonly module = import.meta.url;
  static readonly exportName = 'Objects';
  readonly order: Order;

  constructor(order: Order) {
    this.order = order;
  }

  runTask(): number {
    return object(this.order);
  }
}

export class Fib implements ITask<number> {
  static readonly module = import.meta.url;
  static readonly exportName = 'Fib';
  readonly n: number;

  constructor(n: number) {
    this.n = n;
  }

  runTask(): number {
    return fib(this.n);
  }
}

export class Spin implements ITask<number> {
  static readonly module = import.meta.url;
  static readonly exportName = 'Spin';
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  runTask(): number {
    return spin(this.ms);
  }
}
