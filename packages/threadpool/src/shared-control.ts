/**
 * Where what lies in the memory that the two sides of a thread share, beside the slots themselves.
 *
 * Words that one side writes all the time stand apart from those of the other: a cache line holds sixteen.
 */

/** Entries of the ring of tasks; when it is full, further tasks wait with the pool. A power of two. */
export const TASK_ENTRIES = 1024;
/** Words of an entry: slot, id, kind, classes. */
export const ENTRY_WORDS = 4;
/** Room in the ring of finished slots; when it is full a result travels as a message. A power of two. */
export const RESULT_ENTRIES = 1024;

/** Both: how the thread waits; see `wake-up.ts`. */
export const STATE = 0;
/** Pool: as 1, it wants to hear when the ring of tasks has been read. */
export const WANTS_ROOM = 1;
/** Thread: how far it has written results. */
export const RESULTS_TAIL = 16;
/** Thread: 1 while it is in the code of a task, as far as that runs without waiting. */
export const INSIDE = 17;
/** Thread: how far it has read tasks. */
export const TASKS_HEAD = 18;
/** Thread: how long it has slept, in milliseconds; a float64, counted in such. */
export const SLEPT = 10;
/** Pool: how far tasks are published. */
export const TASKS_TAIL = 32;
/** Pool: how many messages it has posted. */
export const POSTED = 33;
/** Pool: how far it has read results. */
export const RESULTS_HEAD = 34;
/** The ring of results. */
export const RESULTS = 48;
/** The ring of tasks. */
export const TASKS: number = RESULTS + RESULT_ENTRIES;

/** Memory for the control words and rings of one thread. */
export function newControl(): SharedArrayBuffer {
  return new SharedArrayBuffer((TASKS + TASK_ENTRIES * ENTRY_WORDS) * 4);
}
