/** Small instruments of the tests: gates to wait at, and rejections as values. */

/** A gate that opens when it was told so as often as it asks for. */
export interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

/** Makes a gate. */
export function gate(times = 1): Gate {
  let left = times;
  let resolve: () => void = () => {};
  const opened = new Promise<void>((done) => {
    resolve = done;
  });
  return {
    opened,
    open: () => {
      left--;
      if (left === 0) resolve();
    },
  };
}

/** What a promise rejects with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const resolved = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in resolved) throw new Error(`resolved with ${String(resolved.value)}`);
  return resolved.error;
}

/** Numbers that all threads share. */
export function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}
