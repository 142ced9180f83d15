/**
 * What a task is: the interface a task class implements, and what it is given while it runs.
 *
 * Types only, and how a task's class says where a thread finds it.
 */

/**
 * What a running task is given on its thread.
 *
 * `Resources` is what the pool's `threadModule` makes, see `ThreadPoolOptions`.
 */
export interface TaskContext<Resources = unknown> {
  /** Aborts when the original's `signal` does, with the same reason. */
  readonly signal: AbortSignal;
  /** Node's id of the thread the task runs on. */
  readonly threadId: number;
  /** What `threadInit` of the pool's `threadModule` returned on this thread; undefined when there is none. */
  readonly resources: Resources;
  /**
   * Tells the original how far the task is: its `onProgress`, or that given to `addTask`, gets a copy of `value`.
   *
   * All that was told before the task ended arrives before its promise settles.
   *
   * @throws {TypeError} `value` cannot cross, or the task has ended
   */
  progress(value: unknown): void;
  /**
   * Asks the original, on the thread that added the task; its `onRequest` answers.
   *
   * @throws what `onRequest` throws; a TypeError when there is none or `message` cannot cross
   */
  request(message: unknown): Promise<unknown>;
}

/**
 * A piece of work for a thread of the pool.
 *
 * The class is exported by a module that a thread can import, and says so in two statics of its own:
 * `static readonly module = import.meta.url` and `static readonly exportName = 'Name'`. The own enumerable fields
 * cross to the thread, where a copy is made from the prototype without calling the constructor: private `#fields` do
 * not cross. `signal`, `onRequest` and `onProgress` stay with the original.
 */
export interface ITask<R> {
  /** Runs on the copy, on a thread of the pool. What it returns or throws settles the promise of `addTask`. */
  runTask(context: TaskContext): R | Promise<R>;
  /** Stops the task: one that waits is not run; one that runs sees `context.signal` abort. */
  readonly signal?: AbortSignal | undefined;
  /** Answers `context.request(message)`; runs on the original, where the task was added. */
  onRequest?(message: unknown): unknown;
  /** Gets what the task tells with `context.progress(value)`; runs on the original. */
  onProgress?(value: unknown): void;
}

/** The statics of a task's class. */
export interface TaskClass {
  /** The URL of the module that exports the class: `import.meta.url`. */
  readonly module: string | URL;
  /** The name of its export there. */
  readonly exportName: string;
  /** How many of its tasks one thread may run at a time; default 1, `Infinity` allowed. */
  readonly concurrency?: number;
  /** Milliseconds that a task which was told to stop may take; default: the pool's, or none where several run at a time. */
  readonly graceMs?: number;
}

/** What a task resolves with. */
export type TaskResult<T> = T extends ITask<infer R> ? Awaited<R> : never;
