/** A short sleep of this thread, for descriptors that answer EAGAIN where a C program would simply block. */

const NAP_MS = 20;
const never = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps 20 ms without using the processor. */
export function nap(): void {
  Atomics.wait(never, 0, 0, NAP_MS);
}
