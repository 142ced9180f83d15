/**
 * The end of a crossing on the pool's side, where nothing may be left without an answer.
 */
import { UnpackError, unpack } from './crossing.js';
import type { TaskEnd } from './worker.js';

/** Puts a result or an error together and hands it on, now or when its classes are there. */
export function arrive(
  end: TaskEnd,
  made: (value: unknown) => void,
  failed: (error: unknown) => void,
): void {
  const fail = (error: unknown) => failed(error instanceof UnpackError ? error.cause : error);
  let value: unknown;
  try {
    value = unpack(end.value, end.repairs);
  } catch (error) {
    fail(error);
    return;
  }
  // Outside of the try: a task has one end, whatever telling it throws.
  if (value instanceof Promise) value.then(made, fail);
  else made(value);
}
