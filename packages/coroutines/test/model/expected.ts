/**
 * What a program should do, worked out without running anything: each part is a function of when it begins and when it is
 * stopped, and gives when and how it ends.
 *
 * A failure stops the others of its scope at a time that only their own course shows: so they are worked out as if
 * nothing happened, and again with the stop that the earliest failure is. What comes before that is the same both times.
 */
import type { Body, Program, ScopeWait, Step, Wait } from './programs.js';
import { type Failed, Record, textOf } from './record.js';

const NEVER = Number.POSITIVE_INFINITY;

/** What something causes comes after it, by so much: records give whole milliseconds. */
const CAUSE_MS = 2 ** -10;

/** From outside of a part: a stop, and the end of its grace. */
interface Stops {
  readonly atMs: number;
  /** Whose it is: `withTimeout` knows its own again. */
  readonly by: string;
  readonly finalMs: number;
}

const NO_STOPS: Stops = { atMs: NEVER, by: '', finalMs: NEVER };

interface End {
  readonly atMs: number;
  /** Undefined: it succeeded. */
  readonly failed: Thrown | undefined;
  /** Whether it had to wait, be it for no time. */
  readonly waited: boolean;
  /** Which of `any` it was. */
  readonly index?: number;
}

/** In the model as in the program a failure is thrown. */
class Thrown implements Failed {
  readonly isError: boolean;
  readonly labels: readonly string[];
  readonly by: string;

  constructor(isError: boolean, labels: readonly string[], by = '') {
    this.isError = isError;
    this.labels = labels;
    this.by = by;
  }
}

/** Several failures as one: an error goes before a stop, whichever was first. */
function together(all: readonly Thrown[]): Thrown | undefined {
  const first = all.find(({ isError }) => isError) ?? all[0];
  if (first === undefined) return undefined;
  const labels = new Set(all.flatMap((one) => one.labels));
  return new Thrown(first.isError, [...labels], first.by);
}

/** Which of several ended first is a tie: such a program is not judged. */
export class Tie extends Error {}

export function expected({ main, stopAtMs = NEVER, graceMs = NEVER }: Program): Record {
  const record = new Record();
  const stops = { atMs: stopAtMs, by: 'outside', finalMs: stopAtMs + graceMs };
  const { atMs, failed } = runBody(main, 0, stops, record);
  record.add('program', atMs, failed === undefined ? 'value' : textOf(failed));
  return record;
}

/** One coroutine on its way: where it is in time, and what of its stop has come. */
class Course {
  nowMs: number;
  stops: Stops;
  /** Something that has been asked of it before it first waits arrives there, whatever that is. */
  isDue = false;
  waited = false;
  /** The stop has been thrown into it: there is no second time. */
  hasArrived = false;
  readonly ensured: (readonly Step[])[] = [];
  readonly of: string;
  readonly record: Record;
  readonly scope: ScopeCourse | undefined;

  constructor(of: string, atMs: number, stops: Stops, record: Record, scope?: ScopeCourse) {
    this.of = of;
    this.nowMs = atMs;
    this.stops = stops;
    this.record = record;
    this.scope = scope;
  }

  say(what: string): void {
    this.record.add(this.of, this.nowMs, what);
  }

  /** @returns which of `any` it was */
  wait(wait: Wait | Custom): number | undefined {
    const before = this.waited || this.isDue;
    const isFinal = before && this.stops.finalMs <= this.nowMs;
    const isDue = isFinal || (before && !this.hasArrived && this.stops.atMs <= this.nowMs);
    if (isDue && !isHot(wait)) {
      if (!isFinal) this.hasArrived = true;
      throw new Thrown(false, [], isFinal ? 'final' : this.stops.by);
    }
    const atMs = this.hasArrived || isFinal ? NEVER : Math.max(this.stops.atMs, this.nowMs);
    const finalMs = Math.max(this.stops.finalMs, this.nowMs);
    const end = run(wait, this.nowMs, { atMs, by: this.stops.by, finalMs }, isDue, this.record);
    this.nowMs = end.atMs;
    this.waited ||= end.waited;
    if (end.waited && end.failed !== undefined && atMs <= end.atMs) this.hasArrived = true;
    if (end.failed !== undefined) throw end.failed;
    return end.index;
  }

  steps(list: readonly Step[]): void {
    for (const step of list) {
      this.say(`${step.id} ${step.do}`);
      this.#step(step);
    }
  }

