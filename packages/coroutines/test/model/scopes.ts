/** The model of a scope: its children, its stops, its clean-ups. */
import {
  CAUSE_MS,
  type End,
  failureOf,
  NEVER,
  NO_STOPS,
  nameOf,
  type Stops,
  Thrown,
  together,
} from './ends.js';
import { Course, type Custom, runBody } from './expected.js';
import type { Body, ScopeWait, Step } from './programs.js';
import { Record, textOf } from './record.js';

interface Child {
  readonly body: Body;
  readonly startMs: number;
  /** By the body: when, and when its grace is over. */
  stop: { readonly atMs: number; finalMs: number } | undefined;
  /** When the body began to wait for it. */
  joinedMs: number;
}

/** A scope on its way, as far as its body knows it. */
export class ScopeCourse {
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

export function runScope(wait: ScopeWait, atMs: number, stops: Stops, record: Record): End {
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
