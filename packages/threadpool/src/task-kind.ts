/**
 * From a task to its kind: reads and checks what a task's class says about itself.
 */

import { carriesAny } from './carried-context.js';
import { refuseEntryModule } from './entry-module.js';
import type { WaitingOrder } from './ordered-queue.js';
import { requireMs } from './pool-options.js';
import type { PoolTask, TaskKind } from './pool-task.js';
import type { TaskClass } from './task.js';
import { TaskQueue } from './task-queue.js';

const REMEDY =
  'export the class from a module of its own and give it static readonly module = import.meta.url and static readonly exportName';

/** What a class or a function says about its tasks. */
interface Told {
  readonly module: string;
  readonly exportName: string;
  readonly concurrency: number;
  readonly graceMs: number | undefined;
  readonly isFunction: boolean;
}

/** The kinds that a pool has seen. */
export class TaskKinds {
  #byClass = new Map<unknown, TaskKind>();
  #byFunction = new Map<string, TaskKind>();
  #added: (kind: TaskKind) => void;
  #order: (() => WaitingOrder) | undefined;
  #count = 0;

  /** @param order - makes the queue of a kind, if the program does */
  constructor(added: (kind: TaskKind) => void, order: (() => WaitingOrder) | undefined) {
    this.#added = added;
    this.#order = order;
  }

  /**
   * The kind of a task.
   *
   * @throws {TypeError | RangeError} its class does not say properly where it is found
   * @throws {TaskError} ERR_TASK_ENTRY_MODULE
   */
  ofTask(task: unknown): TaskKind {
    if (typeof task !== 'object' || task === null) {
      throw new TypeError(`addTask takes a task or an array of tasks: got ${String(task)}`);
    }
    const owner: unknown = task.constructor;
    const known = this.#byClass.get(owner);
    if (known !== undefined && known.carries === carriesAny()) return known;
    const kind = this.#add(toldByClass(task, owner));
    this.#byClass.set(owner, kind);
    return kind;
  }

  /** The kind of a function's calls. Throws as {@link ofTask}. */
  ofFunction(module: unknown, exportName: unknown): TaskKind {
    const url = moduleUrl(module, 'run(module)');
    const name = exportNameOf(exportName, 'run(…, exportName)');
    const key = `${name}\n${url}`;
    const known = this.#byFunction.get(key);
    if (known !== undefined && known.carries === carriesAny()) return known;
    const kind = this.#add({
      module: url,
      exportName: name,
      concurrency: 1,
      graceMs: undefined,
      isFunction: true,
    });
    this.#byFunction.set(key, kind);
    return kind;
  }

  #add(told: Told): TaskKind {
    const { module, exportName } = told;
    refuseEntryModule(module, `${exportName} is declared in`);
    const kind: TaskKind = {
      ...told,
      number: this.#count++,
      carries: carriesAny(),
      // SAFETY: an order gives back what it was given, and is given PoolTasks only.
      waiting: (this.#order?.() as WaitingOrder<PoolTask> | undefined) ?? new TaskQueue(),
      isOrdered: this.#order !== undefined,
      isOwnOrder: this.#order !== undefined,
      endedWaiting: 0,
      averageMs: undefined,
    };
    this.#added(kind);
    return kind;
  }
}

function toldByClass(task: object, owner: unknown): Told {
  const name = typeof owner === 'function' ? owner.name : 'object without a class';
  if (typeof (task as { runTask?: unknown }).runTask !== 'function') {
    throw new TypeError(`${name} is not a task: it has no method runTask`);
  }
  // A subclass inherits statics, which lead to its parent: only its own count.
  if (
    typeof owner !== 'function' ||
    !Object.hasOwn(owner, 'module') ||
    !Object.hasOwn(owner, 'exportName')
  ) {
    throw new TypeError(`a thread cannot find the task class ${name}: ${REMEDY}`);
  }
  const statics = owner as { [K in keyof TaskClass]?: unknown };
  if (statics.graceMs !== undefined) requireMs(`${name}.graceMs`, statics.graceMs, true);
  return {
    module: moduleUrl(statics.module, `${name}.module`),
    exportName: exportNameOf(statics.exportName, `${name}.exportName`),
    concurrency: concurrencyOf(statics.concurrency, name),
    // SAFETY: a number, checked above.
    graceMs: statics.graceMs as number | undefined,
    isFunction: false,
  };
}

function moduleUrl(module: unknown, what: string): string {
  const text = module instanceof URL ? module.href : module;
  if (typeof text === 'string' && URL.canParse(text)) return text;
  throw new TypeError(`${what} must be a URL, as import.meta.url is: got ${String(text)}`);
}

function exportNameOf(name: unknown, what: string): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new TypeError(`${what} must be the name of an export: got ${String(name)}`);
}

function concurrencyOf(concurrency: unknown, name: string): number {
  if (concurrency === undefined) return 1;
  if (typeof concurrency === 'number' && concurrency >= 1) {
    if (Number.isInteger(concurrency) || concurrency === Number.POSITIVE_INFINITY) {
      return concurrency;
    }
  }
  throw new RangeError(
    `${name}.concurrency must be an integer from 1 or Infinity: got ${String(concurrency)}`,
  );
}
