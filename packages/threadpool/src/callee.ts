/**
 * From what a module exports to what runs one task: wherever the copy of a task is made and called.
 */
import { type CarriedContext, runInContext } from './carried-context.js';
import { putField } from './crossing-wire.js';
import type { ITask, TaskContext } from './task.js';
import { TaskError } from './task-error.js';

/**
 * Optional method of a task: called on the running copy when the original's signal aborts. A context that has something
 * under this symbol says that it will be: who has the method needs no `context.signal`, which costs several µs.
 */
export const ABORTED: unique symbol = Symbol.for('netloom.aborted');

/** The copy of a task. */
export interface RunningTask extends ITask<unknown> {
  [ABORTED]?(reason: unknown): void;
}

/** What a task is called with: its context, where the copy is noted. */
export interface Running extends TaskContext {
  /** The copy that runs; undefined for a function. */
  task: RunningTask | undefined;
  readonly [ABORTED]: true;
}

/** Runs one task. */
export type Callee = (fields: unknown, run: Running) => unknown;

/** What the export is to be. */
interface Expected {
  readonly module: string;
  readonly exportName: string;
  readonly isFunction: boolean;
  readonly carries: boolean;
}

/**
 * Makes the callee of a class of tasks, or of a function.
 *
 * @throws {TaskError} ERR_TASK_MODULE: the export is neither
 */
export function calleeOf(expected: Expected, found: unknown): Callee {
  const callee = expected.isFunction ? ofFunction(expected, found) : ofClass(expected, found);
  if (!expected.carries) return callee;
  return (pair, run) => {
    // SAFETY: the pool packs both as one array.
    const [fields, carried] = pair as [unknown, CarriedContext];
    return runInContext(carried, () => callee(fields, run));
  };
}

function ofFunction({ module, exportName }: Expected, found: unknown): Callee {
  if (typeof found !== 'function') {
    throw new TaskError(`${exportName} of ${module} is not a function: it is ${typeof found}`, {
      code: 'ERR_TASK_MODULE',
    });
  }
  // SAFETY: the pool packs arguments as an array.
  return (args) => found(...(args as unknown[]));
}

function ofClass({ module, exportName }: Expected, found: unknown): Callee {
  const prototype: unknown = typeof found === 'function' ? found.prototype : undefined;
  if (typeof (prototype as ITask<unknown> | undefined)?.runTask !== 'function') {
    const message = `${exportName} of ${module} is not a task class: it has no method runTask. Let static exportName name the export that is the class`;
    throw new TaskError(message, { code: 'ERR_TASK_MODULE' });
  }
  const accessors = accessorsOf(prototype as object);
  return (fields, run) => {
    // SAFETY: the prototype has runTask, checked above. The constructor is not called: the fields are complete.
    const task = Object.create(prototype as object) as RunningTask;
    run.task = task;
    // SAFETY: the pool packs a task's fields as one object.
    const own = fields as Record<string, unknown>;
    if (accessors.some((key) => Object.hasOwn(own, key))) {
      for (const key of Object.keys(own)) putField(task, key, own[key]);
    } else Object.assign(task, own);
    return task.runTask(run);
  };
}

/** The names under which an assignment would not make a field. */
function accessorsOf(prototype: object): string[] {
  const names: string[] = [];
  for (let at = prototype; at !== null; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (Object.getOwnPropertyDescriptor(at, name)?.writable !== true) names.push(name);
    }
  }
  return names;
}
