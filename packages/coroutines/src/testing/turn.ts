/** A turn of the real event loop, whatever the test does to time and order. */
import { chooseNextTurn, type TurnChannel } from '../fairness.js';

// Taken once: a test's fake timers must not stop it.
const nextTurn = /* @__PURE__ */ chooseNextTurn(
  globalThis.setImmediate,
  // SAFETY: browsers, the only ones to get here, have onmessage.
  () => new MessageChannel() as unknown as TurnChannel,
);

/** Ends when all that is runnable has run, promises included, and the event loop has come round. @internal */
export function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}
