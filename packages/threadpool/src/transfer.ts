/**
 * What moves to the other thread instead of being copied.
 */
import { TRANSFER, type Transferable } from './crossing-wire.js';

/**
 * Says that what is listed moves with `value` instead of being copied. Gives `value` back.
 *
 * Works for a task, an argument, a result, or anything inside them. It moves when the value is sent, and is empty here
 * from then on. A task that waits for a thread is sent later than `addTask` returns: until its promise settles, what it
 * is to move must be left alone. What is written into it before is seen by the task; what is moved elsewhere before
 * makes the task reject with a TypeError; and what was not sent, because the task was cancelled, stays here.
 *
 * @param list - default: the buffer of a view, or the value itself
 * @throws {TypeError} `value` is frozen
 */
export function transfer<T extends object>(value: T, list?: readonly Transferable[]): T {
  // SAFETY: without a list the value itself has to be transferable; postMessage refuses it by name if it is not.
  const own = (ArrayBuffer.isView(value) ? value.buffer : value) as Transferable;
  Object.defineProperty(value, TRANSFER, {
    value: list ?? [own],
    enumerable: false,
    configurable: true,
    writable: true,
  });
  return value;
}

/**
 * Node would send what has moved elsewhere as if it were empty.
 *
 * @throws {TypeError} a buffer has moved since it was named
 */
export function requireHere(
  transfer: readonly Transferable[],
  what: 'task' | 'result' = 'task',
): void {
  for (const item of transfer) {
    if (!(item instanceof ArrayBuffer)) continue;
    try {
      new Uint8Array(item);
    } catch (cause) {
      const remedy =
        what === 'task' ? 'leave it alone until the task has settled' : 'it can move only once';
      const message = `an ArrayBuffer that was to move with the ${what} had moved elsewhere when the ${what} was sent: ${remedy}`;
      throw new TypeError(message, { cause });
    }
  }
}
