/**
 * From what the program hands over to a pool's task: the kind looked up, the fields copied, the terms noted.
 */
import { AsyncResource } from 'node:async_hooks';
import { captureContext } from './carried-context.js';
import { type Beside, pack, packFields } from './crossing.js';
import type { HandOver } from './hand-over.js';
import type { WaitingOrder } from './ordered-queue.js';
import type { PoolCore } from './pool-core.js';
import type { FunctionCall } from './pool-report.js';
import { PoolTask, type TaskKind } from './pool-task.js';
import type { ITask } from './task.js';
import { TaskKinds } from './task-kind.js';
import { checkTerms, type TaskTerms } from './task-terms.js';
import { STOPS, type StopSource, watchFor } from './task-watch.js';

/** What stays with the original. */
const STAYS: ReadonlySet<string> = new Set(['signal', 'onRequest', 'onProgress']);

/** Where tasks come in. */
export class TaskIntake {
  #core: PoolCore;
  #kinds: TaskKinds;

  constructor(core: PoolCore, order: (() => WaitingOrder) | undefined) {
    this.#core = core;
    this.#kinds = new TaskKinds((kind) => core.dispatcher.addKind(kind), order);
  }

  /** Hands a task over; what is wrong with it is a rejection, and then nothing has moved. */
  task(
    task: ITask<unknown>,
    handedOver: HandOver,
    terms: TaskTerms | undefined,
    onAdmitted?: () => void,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      try {
        const kind = this.#kinds.ofTask(task);
        // SAFETY: only who means it has something under this symbol.
        const source = (task as { readonly [STOPS]?: StopSource })[STOPS];
        const { onRequest, onProgress } = task;
        // Not read beside a source: some make a signal only for who asks.
        const signal = source === undefined ? task.signal : undefined;
        checkTerms(terms, signal);
        // From here on things move: nothing of the program's is asked any more that might throw.
        const packed = packFields(task, 'task', STAYS, besideOf(kind, terms));
        const one = new PoolTask(kind, task, packed, handedOver, resolve, reject);
        if (onRequest !== undefined || onProgress !== undefined) one.scope = scope();
        one.onAdmitted = onAdmitted;
        this.#handOver(one, signal, terms, source);
      } catch (error) {
        reject(error);
      }
    });
  }

  /** The same for a call of a function. */
  call(
    module: string | URL,
    exportName: string,
    args: readonly unknown[],
    handedOver: HandOver,
    terms: TaskTerms | undefined,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      try {
        const kind = this.#kinds.ofFunction(module, exportName);
        checkTerms(terms, undefined);
        const call: FunctionCall = { module: kind.module, exportName, args };
        const packed = pack([...args], 'args', besideOf(kind, terms));
        const task = new PoolTask(kind, call, packed, handedOver, resolve, reject);
        this.#handOver(task, undefined, terms, undefined);
      } catch (error) {
        reject(error);
      }
    });
  }

  #handOver(
    task: PoolTask,
    signal: AbortSignal | undefined,
    terms: TaskTerms | undefined,
    source: StopSource | undefined,
  ): void {
    if (terms !== undefined) {
      task.terms = terms;
      if (terms.onProgress !== undefined) task.scope ??= scope();
    }
    if (terms !== undefined || signal !== undefined || source !== undefined) {
      task.watch = watchFor(task, this.#core, signal, source);
    }
    this.#core.add(task);
  }
}

function besideOf(kind: TaskKind, terms: TaskTerms | undefined): Beside | undefined {
  const transfer = terms?.transfer;
  if (transfer === undefined && !kind.carries) return undefined;
  return { transfer, carried: kind.carries ? captureContext() : undefined };
}

function scope(): AsyncResource {
  return new AsyncResource('netloom.task');
}
