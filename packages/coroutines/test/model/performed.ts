/** Runs a program with the package itself, on virtual time, and writes down what happens. */
import {
  type Awaitable,
  clock,
  coroutine,
  ensure,
  type IAsyncOperation,
  isCanceledError,
  type Operation,
  resource,
  resumeAfter,
  type Scope,
  type Suspension,
  scope,
  shield,
  whenAll,
  whenAny,
  withTimeout,
} from '@netloom/coroutines';
import { runTest } from '@netloom/coroutines/testing';
import type { Body, Program, ScopeWait, Step, Wait } from './programs.js';
import { Record, textOf } from './record.js';

/** An error on purpose, known by the step that throws it. */
class Planned extends Error {}

interface Here {
  /** Whose steps these are. */
  readonly of: string;
  readonly record: Record;
  readonly scope: Scope | undefined;
  readonly children: Map<number, IAsyncOperation<unknown>>;
}

/** @param seed - of the order in which what can run does */
export async function perform(program: Program, seed: number | undefined): Promise<Record> {
  const record = new Record();
  await runTest(
    function* () {
      const action = call(program.main, record);
      const { stopAtMs, graceMs } = program;
      const timer =
        stopAtMs === undefined
          ? undefined
          : clock.setTimer(stopAtMs, () => action.cancel('outside', { graceMs }));
      try {
        yield* action;
        record.add('program', clock.now(), 'value');
      } catch (error) {
        record.add('program', clock.now(), ending(error));
      }
      timer?.cancel();
    },
    { seed, idleTurns: 0 },
  );
  return record;
}

/** What it ended with: an error with all that are attached to it, or a stop. */
function ending(error: unknown): string {
  const labels: string[] = [];
  collect(error, labels);
  return textOf({ isError: !isCanceledError(error), labels });
}

function collect(error: unknown, into: string[]): void {
  if (error instanceof Planned) into.push(error.message);
  else if (error instanceof DOMException && error.name === 'TimeoutError') into.push('timeout');
  else if (!isCanceledError(error)) into.push(String(error));
  if (typeof error === 'object' && error !== null && 'suppressed' in error) {
    // SAFETY: what the package attaches is a list.
    for (const other of error.suppressed as unknown[]) collect(other, into);
  }
}

/** Starts one. */
function call(body: Body, record: Record): IAsyncOperation<unknown> {
  return declare(body, record, undefined)();
}

function declare(body: Body, record: Record, of: Scope | undefined) {
  const here = { of: `body ${body.id}`, record, scope: of, children: new Map() };
  if (body.isAsync) {
    return coroutine(async function named() {
      const steps = perform1(body.steps, here);
      for (let next = steps.next(); next.done !== true; ) {
        try {
          next = steps.next(await next.value);
        } catch (error) {
          next = steps.throw(error);
        }
      }
    });
  }
  return coroutine(function* named(): Generator<Suspension, void, never> {
    yield* inGenerator(body.steps, here);
  });
}

function* inGenerator(list: readonly Step[], here: Here): Generator<Suspension, void, undefined> {
  const steps = perform1(list, here);
  for (let next = steps.next(); next.done !== true; ) {
    let value: unknown;
    try {
      // SAFETY: an operation or an action; both can be yield*ed.
      value = yield* next.value as Operation<unknown>;
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(value);
  }
}

/** The steps, for either kind of body: yields what is to be waited for. */
function* perform1(
  list: readonly Step[],
  here: Here,
): Generator<Awaitable<unknown>, void, unknown> {
  for (const step of list) {
    here.record.add(here.of, clock.now(), `${step.id} ${step.do}`);
    yield* performStep(step, here);
  }
}

function* performStep(step: Step, here: Here): Generator<Awaitable<unknown>, void, unknown> {
  const { record } = here;
  if (step.do === 'wait') {
    const value = yield make(step.for, record);
    if (step.for.wait === 'any') {
      // SAFETY: whenAny() gives it.
      const { index } = value as { index: number };
      record.add(here.of, clock.now(), `${step.id} won by ${index}`);
    }
  } else if (step.do === 'throw') {
    throw new Planned(`error ${step.id}`);
  } else if (step.do === 'try') {
    try {
      yield* perform1(step.steps, here);
    } catch (error) {
      record.add(here.of, clock.now(), `${step.id} caught ${ending(error)}`);
      if (step.rescue === undefined) throw error;
      yield* perform1(step.rescue, here);
    } finally {
      yield* perform1(step.last, here);
    }
  } else if (step.do === 'ensure') {
    const inCleanup = { ...here, of: `clean-ups of ${here.of}` };
    ensure(() => inGenerator(step.steps, inCleanup));
  } else {
    yield* performInScope(step, here);
  }
}

function* performInScope(step: Step, here: Here): Generator<Awaitable<unknown>, void, unknown> {
  const { scope: s, children, record } = here;
  if (s === undefined) throw new Error(`step ${step.id} is in no scope`);
  if (step.do === 'spawn') {
    children.set(step.body.id, s.spawn(declare(step.body, record, undefined)));
  } else if (step.do === 'join') {
    const child = children.get(step.child);
    if (child !== undefined) yield child;
  } else if (step.do === 'stop') {
    children.get(step.child)?.cancel('by its sibling', { graceMs: step.graceMs });
  } else if (step.do === 'stop scope') {
    s.cancel('by its body', { graceMs: step.graceMs });
  } else if (step.do === 'defer') {
    s.defer(() => inGenerator(step.steps, { ...here, of: `clean-ups of ${here.of}` }));
  } else if (step.do === 'acquire') {
    const inside = { ...here, of: `resource ${step.id}` };
    const thing = resource(function* (provide) {
      yield* inGenerator(step.open, inside);
      try {
        yield* provide(step.id);
      } finally {
        record.add(inside.of, clock.now(), 'closing');
        yield* inGenerator(step.close, inside);
      }
    });
    yield s.acquire(thing);
    record.add(here.of, clock.now(), `${step.id} is open`);
  }
}

/** Coroutines start here; operations do when they are waited for. */
function make(wait: Wait, record: Record): Awaitable<unknown> {
  switch (wait.wait) {
    case 'sleep':
      return resumeAfter(wait.ms);
    case 'call':
      return call(wait.body, record);
    case 'shield':
      return shield(make(wait.of, record));
    case 'timeout':
      return withTimeout(make(wait.of, record), { timeoutMs: wait.ms });
    case 'all':
      return whenAll(wait.of.map((part) => make(part, record)));
    case 'any':
      return whenAny(wait.of.map((part) => make(part, record)));
    case 'scope':
      return makeScope(wait, record);
  }
}

function makeScope({ body, kind, timeoutMs, graceMs }: ScopeWait, record: Record) {
  const onFailure = (error: unknown) => {
    record.add(`failures of ${body.id}`, clock.now(), ending(error));
  };
  const options = {
    timeoutMs,
    graceMs,
    supervised: kind !== 'plain',
    onFailure: kind === 'told' ? onFailure : undefined,
  };
  const here = { of: `body ${body.id}`, record, children: new Map() };
  if (body.isAsync) {
    return scope(async (s) => {
      const steps = perform1(body.steps, { ...here, scope: s });
      for (let next = steps.next(); next.done !== true; ) {
        let value: unknown;
        try {
          value = await next.value;
        } catch (error) {
          next = steps.throw(error);
          continue;
        }
        next = steps.next(value);
      }
    }, options);
  }
  return scope(function* (s): Generator<Suspension, void, never> {
    yield* inGenerator(body.steps, { ...here, scope: s });
  }, options);
}
