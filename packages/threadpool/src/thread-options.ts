/**
 * What a thread is started with: the program's own flags, less those that only make sense for its first module.
 */
import type { ResourceLimits, SHARE_ENV, WorkerOptions } from 'node:worker_threads';
import { refuseEntryModule } from './entry-module.js';
import { requireFunction } from './require-function.js';
import type { ThreadOutput } from './thread-output.js';
import type { ThreadSetUp } from './thread-set-up.js';

/** When a thread is replaced by a new one, between tasks. */
export interface RecycleAfter {
  /**
   * After so many tasks; an integer from 1. Default: never. A thread is given no more than these: its successor starts
   * when they all have settled.
   */
  readonly tasks?: number;
  /** When more than so many megabytes (2^20 bytes) of its heap are used, as V8 counts them. Default: never. */
  readonly heapMB?: number;
}

/** What the program may say about the threads of a pool. */
export interface ThreadOptions {
  /** Memory limits of each thread; one that exceeds them is lost, and replaced. */
  readonly resourceLimits?: ResourceLimits;
  /** Node's flags for the threads; default: those of this process, as far as threads accept them. */
  readonly execArgv?: readonly string[];
  /** `process.env` of the threads; `SHARE_ENV`: this process's own. Default: a copy of it. */
  readonly env?: NodeJS.ProcessEnv | typeof SHARE_ENV;
  /** A thread's name, in debuggers, snapshots and metrics, by its place. Default: `pool-0`, `pool-1` … */
  readonly name?: string | ((index: number) => string);
  /**
   * The URL of a module that each thread imports before its first task. It may export `threadInit(info)`, which may be
   * async and whose result each task finds as `context.resources`, and `threadExit(resources)`, which runs when the
   * thread ends in order. A `threadInit` that throws is a thread that did not start.
   */
  readonly threadModule?: string | URL;
  /** Given to `threadInit` as `info.data`; copied by structured clone when the pool is made. */
  readonly data?: unknown;
  /** Replaces threads between tasks. */
  readonly recycleAfter?: RecycleAfter;
  /**
   * Gets what the threads write to stdout and stderr; default: it goes to the program's own, as does what modules
   * write that flags such as `--import` preload. What it throws becomes an uncaught exception.
   */
  readonly onOutput?: (output: ThreadOutput) => void;
}

/** Node refuses to start a file when it is there: it belongs to a program given as text. */
const INPUT_TYPE = '--input-type';

const MEGABYTE = 1024 * 1024;

/** Turns the options into Node's. */
export function startOptions(options: ThreadOptions): WorkerOptions {
  const started: WorkerOptions = {};
  if (options.resourceLimits !== undefined) started.resourceLimits = options.resourceLimits;
  if (options.env !== undefined) started.env = options.env;
  const flags = options.execArgv ?? inheritedFlags();
  if (flags !== undefined) started.execArgv = [...flags];
  return started;
}

/** What a thread is told of itself. */
export function setUpOf(index: number, options: ThreadOptions): ThreadSetUp {
  const { name = 'pool', threadModule, data, recycleAfter, onOutput } = options;
  return {
    index,
    name: typeof name === 'function' ? name(index) : `${name}-${index}`,
    module: threadModule === undefined ? undefined : String(threadModule),
    data,
    isHeard: onOutput !== undefined,
    heapLimitBytes: recycleAfter?.heapMB === undefined ? undefined : recycleAfter.heapMB * MEGABYTE,
  };
}

/**
 * The options as the pool keeps them.
 *
 * @throws {TypeError | RangeError} one of them is not what it has to be
 */
export function checkThreadOptions(options: ThreadOptions): ThreadOptions {
  const { threadModule, recycleAfter, onOutput, name, resourceLimits } = options;
  if (onOutput !== undefined) requireFunction('onOutput', onOutput);
  if (name !== undefined && typeof name !== 'string') requireFunction('name, if no string,', name);
  if (resourceLimits !== undefined && typeof resourceLimits !== 'object') {
    throw new TypeError(`resourceLimits must be an object: got ${String(resourceLimits)}`);
  }
  if (threadModule !== undefined && !URL.canParse(String(threadModule))) {
    throw new TypeError(`threadModule must be a URL: got ${String(threadModule)}`);
  }
  if (threadModule !== undefined) refuseEntryModule(String(threadModule), 'threadModule is');
  const tasks = recycleAfter?.tasks;
  if (tasks !== undefined && (!Number.isInteger(tasks) || tasks < 1)) {
    throw new RangeError(`recycleAfter.tasks must be an integer from 1: got ${String(tasks)}`);
  }
  const heapMB = recycleAfter?.heapMB;
  if (heapMB !== undefined && !(heapMB > 0)) {
    throw new RangeError(`recycleAfter.heapMB must be above 0: got ${String(heapMB)}`);
  }
  // Threads start also later: what the program does to the data afterwards must not make them differ.
  return options.data === undefined ? options : { ...options, data: structuredClone(options.data) };
}

/** Undefined where Node's own inheritance does: V8's flags can be inherited, but not be passed. */
function inheritedFlags(): string[] | undefined {
  if (!process.execArgv.some((flag) => flag.startsWith(INPUT_TYPE))) return undefined;
  const kept: string[] = [];
  for (let i = 0; i < process.execArgv.length; i++) {
    const flag = process.execArgv[i] ?? '';
    const value = process.execArgv[i + 1];
    if (flag === INPUT_TYPE || flag === '--eval' || flag === '-e' || flag === '-p') i++;
    else if (flag === '--import' || flag === '--require' || flag === '-r' || flag === '-C') {
      kept.push(flag, value ?? '');
      i++;
    } else if (/^--(import|require|loader|conditions|experimental-)/.test(flag)) kept.push(flag);
    else if (flag === '--enable-source-maps' || flag === '--no-warnings') kept.push(flag);
  }
  return kept;
}
