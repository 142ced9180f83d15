/**
 * What a program should do, worked out without running anything: each part is a function of when it begins and when it is
 * stopped, and gives when and how it ends.
 *
 * A failure stops the others of its scope at a time that only their own course shows: so they are worked out as if
 * nothing happened, and again with the stop that the earliest failure is. What comes before that is the same both times.
 */
import {
  type End,
  failureOf,
  NEVER,
  NO_STOPS,
  type Stops,
  stoppedBy,
  Thrown,
  thrown,
  together,
} from './ends.js';
import type { Body, Program, Step, Wait } from './programs.js';
import { Record, textOf } from './record.js';
import { runScope, type ScopeCourse } from './scopes.js';
import { runSeveral, runTimeout } from './several.js';

export function expected({ main, stopAtMs = NEVER, graceMs = NEVER }: Program): Record {
  const record = new Record();
  const stops = { atMs: stopAtMs, by: 'outside', finalMs: stopAtMs + graceMs };
  const { atMs, failed } = runBody(main, 0, stops, record);
  record.add('program', atMs, failed === undefined ? 'value' : textOf(failed));
  return record;
}

/** One coroutine on its way: where it is in time, and what of its stop has come. */
export class Course {
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

export function runBody(
  body: Body,
  atMs: number,
  stops: Stops,
  record: Record,
  s?: ScopeCourse,
): End {
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
export interface Custom {
  readonly wait: 'custom';
  readonly isHot: boolean;
  run(atMs: number, stops: Stops): End;
}

/** Whether work runs already before it is waited for. */
export function isHot(wait: Wait | Custom): boolean {
  if (wait.wait === 'call') return true;
  if (wait.wait === 'custom') return wait.isHot;
  if (wait.wait === 'shield' || wait.wait === 'timeout') return isHot(wait.of);
  return (wait.wait === 'all' || wait.wait === 'any') && wait.of.some(isHot);
}

/** @param isDue - a stop is on its way that follows at once: only what runs already is taken hold of */
export function run(
  wait: Wait | Custom,
  atMs: number,
  stops: Stops,
  isDue: boolean,
  record: Record,
): End {
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
