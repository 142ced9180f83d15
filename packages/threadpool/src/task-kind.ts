/**
 * From a task to its kind: reads and checks what a task's class says about itself.
 */
import { isEntryModule } from './entry-module.js';
import type { TaskKind } from './pool-task.js';
import { TaskError } from './task-error.js';
import { TaskQueue } from './task-queue.js';

const REMEDY =
  'export the class from a module of its own and give it static readonly module = import.meta.url and static readonly exportName';

/** The kinds that a pool has seen. */
export class TaskKinds {
  #byClass = new Map<unknown, TaskKind>();
  #byFunction = new Map<string, TaskKind>();
  #added: (kind: TaskKind) => void;
  #count = 0;

  constructor(added: (kind: TaskKind) => void) {
    this.#added = added;
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
    if (known !== undefined) return known;
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
    const statics = owner as { module?: unknown; exportName?: unknown; concurrency?: unknown };
    const module = moduleUrl(statics.module, `${name}.module`);
    const exportName = exportNameOf(statics.exportName, `${name}.exportName`);
    const concurrency = concurrencyOf(statics.concurrency, name);
    const kind = this.#add(module, exportName, concurrency, false);
    this.#byClass.set(owner, kind);
    return kind;
  }

  /** The kind of a function's calls. Throws as {@link ofTask}. */
  ofFunction(module: unknown, exportName: unknown): TaskKind {
    const url = moduleUrl(module, 'run(module)');
    const name = exportNameOf(exportName, 'run(…, exportName)');
    const key = `${name}\n${url}`;
    let kind = this.#byFunction.get(key);
    if (kind === undefined) {
      kind = this.#add(url, name, 1, true);
      this.#byFunction.set(key, kind);
    }
    return kind;
  }

  #add(module: string, exportName: string, concurrency: number, isFunction: boolean): TaskKind {
    if (isEntryModule(module)) {
      throw new TaskError(
        `${exportName} is declared in the program's entry module ${module}, which would start again on every thread: move it to a module of its own and import it`,
        { code: 'ERR_TASK_ENTRY_MODULE' },
      );
    }
    const kind: TaskKind = {
      number: this.#count++,
      module,
      exportName,
      concurrency,
      isFunction,
      carries: false,
      waiting: new TaskQueue(),
      averageMs: undefined,
    };
    this.#added(kind);
    return kind;
  }
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
