/**
 * A few seconds of mixed work on a pool and in coroutines, from the first thread to the last, and its books.
 *
 * Many clients do random things at a time and stop some of them; threads die; in the end the pool is closed or terminated
 * under them. Afterwards every unit has ended once, as the threads' own notes say, and nobody holds anything.
 */
import type { Worker } from 'node:worker_threads';
import {
  CoroutineTask,
  isCanceledError,
  resumeAfter,
  Scope,
  Semaphore,
  scope,
  setBgEntry,
} from '@netloom/coroutines';
import { TaskError, ThreadPool } from '@netloom/threadpool';
import { Short, there, Work } from './work.mjs';

const CLIENTS = 32;
const MOST_UNITS = 1 << 18;
const PERMITS = 3;
/** Counted one by one: a machine that stands still is no pool that does. */
const STUCK_SECONDS = 60;

/** A number from 0 to below `n`. */
export type Random = (n: number) => number;

export type Ending = 'value' | 'own error' | 'lost' | 'not run' | 'stopped';

export interface Books {
  readonly endings: Readonly<Record<Ending, number>>;
  readonly threadsLost: number;
  /** Each a sentence; none when the books balance. */
  readonly differences: readonly string[];
}

/** Runs one. */
export async function runGeneration(random: Random, ms: number): Promise<Books> {
  const generation = new Generation(random);
  return generation.run(ms);
}

class Generation {
  readonly #random: Random;
  readonly #pool: ThreadPool;
  readonly #threads: number;
  readonly #begun = new Int32Array(new SharedArrayBuffer(MOST_UNITS * 4));
  readonly #endings: (Ending | undefined)[] = [];
  readonly #differences: string[] = [];
  readonly #permits = new Semaphore(PERMITS);
  #holding = 0;
  #live = 0;
  #threadsLost = 0;
  #isOver = false;

  constructor(random: Random) {
    this.#random = random;
    process.on('worker', this.#met);
    this.#threads = 1 + random(4);
    this.#pool = new ThreadPool(this.#threads);
    setBgEntry((resumption) => this.#pool.addTask(new CoroutineTask(resumption)));
  }

  async run(ms: number): Promise<Books> {
    const clients = Promise.all(Array.from({ length: CLIENTS }, () => this.#client()));
    await new Promise((resolve) => setTimeout(resolve, ms));
    // Under way on purpose: what is cut off or refused is to be in the books.
    const end = this.#random(2) === 0 ? this.#pool.close() : this.#pool.terminate();
    this.#isOver = true;
    await this.#orStuck(Promise.all([end, clients]));
    process.off('worker', this.#met);
    setBgEntry(undefined);
    return this.#audit();
  }

  /** What has not ended by then will not any more, and the books say which it is. */
  async #orStuck(end: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const stuck = new Promise<void>((resolve) => {
      let seconds = 0;
      timer = setInterval(() => {
        seconds++;
        if (seconds < STUCK_SECONDS) return;
        this.#differences.push(`no end within ${STUCK_SECONDS} s`);
        resolve();
      }, 1000);
    });
    await Promise.race([end, stuck]);
    clearInterval(timer);
  }

  readonly #met = (worker: Worker) => {
    worker.once('exit', () => {
      this.#threadsLost++;
    });
  };

  async #client(): Promise<void> {
    while (!this.#isOver && this.#endings.length < MOST_UNITS) {
      const sort = this.#random(100);
      if (sort < 50) await this.#task();
      else if (sort < 65) await this.#shorts();
      else if (sort < 85) await this.#launch();
      else await this.#scope();
    }
  }

  /** A unit of work: its number, and how it ends. */
  async #unit(begin: (at: number) => PromiseLike<number>, reason?: unknown): Promise<void> {
    const at = this.#endings.length;
    this.#endings.push(undefined);
    let ending: Ending;
    try {
      const answer = await begin(at);
      if (answer !== at) this.#differences.push(`unit ${at} gave ${answer}`);
      ending = 'value';
    } catch (error) {
      ending = endingOf(error, at, reason) ?? 'lost';
      if (endingOf(error, at, reason) === undefined) {
        this.#differences.push(`unit ${at} ended with ${String(error)}`);
      }
    }
    if (this.#endings[at] !== undefined) this.#differences.push(`unit ${at} ended twice`);
    this.#endings[at] = ending;
  }

