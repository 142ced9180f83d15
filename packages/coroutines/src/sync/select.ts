/**
 * The first of several sends, receives and other waits, and of the others nothing: Go's select, Kotlin's.
 *
 * It is `whenAny` with two differences. Of several that are ready chance takes one, so that a busy channel does not
 * starve the others. And its own parts never meet: to send into a channel or receive from it, whichever is first, does
 * not end by receiving what itself has sent.
 */
import { pick } from '../chance.js';
import { Operation, type OperationOptions, type Waiter } from '../operation.js';
import { type Winner, whenAny } from '../when-any.js';
import { Wait } from './wait.js';

export interface SelectOptions extends OperationOptions {
  /** Of several that are ready take the first one given, always. Default false: chance decides. */
  readonly isBiased?: boolean | undefined;
}

class Select extends Operation<unknown> implements Waiter {
  readonly #cases: readonly Operation<unknown>[];
  readonly #isBiased: boolean;
  /** In the order in which they are begun. */
  #order: readonly Operation<unknown>[] = [];
  #race: Operation<Winner<readonly Operation<unknown>[]>> | undefined;

  constructor(cases: readonly Operation<unknown>[], options: SelectOptions | undefined) {
    super(options);
    this.#cases = [...cases];
    this.#isBiased = options?.isBiased ?? false;
  }

  override toString(): string {
    return `select of ${this.#cases.length}`;
  }

  override get parts(): readonly Operation<unknown>[] {
    return this.#cases;
  }

  protected override get holdsStartedWork(): boolean {
    return this.#cases.some((part) => part.isHot);
  }

  protected start(): void {
    this.#begin(false);
  }

  protected override startStopping(): void {
    this.#begin(true);
  }

  protected stop(reason: unknown): boolean {
    this.#race?.interrupt(reason);
    return false;
  }

  operationEnded(race: Operation<unknown>): void {
    if (race.hasFailed) {
      this.fail(race.outcome);
      return;
    }
    // SAFETY: it is the race, which gives index and value.
    const { index, value } = race.outcome as { index: number; value: unknown };
    // SAFETY: whenAny() gives an index of what it was given.
    const winner = this.#order[index] as Operation<unknown>;
    this.complete({ index: this.#cases.indexOf(winner), value });
  }

  #begin(isStopping: boolean): void {
    const waits = this.#cases.filter((part) => part instanceof Wait);
    const others = this.#cases.filter((part) => !(part instanceof Wait));
    const ready = waits.filter((part) => part.isReady);
    const chosen = ready[this.#isBiased ? 0 : pick(Math.max(ready.length, 1))];
    if (chosen === undefined) {
      // First all the waits, as standing in line runs nobody's code: none of them becomes ready meanwhile.
      for (const wait of waits) wait.isPartOfSelect = true;
      this.#order = [...waits, ...others];
    } else {
      this.#order = [chosen, ...this.#cases.filter((part) => part !== chosen)];
    }
    const race = whenAny(this.#order);
    this.#race = race;
    race.beginFor(this, isStopping);
    if (race.isSettled) this.operationEnded(race);
  }
}

/**
 * Waits for the first of several waits; the others are taken back: they have sent, received and taken nothing.
 *
 * @param cases - operations, made here and waited for nowhere else: `channel.receive()`, `channel.send(value)`,
 *   `event.wait()`, `resumeAfter(ms)` as a limit …
 * @param options.isBiased - prefer the first of several that are ready
 * @returns which one, and its result: `index` narrows the type of `value`
 * @throws what the first one to end failed with, such as {@link ClosedError}
 * @throws {TypeError} there are none: it would never end
 *
 * @example
 * ```ts
 * import { Channel, coroutine, resumeAfter, select } from '@netloom/coroutines';
 *
 * const orders = new Channel<string>();
 * const alarms = new Channel<number>();
 *
 * const desk = coroutine(function* desk() {
 *   for (;;) {
 *     const { index, value } = yield* select([
 *       orders.receive(),
 *       alarms.receive(),
 *       resumeAfter(50),
 *     ]);
 *     if (index === 2) return 'quiet';
 *     console.log(index === 0 ? `order: ${value}` : `alarm ${value}`);
 *   }
 * });
 *
 * const running = desk();
 * await orders.send('tea');
 * await alarms.send(7);
 * console.log(await running);
 * ```
 *
 * ```text
 * order: tea
 * alarm 7
 * quiet
 * ```
 */
export function select<const T extends readonly Operation<unknown>[]>(
  cases: T,
  options?: SelectOptions,
): Operation<Winner<T>> {
  if (cases.length === 0) throw new TypeError('select([]) would never end: give it at least one');
  const operation: Operation<unknown> = new Select(cases, options);
  // SAFETY: index and value are those of one of the cases.
  return operation as Operation<Winner<T>>;
}