  #step(step: Step): void {
    if (step.do === 'wait') {
      const index = this.wait(step.for);
      if (step.for.wait === 'any') this.say(`${step.id} won by ${index}`);
    } else if (step.do === 'throw') {
      throw new Thrown(true, [`error ${step.id}`]);
    } else if (step.do === 'try') {
      try {
        this.steps(step.steps);
      } catch (error) {
        this.say(`${step.id} caught ${textOf(thrown(error))}`);
        if (step.rescue === undefined) throw error;
        this.steps(step.rescue);
      } finally {
        this.steps(step.last);
      }
    } else if (step.do === 'ensure') {
      this.ensured.push(step.steps);
    } else {
      if (this.scope === undefined) throw new Error(`step ${step.id} is in no scope`);
      this.scope.step(step, this);
    }
  }
}

function thrown(error: unknown): Thrown {
  if (error instanceof Thrown) return error;
  throw error;
}

/** What it throws, if it does. */
function failureOf(work: () => void): Thrown | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return thrown(error);
  }
}

function runBody(body: Body, atMs: number, stops: Stops, record: Record, s?: ScopeCourse): End {
  const course = new Course(`body ${body.id}`, atMs, stops, record, s);
  if (s !== undefined) s.body = course;
  const own = failureOf(() => course.steps(body.steps));
  const failures = own === undefined ? [] : [own];
  if (course.ensured.length > 0) {
    const finalMs = Math.max(course.stops.finalMs, course.nowMs);
    const last = new Course(
      `clean-ups of ${course.of}`,
      course.nowMs,
      { ...NO_STOPS, finalMs },
      record,
    );
    for (const steps of course.ensured.reverse()) {
      const failure = failureOf(() => last.steps(steps));
      if (failure !== undefined) failures.push(failure);
    }
    course.nowMs = last.nowMs;
    course.waited ||= last.waited;
  }
  // An async body has waited by being one.
  const waited = course.waited || body.isAsync;
  return { atMs: course.nowMs, failed: together(failures), waited };
}

/** A wait that programs do not write themselves. */
interface Custom {
  readonly wait: 'custom';
  readonly isHot: boolean;
  run(atMs: number, stops: Stops): End;
}

/** Whether work runs already before it is waited for. */
function isHot(wait: Wait | Custom): boolean {
  if (wait.wait === 'call') return true;
  if (wait.wait === 'custom') return wait.isHot;
  if (wait.wait === 'shield' || wait.wait === 'timeout') return isHot(wait.of);
  return (wait.wait === 'all' || wait.wait === 'any') && wait.of.some(isHot);
}

/** @param isDue - a stop is on its way that follows at once: only what runs already is taken hold of */
function run(wait: Wait | Custom, atMs: number, stops: Stops, isDue: boolean, record: Record): End {
  switch (wait.wait) {
    case 'custom':
      return wait.run(atMs, stops);
    case 'sleep': {
      const stopMs = Math.min(stops.atMs, stops.finalMs);
      if (atMs + wait.ms < stopMs) return { atMs: atMs + wait.ms, failed: undefined, waited: true };
      return { atMs: stopMs, failed: stoppedBy(stops), waited: true };
    }
    case 'call':
      return runBody(wait.body, atMs, stops, record);
    case 'shield':
      return run(wait.of, atMs, { ...stops, atMs: NEVER }, false, record);
    case 'timeout':
      return runTimeout(wait.of, wait.ms, atMs, stops, isDue, record);
    case 'all':
    case 'any':
      return runSeveral(wait.wait, wait.of, atMs, stops, isDue, record);
    case 'scope':
      return runScope(wait, atMs, stops, record);
  }
}

function stoppedBy({ atMs, by, finalMs }: Stops): Thrown {
  return new Thrown(false, [], finalMs < atMs ? 'final' : by);
}

/** Each deadline has a name of its own: a part may be worked out several times. */
const names = new WeakMap<object, string>();

function nameOf(wait: Wait): string {
  const name = names.get(wait) ?? `timeout ${++named}`;
  names.set(wait, name);
  return name;
}

let named = 0;

