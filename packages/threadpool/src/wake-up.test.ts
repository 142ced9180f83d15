/**
 * The two protocols of waking, as models whose every interleaving is tried: `wake-up.ts` (the pool wakes a thread) and
 * `lookout.ts` (a thread wakes the pool). A model is a generator that stops before each step that the other side can see.
 */
import { describe, expect, it } from 'vitest';

/** Where a side stands, and what it waits for there. */
type Step = readonly [at: string, gate?: () => boolean];
type Steps = Generator<Step, void, void>;

/**
 * Runs the sides in every order, each situation once.
 *
 * @param start - makes the state, which holds all that the sides know: what decides how they go on
 * @returns the orders after which one waits for ever
 */
function stuckOrders<State>(
  start: () => State,
  sides: readonly ((state: State) => Steps)[],
  isDone: (state: State) => boolean,
): string[] {
  const stuck: string[] = [];
  const seen = new Set<string>();
  const next: number[][] = [[]];
  for (let order = next.pop(); order !== undefined; order = next.pop()) {
    const state = start();
    const runs = sides.map((side) => side(state));
    const steps = runs.map((run) => run.next().value ?? undefined);
    for (const side of order) steps[side] = runs[side]?.next().value ?? undefined;
    const situation = JSON.stringify([state, steps.map((step) => step?.[0])]);
    if (seen.has(situation)) continue;
    seen.add(situation);
    const able = sides.flatMap((_, side) => {
      const step = steps[side];
      return step === undefined || step[1]?.() === false ? [] : [side];
    });
    for (const side of able) next.push([...order, side]);
    if (able.length === 0 && !isDone(state)) stuck.push(order.join(''));
  }
  return stuck;
}

const AWAKE = 0;
const LISTENS = 1;
const SLEEPS = 2;

interface Mailbox {
  word: number;
  /** Published and read tasks. */
  tail: number;
  read: number;
  /** Messages in the port, those counted, and those received. */
  port: number;
  posted: number;
  received: number;
  /** The tail that the last message tells of, and the one that the thread knows by messages. */
  told: number;
  known: number;
  isNotified: boolean;
  /** What the pool has seen of the word, and how far it is. */
  saw: number;
  handedOver: number;
  /** How the thread waits the next time, and whether it has seen something. */
  sleeps: boolean;
  hasWork: boolean;
}

type Fault =
  | 'none'
  | 'no second look'
  | 'knock first'
  | 'message without tail'
  | 'swap, not compared';

/** The pool hands over tasks: by shared memory alone, or with a message. */
const pool = (byMessage: readonly boolean[], fault: Fault) =>
  function* (box: Mailbox): Steps {
    for (const hasMessage of byMessage) {
      if (fault === 'knock first') yield* knock(box, hasMessage, fault);
      if (hasMessage) {
        yield ['post'];
        box.port++;
        if (fault !== 'message without tail') box.told = box.handedOver + 1;
        yield ['count'];
        box.posted++;
      }
      yield ['publish'];
      box.tail++;
      if (fault !== 'knock first') yield* knock(box, hasMessage, fault);
      box.handedOver++;
    }
  };

function* knock(box: Mailbox, hasPosted: boolean, fault: Fault): Steps {
  for (;;) {
    yield ['look at the word'];
    box.saw = box.word;
    if (box.saw === AWAKE || (hasPosted && box.saw === LISTENS)) return;
    yield ['compare and swap'];
    if (fault === 'swap, not compared') box.saw = box.word;
    if (box.word !== box.saw) continue;
    box.word = AWAKE;
    yield ['wake'];
    if (box.saw === SLEEPS) box.isNotified = true;
    else if (!hasPosted) box.port++;
    return;
  }
}