  #task(): Promise<void> {
    const kills = this.#random(100) === 0;
    const what = kills
      ? pick(this.#random, ['exit', 'uncaught'] as const)
      : pick(this.#random, ['give', 'throw', 'wait', 'last', 'load'] as const);
    const stop = new AbortController();
    const reason = { stopped: true };
    if (what === 'last' || this.#random(8) === 0) {
      setTimeout(() => stop.abort(reason), this.#random(4));
    }
    const add = (at: number) => this.#pool.addTask(new Work(this.#begun, at, what, stop.signal));
    return this.#unit(add, reason);
  }

  /** Many short ones, handed over together. */
  async #shorts(): Promise<void> {
    const one = (at: number) => this.#pool.addTask(new Short(this.#begun, at));
    await Promise.all(Array.from({ length: 1 + this.#random(40) }, () => this.#unit(one)));
  }

  /** A coroutine on a thread of the pool, stopped or not. */
  #launch(): Promise<void> {
    return this.#unit((at) => {
      const action = there(this.#begun, at, this.#random(4));
      if (this.#random(4) === 0) setTimeout(() => action.cancel(), this.#random(4));
      return action;
    });
  }

  /** Coroutines that take turns here, in scopes that are stopped, fail, or come to their end. */
  async #scope(): Promise<void> {
    const random = this.#random;
    const isFailing = random(4) === 0;
    const outer = new Scope();
    const self = this;
    const child = function* (ms: number) {
      self.#live++;
      try {
        yield* self.#permits.acquire();
        self.#holding++;
        try {
          if (self.#holding > PERMITS) self.#differences.push(`${self.#holding} hold a permit`);
          yield* resumeAfter(ms);
        } finally {
          self.#holding--;
          self.#permits.release();
        }
        if (isFailing && ms === 1) throw new RangeError('a child fails');
      } finally {
        self.#live--;
      }
    };
    for (let left = 1 + random(6); left > 0; left--) {
      outer.spawn(function* () {
        yield* scope(function* (inner) {
          inner.spawn(child, random(4));
          yield* inner.spawn(child, random(4));
        });
      });
    }
    const end = outer.join();
    if (random(3) === 0) setTimeout(() => outer.cancel(), random(4));
    try {
      await end;
    } catch (error) {
      const isExpected = isFailing && error instanceof RangeError;
      if (!isExpected && !isCanceledError(error)) {
        this.#differences.push(`a scope ended with ${String(error)}`);
      }
    }
  }

  #audit(): Books {
    const endings = { value: 0, 'own error': 0, lost: 0, 'not run': 0, stopped: 0 };
    for (const [at, ending] of this.#endings.entries()) {
      if (ending === undefined) {
        this.#differences.push(`unit ${at} has no end`);
        continue;
      }
      endings[ending]++;
      const times = this.#begun[at] ?? 0;
      if (!MAY_HAVE_BEGUN[ending].includes(times)) {
        this.#differences.push(`unit ${at} began ${times} times and ended: ${ending}`);
      }
    }
    if (this.#permits.available !== PERMITS) {
      this.#differences.push(`${this.#permits.available} permits are left of ${PERMITS}`);
    }
    if (this.#live !== 0) this.#differences.push(`${this.#live} coroutines outlive their scopes`);
    if (this.#pool.unfinished !== 0) {
      this.#differences.push(`the pool has ${this.#pool.unfinished} unfinished`);
    }
    const threadsLost = this.#threadsLost - this.#threads;
    return { endings, threadsLost, differences: this.#differences };
  }
}

/** How often a unit may have begun that ended so. One that was stopped may have run until then, if it is a coroutine. */
const MAY_HAVE_BEGUN: Readonly<Record<Ending, readonly number[]>> = {
  value: [1],
  'own error': [1],
  lost: [0, 1],
  'not run': [0],
  stopped: [0, 1],
};

function endingOf(error: unknown, at: number, reason: unknown): Ending | undefined {
  if (isCanceledError(error) || (reason !== undefined && error === reason)) return 'stopped';
  if (error instanceof RangeError && error.message === `unit ${at} throws`) return 'own error';
  if (!(error instanceof TaskError)) return undefined;
  if (error.code === 'ERR_TASK_THREAD_LOST') return 'lost';
  return error.code === 'ERR_TASK_NOT_RUN' ? 'not run' : undefined;
}

function pick<const T>(random: Random, from: readonly [T, ...T[]]): T {
  return from[random(from.length)] ?? from[0];
}
