/**
 * What the two sides of a thread say to each other, types and tags only; everything small goes through shared memory.
 *
 * Messages are arrays: structured clone writes the names of an object's fields into every single message.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Repairs } from './crossing-wire.js';
import type { ThreadSetUp } from './thread-set-up.js';

/** To the thread: what the entries in the ring of tasks need that were written up to `tail`. */
export const TASKS = 1;
/** To the thread: the signal of a running task aborted. */
export const ABORT = 2;
/** To the thread: what the original answered. */
export const ANSWER = 3;
/** To the thread: end, nothing more will come. */
export const END = 4;
/** To the thread: look into the ring of tasks; not an array. */
export const KNOCK = 0;

/** From the thread: look into the rings; not an array. */
export const WAKE = 0;
/** From the thread: its program is loaded. */
export const READY = 5;
/** From the thread: results that do not fit into a slot. */
export const RESULTS = 6;
/** From the thread: a task asks its original. */
export const REQUEST = 7;
/** From the thread: what came under this number is in its hands now. */
export const TAKEN = 8;
/** From the thread: a task tells its original how far it is. */
export const PROGRESS = 9;
/** From the thread: its heap has outgrown the limit at which it is to be replaced. */
export const WORN = 10;

/** From the thread: what it wrote to stdout or stderr, where the pool wants to hear of it. */
export const OUTPUT = 11;

/** How a task ended: with a value. */
export const RETURNED = 0;
/** How a task ended: with an error. */
export const THREW = 1;
/** How a task ended: it could not be put together, and never began. */
export const REFUSED = 2;

/** How a task ended. */
export type Ending = typeof RETURNED | typeof THREW | typeof REFUSED;

/** A class of tasks, or a function; told to each thread once. */
export type KindNews = [
  kind: number,
  module: string,
  exportName: string,
  concurrency: number,
  /** A function, called with the fields as its arguments, instead of a class. */
  isFunction: boolean,
  /** The fields come as a pair, with what the carried storages held. */
  carries: boolean,
];

/** A class that instances among the fields are of; told to each thread once, and known by number, from 1. */
export type ClassNews = [module: string, exportName: string];

/** The fields of a task that do not fit into its slot; in the order of the entries that are BY_MESSAGE. */
export type FieldsNews = [id: number, fields: unknown, repairs?: Repairs];

/** One ending; `left` numbers the crossers that the thread could not release. */
export type ResultNews = [
  slot: number,
  id: number,
  ending: Ending,
  value: unknown,
  repairs: Repairs | undefined,
  left?: readonly number[],
];

/** The pool keeps what it takes to release an answer or a reason until the thread says TAKEN; undefined: nothing. */
export type ParcelNumber = number | undefined;

/** What a thread is sent. */
export type ToThread =
  | typeof KNOCK
  | [
      typeof TASKS,
      tail: number,
      KindNews[],
      SharedArrayBuffer[],
      words: string[],
      ClassNews[],
      FieldsNews[],
      /** Memory for fields that travel as text. */
      texts: SharedArrayBuffer | undefined,
    ]
  | [typeof ABORT, slot: number, id: number, reason: unknown, Repairs | undefined, ParcelNumber]
  | [typeof ANSWER, request: number, isError: boolean, unknown, Repairs | undefined, ParcelNumber]
  | [typeof END];

/** What a thread sends. */
export type FromThread =
  | typeof WAKE
  | [typeof READY]
  | [typeof RESULTS, ResultNews[]]
  | [typeof TAKEN, parcel: number, left: readonly number[]]
  | [typeof PROGRESS, slot: number, id: number, value: unknown, Repairs | undefined]
  | [typeof WORN]
  | [typeof OUTPUT, stream: 'stdout' | 'stderr', text: string]
  | [typeof REQUEST, slot: number, id: number, request: number, unknown, Repairs | undefined];

/** What a thread is started with, under this name in `workerData`. */
export interface ThreadStart {
  readonly netloomThreadpool: {
    readonly port: MessagePort;
    readonly control: SharedArrayBuffer;
    /** See `lookout.ts`. */
    readonly waiting: SharedArrayBuffer;
    readonly setUp: ThreadSetUp;
  };
}
