/** The model of waits for several, and of a wait with a deadline: who ends first stops the others. */
import {
  CAUSE_MS,
  type End,
  NEVER,
  nameOf,
  type Stops,
  stoppedBy,
  Thrown,
  Tie,
  together,
} from './ends.js';
import { isHot, run } from './expected.js';
import type { Wait } from './programs.js';
import { Record } from './record.js';

export function runTimeout(
  of: Wait,
  ms: number,
  atMs: number,
  stops: Stops,
  isDue: boolean,
  record: Record,
) {
  const scratch = new Record();
  const without = run(of, atMs, stops, isDue, scratch);
  const isInTime = without.atMs < atMs + ms;
  if (isInTime || Math.min(stops.atMs, stops.finalMs) < atMs + ms) {
    record.addAll(scratch);
    return without;
  }
  const by = nameOf(of);
  const end = run(of, atMs, { ...stops, atMs: atMs + ms, by }, isDue, record);
  const isOver = end.failed?.isError === false && end.failed.by === by;
  return isOver ? { ...end, failed: new Thrown(true, [by]) } : end;
}

/** Something that has stopped the others: which, and when. */
interface Cause {
  readonly atMs: number;
  readonly place: number;
}

export function runSeveral(
  kind: 'all' | 'any',
  of: readonly Wait[],
  atMs: number,
  stops: Stops,
  isDue: boolean,
  record: Record,
): End {
  const decides = (end: End) => kind === 'any' || end.failed !== undefined;
  const stopMs = Math.min(stops.atMs, stops.finalMs);
  let cause: Cause | undefined;
  for (;;) {
    const scratch = new Record();
    const ends: (End | undefined)[] = [];
    let early: number | undefined;
    for (const [place, part] of of.entries()) {
      const isLate = isDue || early !== undefined;
      if (isLate && !isHot(part)) {
        ends.push(undefined);
        continue;
      }
      const decided = cause !== undefined && cause.place !== place ? cause.atMs + CAUSE_MS : NEVER;
      const own = decided < stops.atMs ? { ...stops, atMs: decided, by: 'several' } : stops;
      const end = run(part, atMs, own, isLate, scratch);
      if (!end.waited && decides(end)) early ??= place;
      ends.push(end);
    }
    const next = earliest(ends, early, decides, early === undefined ? stopMs : NEVER);
    if (next !== undefined && (cause === undefined || next.atMs < cause.atMs)) {
      if (isTie(next, ends, decides)) throw new Tie();
      cause = next;
      continue;
    }
    record.addAll(scratch);
    const awaitsStop = cause === undefined && isDue && ends.includes(undefined);
    // Decided in the turn in which it began: then it has only waited for what a stop does not end at once.
    const isAtOnce = (place: number) => early !== undefined && stopsAtOnce(of[place]);
    const known = ends.map((end, place) =>
      end && isAtOnce(place) ? { ...end, waited: false } : end,
    );
    return endOfSeveral(kind, known, cause, awaitsStop, stops, atMs);
  }
}

/** Two that have ended in the same turn, where not both were over before anything had to wait. */
function isTie(
  { atMs, place }: Cause,
  ends: readonly (End | undefined)[],
  decides: (end: End) => boolean,
): boolean {
  return ends.some(
    (end, other) =>
      end?.waited === true &&
      other !== place &&
      decides(end) &&
      Math.floor(end.atMs) === Math.floor(atMs),
  );
}

/** Whether nothing has to run for it to end when it is stopped. */
function stopsAtOnce(wait: Wait | undefined): boolean {
  if (wait?.wait === 'timeout') return stopsAtOnce(wait.of);
  if (wait?.wait === 'all' || wait?.wait === 'any') return wait.of.every(stopsAtOnce);
  return wait?.wait === 'sleep';
}

function earliest(
  ends: readonly (End | undefined)[],
  early: number | undefined,
  decides: (end: End) => boolean,
  beforeMs: number,
): Cause | undefined {
  let cause: Cause | undefined;
  for (const [place, end] of ends.entries()) {
    if (end === undefined || !decides(end)) continue;
    if (early !== undefined && place !== early) continue;
    if (end.atMs < Math.min(beforeMs, cause?.atMs ?? NEVER)) cause = { atMs: end.atMs, place };
  }
  return cause;
}

function endOfSeveral(
  kind: 'all' | 'any',
  ends: readonly (End | undefined)[],
  cause: Cause | undefined,
  awaitsStop: boolean,
  stops: Stops,
  beganMs: number,
): End {
  const stopMs = Math.min(stops.atMs, stops.finalMs);
  const begun = ends.filter((end) => end !== undefined);
  const endMs = Math.max(beganMs, ...begun.map((end) => end.atMs));
  const waited = awaitsStop || begun.some((end) => end.waited);
  const winner = cause && ends[cause.place];
  const failures = begun.flatMap((end) =>
    end.failed === undefined || end === winner ? [] : [end.failed],
  );
  const errors = failures.filter(({ isError }) => isError);
  const isStopped = winner === undefined && waited && stopMs <= endMs;
  const first = winner?.failed ?? (isStopped || awaitsStop ? stoppedBy(stops) : undefined);
  const failed = together(first === undefined ? errors : [first, ...errors]);
  const end = { atMs: endMs, failed, waited };
  return kind === 'any' && cause !== undefined ? { ...end, index: cause.place } : end;
}
