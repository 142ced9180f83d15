/**
 * The budget that keeps one busy coroutine from starving a thousand.
 *
 * An operation that can complete at once does not suspend. Without a limit a coroutine on a fast socket would never
 * give the event loop its turn, so every BUDGET-th completion in a row goes round by the loop.
 */

import { thread } from './thread-state.js';

/** Measured trade: 128 keeps the detour (about 2 µs) below a per cent, and a turn below a millisecond. */
const BUDGET = 128;

let left = BUDGET;

/** Whether the running slice may go on without a turn of the event loop. Counts. */
export function mayCompleteAtOnce(): boolean {
  if (thread.schedule !== undefined) return !thread.schedule.givesWay();
  left -= 1;
  return left >= 0;
}

/** Counts what has completed at once as a part of something else. */
export function countCompletion(): void {
  left -= 1;
}

/** A coroutine resumed by an event begins a new slice. */
export function beginSlice(): void {
  left = BUDGET;
}

/** Calls back in the next turn of the event loop, after I/O, with a new slice. */
export function yieldTurn(resume: () => void): void {
  if (thread.schedule !== undefined) {
    thread.schedule.giveWay(resume);
    return;
  }
  nextTurn(() => {
    beginSlice();
    resume();
  });
}

type NextTurn = (callback: () => void) => void;

/** A `MessageChannel`, as far as it is used here: the types of Node's own lack `onmessage`. @internal */
export interface TurnChannel {
  readonly port1: { onmessage: (() => void) | null };
  readonly port2: { postMessage(message: undefined): void };
}

/**
 * Chooses how to wait for a turn: `setImmediate` where there is one, else a message to ourselves, which browsers do
 * not slow down as they do with nested timers. Exported for its test.
 *
 * @internal
 */
export function chooseNextTurn(
  immediate: ((callback: () => void) => unknown) | undefined,
  makeChannel: () => TurnChannel,
): NextTurn {
  if (immediate !== undefined) return (callback) => void immediate(callback);
  const waiting: (() => void)[] = [];
  let channel: TurnChannel | undefined;
  return (callback) => {
    if (channel === undefined) {
      channel = makeChannel();
      channel.port1.onmessage = () => waiting.shift()?.();
    }
    waiting.push(callback);
    channel.port2.postMessage(undefined);
  };
}

// Taken once: a test's fake timers must not stop the scheduler itself.
const nextTurn = /* @__PURE__ */ chooseNextTurn(
  globalThis.setImmediate,
  // SAFETY: browsers, the only ones to get here, have onmessage.
  () => new MessageChannel() as unknown as TurnChannel,
);
