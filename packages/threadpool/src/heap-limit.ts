/**
 * A thread that has outgrown its heap limit says so, once: `recycleAfter.heapMB`. Runs inside a thread.
 */
import { getHeapStatistics } from 'node:v8';

/** Asking V8 costs microseconds: not after every task. */
const LOOK_EVERY_MS = 50;

/** @returns what to call after each task; it calls `worn` when more than `limitBytes` are used, at most once */
export function watchHeap(limitBytes: number, worn: () => void): () => void {
  let lastLook = 0;
  let isWorn = false;
  return () => {
    const now = performance.now();
    if (isWorn || now - lastLook < LOOK_EVERY_MS) return;
    lastLook = now;
    if (getHeapStatistics().used_heap_size <= limitBytes) return;
    isWorn = true;
    worn();
  };
}
