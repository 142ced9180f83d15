/**
 * A task for each item of a source, and a result for each: arrays, generators and streams in, an async iterable out.
 *
 * Stands on top of `addTask`. No more items are taken from the source than may be under way, and one is under way until
 * its result has been asked for: who reads slowly slows the source down.
 */
import type { TaskTaker } from './group.js';
import type { ITask } from './task.js';

/** How a source is mapped. */
export interface MapOptions {
  /** Whether results come in the order of their items; otherwise as they are ready. Default: true. */
  readonly ordered?: boolean;
  /** Items taken whose result has not been given out; an integer from 1. Default: four for each thread. */
  readonly inFlight?: number;
  /** Ends the mapping; what is under way is stopped. */
  readonly signal?: AbortSignal;
}

/** Makes the work for an item: a task, or the promise of a call such as `pool.run(…, { signal })`. */
export type ToTask<I, R> = (
  item: I,
  about: { readonly index: number; readonly signal: AbortSignal },
) => ITask<R> | Promise<R>;

type End<R> = { readonly value: R } | { readonly error: unknown };

/** Gives a result for each item; ends with the source. Leaving the loop early stops what is under way, and waits for it. */
export async function* mapTasks<I, R>(
  pool: TaskTaker,
  source: Iterable<I> | AsyncIterable<I>,
  toTask: ToTask<I, R>,
  { ordered = true, inFlight = 1, signal }: MapOptions,
): AsyncGenerator<Awaited<R>, void, undefined> {
  if (!Number.isInteger(inFlight) || inFlight < 1) {
    throw new RangeError(`inFlight must be an integer from 1: got ${String(inFlight)}`);
  }
  signal?.throwIfAborted();
  const mapping = new Mapping<I, Awaited<R>>(iteratorOf(source), ordered, inFlight, signal);
  mapping.read((item, index) => {
    const work = toTask(item, { index, signal: mapping.signal });
    // SAFETY: what comes is what the task's own method returned, or what the promise gave.
    if (work instanceof Promise) return work as Promise<Awaited<R>>;
    return pool.addTask(work, { signal: mapping.signal }) as Promise<Awaited<R>>;
  });
  let hasFailed = false;
  try {
    for (let end = await mapping.next(); end !== undefined; end = await mapping.next()) {
      if ('error' in end) throw end.error;
      yield end.value;
    }
  } catch (error) {
    hasFailed = true;
    throw error;
  } finally {
    await mapping.close(hasFailed);
  }
}

/** One mapping: a reader that takes items while there is room, and a consumer that takes ends. */
class Mapping<I, R> {
  #controller = new AbortController();
  #source: AsyncIterator<I> | Iterator<I>;
  #isOrdered: boolean;
  #inFlight: number;
  #ends = new Map<number, End<R>>();
  #running = new Set<Promise<void>>();
  #taken = 0;
  #given = 0;
  /** How many items there were, once that is known. */
  #count: number | undefined;
  #isReading = false;
  /** The source has thrown: it is at its end, and not to be given back. */
  #hasThrown = false;
  #isClosed = false;
  #wakeReader: () => void = () => {};
  #wakeConsumer: () => void = () => {};
  #outside: AbortSignal | undefined;
  #stop = () => {
    this.#controller.abort(this.#outside?.reason);
    this.#wakeConsumer();
  };

  constructor(
    source: AsyncIterator<I> | Iterator<I>,
    isOrdered: boolean,
    inFlight: number,
    outside: AbortSignal | undefined,
  ) {
    this.#source = source;
    this.#isOrdered = isOrdered;
    this.#inFlight = inFlight;
    this.#outside = outside;
    outside?.addEventListener('abort', this.#stop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Takes items as long as there is room and starts the work for each; returns at once. */
  read(start: (item: I, index: number) => Promise<R>): void {
    // What the source throws comes out as the end of the item that would have been.
    this.#readAll(start).catch((error: unknown) => {
      this.#isReading = false;
      this.#hasThrown = true;
      this.#noteEnd(this.#taken, { error });
    });
  }

  /** The next end; undefined when all have been given. */
  async next(): Promise<End<R> | undefined> {
    for (;;) {
      if (this.#outside?.aborted === true) throw this.#outside.reason;
      const index = this.#isOrdered ? this.#given : this.#ends.keys().next().value;
      const end = index === undefined ? undefined : this.#ends.get(index);
      if (index !== undefined && end !== undefined) {
        this.#ends.delete(index);
        this.#given++;
        this.#wakeReader();
        return end;
      }
      if (this.#given === this.#count) return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeConsumer = resolve;
      });
    }
  }

  /**
   * Stops what is under way and waits for its end; gives the source back.
   *
   * @param hasFailed - the mapping ends with an error: as in a loop, it is not hidden by one of giving the source back
   */
  async close(hasFailed: boolean): Promise<void> {
    this.#isClosed = true;
    this.#outside?.removeEventListener('abort', this.#stop);
    this.#wakeReader();
    if (this.#running.size > 0) this.#controller.abort();
    // A source that is asked at this moment may never answer.
    const isAwaited = !this.#isReading;
    const returned = this.#giveBack();
    const given = isAwaited && !hasFailed ? returned : returned.catch(warn);
    const [end] = await Promise.allSettled([isAwaited ? given : undefined, ...this.#running]);
    if (end.status === 'rejected') throw end.reason;
  }

  async #giveBack(): Promise<void> {
    if (this.#count === undefined && !this.#hasThrown) await this.#source.return?.();
  }

  async #readAll(start: (item: I, index: number) => Promise<R>): Promise<void> {
    for (;;) {
      while (this.#taken - this.#given >= this.#inFlight && !this.#isClosed) {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
      if (this.#isClosed) return;
      this.#isReading = true;
      const step = await this.#source.next();
      this.#isReading = false;
      if (this.#isClosed) return;
      if (step.done === true) break;
      const index = this.#taken++;
      // Async, so that what making a task throws is the end of its item.
      const begin = async () => start(step.value, index);
      const work = begin().then(
        (value) => this.#noteEnd(index, { value }),
        (error: unknown) => this.#noteEnd(index, { error }),
      );
      this.#running.add(work);
      work.then(() => this.#running.delete(work));
    }
    this.#count = this.#taken;
    this.#wakeConsumer();
  }

  #noteEnd(index: number, end: End<R>): void {
    this.#ends.set(index, end);
    this.#wakeConsumer();
  }
}

/** Nobody is left who could be told otherwise. */
function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}

function iteratorOf<I>(source: Iterable<I> | AsyncIterable<I>): AsyncIterator<I> | Iterator<I> {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  return source[Symbol.iterator]();
}