/** The thread reads tasks until it has them all, and waits in one way and the other. */
const thread = (tasks: number, timesOut: boolean, fault: Fault) =>
  function* (box: Mailbox): Steps {
    while (box.read < tasks) {
      yield ['awake'];
      box.word = AWAKE;
      yield ['read'];
      box.read = Math.max(box.tail, box.known);
      if (box.read === tasks) return;
      yield ['say'];
      box.word = box.sleeps ? SLEEPS : LISTENS;
      yield ['look again'];
      box.hasWork = box.tail > box.read || box.posted > box.received;
      if (box.hasWork && fault !== 'no second look') {
        yield ['receive'];
      } else if (box.sleeps) {
        yield ['sleep', () => timesOut || box.word !== SLEEPS || box.isNotified];
        box.isNotified = false;
        box.sleeps = false;
        if (box.word !== SLEEPS) continue;
        box.word = LISTENS;
        yield ['listen', () => box.port > 0];
      } else {
        yield ['listen', () => box.port > 0];
        box.sleeps = true;
      }
      box.received += box.port;
      if (box.port > 0) box.known = box.told;
      box.port = 0;
    }
  };

function stuckMailboxes(byMessage: readonly boolean[], fault: Fault): string[] {
  const ways = [
    [true, false],
    [true, true],
    [false, false],
  ] as const;
  return ways.flatMap(([sleepsFirst, timesOut]) =>
    stuckOrders<Mailbox>(
      () => ({
        word: AWAKE,
        tail: 0,
        read: 0,
        port: 0,
        posted: 0,
        received: 0,
        told: 0,
        known: 0,
        isNotified: false,
        saw: AWAKE,
        handedOver: 0,
        sleeps: sleepsFirst,
        hasWork: false,
      }),
      [pool(byMessage, fault), thread(byMessage.length, timesOut, fault)],
      (box) => box.read === byMessage.length,
    ),
  );
}

describe('a thread that waits', () => {
  it.each([[[false]], [[true]], [[false, false]], [[true, false]], [[false, true]]])(
    'is woken for every task, whatever the order of steps: by message %j',
    (byMessage) => {
      expect(stuckMailboxes(byMessage, 'none')).toEqual([]);
    },
  );

  it.each([
    ['no second look', [false]],
    ['knock first', [false]],
    ['knock first', [true]],
    ['message without tail', [true]],
    // The thread has stopped sleeping meanwhile, has received the message, and listens again.
    ['swap, not compared', [true, false]],
  ] as const)('would sleep on with the fault: %s', (fault, byMessage) => {
    expect(stuckMailboxes(byMessage, fault)).not.toEqual([]);
  });
});

interface Outcome {
  waits: boolean;
  /** Results by thread; how many were taken; messages in the pool's ports. */
  published: number[];
  taken: number;
  messages: number;
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** A thread publishes results and wakes the pool if it waits. */
const publisher = (at: number, results: number) =>
  function* (state: Outcome): Steps {
    for (let i = 0; i < results; i++) {
      yield ['publish'];
      state.published[at] = i + 1;
      yield ['look'];
      if (!state.waits) continue;
      state.waits = false;
      yield ['wake'];
      state.messages++;
    }
  };

/** The pool takes what there is, says that it waits, and looks once more. */
const lookout = (results: number, looksAgain: boolean) =>
  function* (state: Outcome): Steps {
    for (;;) {
      yield ['take'];
      state.taken = sum(state.published);
      if (state.taken === results) return;
      yield ['say'];
      state.waits = true;
      yield ['look again'];
      if (looksAgain && sum(state.published) > state.taken && state.waits) {
        state.waits = false;
        continue;
      }
      yield ['wait', () => state.messages > 0];
      state.messages = 0;
    }
  };

describe('a pool that waits', () => {
  const orders = (threads: number, looksAgain: boolean) =>
    stuckOrders<Outcome>(
      () => ({ waits: true, published: [], taken: 0, messages: 0 }),
      [
        ...Array.from({ length: threads }, (_, at) => publisher(at, 2)),
        lookout(2 * threads, looksAgain),
      ],
      (state) => state.taken === 2 * threads,
    );

  it('is woken for every result, whatever the order of steps', () => {
    expect(orders(1, true)).toEqual([]);
    expect(orders(2, true)).toEqual([]);
  });

  it('would wait on without its second look', () => {
    expect(orders(1, false)).not.toEqual([]);
  });
});
