/** The next event of an emitter or a target, as an operation: Node's events.once, with a real end. */
import type { Operation } from '../operation.js';
import { TimedOperation, type WaitOptions } from './wait.js';

/** An emitter, as far as it is used: Node's `EventEmitter` fits. */
export interface EmitterLike {
  on(name: string | symbol, listener: (...args: unknown[]) => void): unknown;
  off(name: string | symbol, listener: (...args: unknown[]) => void): unknown;
}

/** A target of the DOM, as far as it is used: `EventTarget` fits. */
export interface TargetLike<E = unknown> {
  addEventListener(name: string, listener: (event: E) => void): void;
  removeEventListener(name: string, listener: (event: E) => void): void;
}

export interface FromEventOptions<E> extends WaitOptions {
  /** Events for which it gives false are passed over. What it throws fails the wait. */
  readonly filter?: ((event: E) => boolean) | undefined;
}

/**
 * Waits for the next event. It listens only while it waits: what was emitted before is gone, and nothing is left behind.
 *
 * @param source - a DOM target (`EventTarget`, `AbortSignal`, `MessagePort` …): gives the event. Or a Node emitter: gives
 *   the array of what was emitted, and fails with what is emitted as `error`
 * @param name - which event
 *
 * @example
 * ```ts
 * import { EventEmitter } from 'node:events';
 * import { coroutine, fromEvent } from '@netloom/coroutines';
 *
 * const emitter = new EventEmitter();
 * const first = coroutine(function* first() {
 *   const [text] = yield* fromEvent(emitter, 'line');
 *   return text;
 * })();
 * emitter.emit('line', 'hello');
 * console.log(await first, emitter.listenerCount('line'));
 * ```
 *
 * ```text
 * hello 0
 * ```
 */
export function fromEvent<E>(
  source: TargetLike<E>,
  name: string,
  options?: FromEventOptions<E>,
): Operation<E>;
export function fromEvent(
  source: EmitterLike,
  name: string | symbol,
  options?: FromEventOptions<unknown[]>,
): Operation<unknown[]>;
export function fromEvent(
  source: TargetLike | EmitterLike,
  name: string | symbol,
  options?: FromEventOptions<never>,
): Operation<unknown> {
  const isTarget = 'addEventListener' in source;
  if (!isTarget && !('on' in source)) {
    throw new TypeError('fromEvent() needs an EventTarget or an EventEmitter');
  }
  // SAFETY: the overloads say what the filter is given.
  const filter = options?.filter as ((event: unknown) => boolean) | undefined;
  return isTarget
    ? new FromTarget(source, String(name), filter, options)
    : new FromEmitter(source, name, filter, options);
}

abstract class FromEvent extends TimedOperation<unknown> {
  protected readonly name: string | symbol;
  readonly #filter: ((event: unknown) => boolean) | undefined;

  constructor(
    name: string | symbol,
    filter: ((event: unknown) => boolean) | undefined,
    options: WaitOptions | undefined,
  ) {
    super(options);
    this.name = name;
    this.#filter = filter;
  }

  override toString(): string {
    return `fromEvent(${String(this.name)})`;
  }

  protected abstract listen(): void;
  protected abstract unlisten(): void;

  protected start(): void {
    if (this.beginsWaiting()) this.listen();
  }

  protected override stop(reason: unknown): boolean {
    this.unlisten();
    return super.stop(reason);
  }

  protected arrived(event: unknown): void {
    try {
      if (this.#filter !== undefined && !this.#filter(event)) return;
    } catch (error) {
      this.failed(error);
      return;
    }
    this.unlisten();
    this.complete(event);
  }

  protected failed(error: unknown): void {
    this.unlisten();
    this.fail(error);
  }
}

class FromTarget extends FromEvent {
  readonly #target: TargetLike;
  readonly #onEvent = (event: unknown) => this.arrived(event);

  constructor(
    target: TargetLike,
    name: string,
    filter: ((event: unknown) => boolean) | undefined,
    options: WaitOptions | undefined,
  ) {
    super(name, filter, options);
    this.#target = target;
  }

  protected listen(): void {
    this.#target.addEventListener(String(this.name), this.#onEvent);
  }

  protected unlisten(): void {
    this.#target.removeEventListener(String(this.name), this.#onEvent);
  }
}

class FromEmitter extends FromEvent {
  readonly #emitter: EmitterLike;
  readonly #onEvent = (...args: unknown[]) => this.arrived(args);
  readonly #onError = (error: unknown) => this.failed(error);

  constructor(
    emitter: EmitterLike,
    name: string | symbol,
    filter: ((event: unknown) => boolean) | undefined,
    options: WaitOptions | undefined,
  ) {
    super(name, filter, options);
    this.#emitter = emitter;
  }

  protected listen(): void {
    this.#emitter.on(this.name, this.#onEvent);
    // One who waits for 'error' itself gets it as an event.
    if (this.name !== 'error') this.#emitter.on('error', this.#onError);
  }

  protected unlisten(): void {
    this.#emitter.off(this.name, this.#onEvent);
    this.#emitter.off('error', this.#onError);
  }
}