function runTimeout(
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

function runSeveral(
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

interface Child {
  readonly body: Body;
  readonly startMs: number;
  /** By the body: when, and when its grace is over. */
  stop: { readonly atMs: number; finalMs: number } | undefined;
  /** When the body began to wait for it. */
  joinedMs: number;
}

/** A scope on its way, as far as its body knows it. */
class ScopeCourse {
  readonly wait: ScopeWait;
  readonly children = new Map<number, Child>();
  readonly cleanups: ((last: Course) => void)[] = [];
  body: Course | undefined;
  stops: Stops;
  /** Whose failure the stop is: it does not stop itself. */
  readonly cause: number | undefined;
  readonly outside: Stops;

  readonly #outsideMs: number;
  readonly #asked: { readonly atMs: number; readonly graceMs: number | undefined; by: string }[];

  constructor(wait: ScopeWait, outside: Stops, causeMs: number, cause: number | undefined) {
    this.wait = wait;
    this.cause = cause;
    this.#asked = [{ atMs: outside.atMs, graceMs: undefined, by: outside.by }];
    this.#outsideMs = outside.finalMs;
    this.outside = this.#stopsOf();
    this.stops = this.outside;
    this.stopsAt(causeMs, undefined, 'scope');
  }

  /** Another stop: the first one counts, and the shortest grace. */
  stopsAt(atMs: number, graceMs: number | undefined, by: string): void {
    this.#asked.push({ atMs, graceMs, by });
    this.#asked.sort((a, b) => a.atMs - b.atMs);
    this.stops = this.#stopsOf();
  }

  /** The scope's own grace is that of the first stop, if that does not say another. */
  #stopsOf(): Stops {
    const { atMs = NEVER, by = '' } = this.#asked[0] ?? {};
    const ends = this.#asked.map((stop, place) => {
      const own = place === 0 ? this.wait.graceMs : undefined;
      return stop.atMs + (stop.graceMs ?? own ?? NEVER);
    });
    return { atMs, by, finalMs: Math.min(this.#outsideMs, ...ends) };
  }

  /** Works a child out, as far as is known. */
  child({ body, startMs, stop }: Child, record: Record): End {
    const own = this.cause === body.id ? this.outside : this.stops;
    const atMs = Math.max(startMs, Math.min(own.atMs, stop?.atMs ?? NEVER) + CAUSE_MS);
    const finalMs = Math.max(startMs, Math.min(own.finalMs, stop?.finalMs ?? NEVER));
    const by = (stop?.atMs ?? NEVER) < own.atMs ? 'sibling' : own.by;
    return runBody(body, startMs, { atMs, by, finalMs }, record);
  }

  step(step: Step, course: Course): void {
    if (step.do === 'spawn') this.#spawn(step.body, course);
    else if (step.do === 'join') this.#join(step.child, course);
    else if (step.do === 'stop') this.#stop(step.child, step.graceMs, course.nowMs);
    else if (step.do === 'stop scope') {
      this.stopsAt(course.nowMs, step.graceMs, 'scope');
      this.#stopBody(course);
    } else if (step.do === 'defer') {
      this.cleanups.push((last) => last.steps(step.steps));
    } else if (step.do === 'acquire') {
      course.wait(this.#opening(step.id, step.open, step.close, course.record));
      course.say(`${step.id} is open`);
    }
  }

  /** What has stopped the scope in the body's own turn arrives at the body's next wait. */
  #stopBody(course: Course): void {
    course.stops = this.stops;
    course.isDue = true;
  }

  #spawn(body: Body, course: Course): void {
    const child: Child = { body, startMs: course.nowMs, stop: undefined, joinedMs: NEVER };
    this.children.set(body.id, child);
    const end = this.child(child, new Record());
    const isFailure = !end.waited && end.failed?.isError === true;
    if (!isFailure || this.wait.kind !== 'plain') return;
    this.stopsAt(course.nowMs, undefined, 'scope');
    this.#stopBody(course);
  }

  #join(id: number, course: Course): void {
    const child = this.children.get(id);
    if (child === undefined) return;
    child.joinedMs = course.nowMs;
    course.wait({
      wait: 'custom',
      isHot: true,
      run: (atMs, stops) => {
        const known = { ...child, stop: earlier(child.stop, stops) };
        const end = this.child(known, new Record());
        // What has succeeded is there at once, and what has failed is thrown at once.
        const isThere = end.atMs < atMs || !end.waited;
        return isThere ? { ...end, atMs, waited: false } : end;
      },
    });
  }

  #stop(id: number, graceMs: number | undefined, atMs: number): void {
    const child = this.children.get(id);
    if (child === undefined) return;
    if (this.child(child, new Record()).atMs < atMs) return;
    const finalMs = atMs + (graceMs ?? NEVER);
    child.stop = {
      atMs: child.stop?.atMs ?? atMs,
      finalMs: Math.min(child.stop?.finalMs ?? NEVER, finalMs),
    };
  }

  #opening(id: number, open: readonly Step[], close: readonly Step[], record: Record): Custom {
    return {
      wait: 'custom',
      isHot: false,
      run: (atMs, stops) => {
        const inside = new Course(`resource ${id}`, atMs, stops, record);
        let isOpen = false;
        const failed = failureOf(() => {
          inside.steps(open);
          const isFinal = inside.waited && inside.stops.finalMs <= inside.nowMs;
          const isDue = inside.waited && !inside.hasArrived && inside.stops.atMs <= inside.nowMs;
          isOpen = !isFinal && !isDue;
          if (isOpen) return;
          try {
            throw new Thrown(false, [], isFinal ? 'final' : stops.by);
          } finally {
            if (!isFinal) inside.hasArrived = true;
            inside.say('closing');
            inside.steps(close);
          }
        });
        if (isOpen) {
          this.cleanups.push((last) => {
            const finalMs = last.stops.finalMs;
            const closing = new Course(
              inside.of,
              last.nowMs,
              { ...NO_STOPS, finalMs },
              last.record,
            );
            closing.say('closing');
            // Even the stop that closes it has been the first wait.
            closing.waited = true;
            const failure = failureOf(() => closing.steps(close));
            last.nowMs = closing.nowMs;
            last.waited = true;
            if (failure?.isError) throw failure;
          });
        }
        return { atMs: inside.nowMs, failed, waited: inside.waited };
      },
    };
  }
}

function earlier(stop: Child['stop'], stops: Stops): Child['stop'] {
  return {
    atMs: Math.min(stop?.atMs ?? NEVER, stops.atMs),
    finalMs: Math.min(stop?.finalMs ?? NEVER, stops.finalMs),
  };
}

function runScope(wait: ScopeWait, atMs: number, stops: Stops, record: Record): End {
  const deadlineMs = atMs + (wait.timeoutMs ?? NEVER);
  let causeMs = NEVER;
  let cause: number | undefined;
  for (;;) {
    const scratch = new Record();
    const s = new ScopeCourse(wait, stops, causeMs, cause);
    const own = cause === wait.body.id ? s.outside : s.stops;
    const main = runBody(wait.body, atMs, own, scratch, s);
    const children = [...s.children.values()].map((child) => ({
      child,
      end: s.child(child, scratch),
    }));
    const endMs = Math.max(main.atMs, ...children.map(({ end }) => end.atMs));
    const failures: { failed: Thrown; atMs: number; by: number | undefined; stops: boolean }[] = [];
    if (main.failed?.isError) {
      failures.push({ failed: main.failed, atMs: main.atMs, by: wait.body.id, stops: true });
    }
    children.sort((a, b) => a.end.atMs - b.end.atMs);
    for (const { child, end } of children) {
      const isSeen = end.waited && child.joinedMs <= end.atMs;
      if (!end.failed?.isError || isSeen) continue;
      if (wait.kind === 'told') {
        scratch.add(`failures of ${wait.body.id}`, end.atMs, textOf(end.failed));
      } else {
        const isStop = wait.kind === 'plain';
        failures.push({ failed: end.failed, atMs: end.atMs, by: child.body.id, stops: isStop });
      }
    }
    if (deadlineMs <= endMs && deadlineMs < NEVER) {
      const failed = new Thrown(true, [nameOf(wait)]);
      failures.push({ failed, atMs: deadlineMs, by: undefined, stops: true });
    }
    const first = failures
      .filter((failure) => failure.stops)
      .sort((a, b) => a.atMs - b.atMs)
      .at(0);
    if (first !== undefined && first.atMs + CAUSE_MS < Math.min(causeMs, s.stops.atMs)) {
      causeMs = first.atMs + CAUSE_MS;
      cause = first.by;
      continue;
    }
    record.addAll(scratch);
    const all = failures.map(({ failed }) => failed);
    const hasWaited = main.waited || children.some(({ end }) => end.waited);
    return endOfScope(s, { ...main, atMs: endMs, waited: hasWaited }, all, record);
  }
}

/** @param main - the end of its body, at that of all its children */
function endOfScope(s: ScopeCourse, main: End, failures: Thrown[], record: Record): End {
  const finalMs = Math.max(s.stops.finalMs, main.atMs);
  const of = `clean-ups of body ${s.wait.body.id}`;
  const last = new Course(of, main.atMs, { ...NO_STOPS, finalMs }, record);
  for (const cleanup of s.cleanups.reverse()) {
    const failure = failureOf(() => cleanup(last));
    if (failure === undefined) continue;
    failures.push(failure);
    if (s.stops.atMs <= last.nowMs) continue;
    s.stopsAt(last.nowMs, undefined, 'scope');
    last.stops = { ...last.stops, finalMs: Math.max(s.stops.finalMs, last.nowMs) };
  }
  const failed = together(failures) ?? main.failed;
  return { atMs: last.nowMs, failed, waited: main.waited || last.waited };
}
