/** Channel and select: order, limits, closing, and random programs against a model of lists. */
import { Channel, coroutine, isClosedError, resumeAfter, select } from '@netloom/coroutines';
import fc from 'fast-check';
import { expect, expectTypeOf, it } from 'vitest';

it('a rendezvous: a send ends when its value is received', () => {
  const channel = new Channel<number>();
  const log: string[] = [];
  coroutine(function* () {
    yield* channel.send(1);
    log.push('sent 1');
    yield* channel.send(2);
    log.push('sent 2');
  })();
  expect([log, channel.waitingSenders, channel.length]).toEqual([[], 1, 0]);
  coroutine(function* () {
    log.push(`got ${yield* channel.receive()}`);
    log.push(`got ${yield* channel.receive()}`);
  })();
  expect([...log].sort()).toEqual(['got 1', 'got 2', 'sent 1', 'sent 2']);
  expect(log.indexOf('got 1')).toBeLessThan(log.indexOf('got 2'));
});

it('a buffer takes its capacity, then senders wait, and values keep their order', async () => {
  const channel = new Channel<number>(2);
  let sent = 0;
  const send = coroutine(function* () {
    for (let i = 0; i < 6; i++) {
      yield* channel.send(i);
      sent += 1;
    }
    channel.close();
  });
  const action = send();
  expect([sent, channel.length, channel.waitingSenders]).toEqual([2, 2, 1]);
  const got: number[] = [];
  for await (const value of channel) got.push(value);
  expect(got).toEqual([0, 1, 2, 3, 4, 5]);
  await action;
});

it('trySend() and tryReceive() never wait, and overtake nobody', async () => {
  const channel = new Channel<string>(1);
  expect(channel.tryReceive()).toBeUndefined();
  expect([channel.trySend('a'), channel.trySend('b')]).toEqual([true, false]);
  const waiting = channel.send('c').then(() => 'sent');
  expect(channel.tryReceive()).toEqual({ value: 'a' });
  expect(await waiting).toBe('sent');
  expect(channel.trySend('d')).toBe(false);
  expect(channel.tryReceive()).toEqual({ value: 'c' });
});

it('close(): what was sent is received, by waiting senders too, then receives fail and iterations end', async () => {
  const channel = new Channel<number>(1);
  await channel.send(1);
  const waiting = channel.send(2).then(() => 'sent');
  channel.close();
  channel.close();
  await expect(channel.send(3)).rejects.toThrow('the channel was closed');
  expect(() => channel.trySend(3)).toThrow('the channel was closed');
  expect([await channel.receive(), await channel.receive()]).toEqual([1, 2]);
  expect(await waiting).toBe('sent');
  await expect(channel.receive()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  expect(() => channel.tryReceive()).toThrow('the channel was closed');
  expect(await channel.next()).toEqual({ done: true, value: undefined });
});

it('close() wakes those who wait for what will not come; with a cause the end is an error for iterations too', async () => {
  const channel = new Channel<number>();
  const waits = [channel.receive(), channel.next()].map((wait) => wait.then());
  const settled = Promise.allSettled(waits);
  channel.close(new Error('the source broke'));
  const [receive, next] = await settled;
  for (const result of [receive, next]) {
    expect(result?.status === 'rejected' && isClosedError(result.reason)).toBe(true);
    expect(result).toMatchObject({ reason: { cause: new Error('the source broke') } });
  }
  const ended = new Channel<number>();
  const end = ended.next().then((result) => result);
  ended.close();
  expect(await end).toEqual({ done: true, value: undefined });
});

it('destroy() wakes senders too, and hands what nobody will receive to onDrop', async () => {
  const dropped: number[] = [];
  const channel = new Channel<number>(2, { onDrop: (value) => dropped.push(value) });
  const sends = [1, 2, 3].map((n) => channel.send(n).then());
  const results = Promise.allSettled(sends);
  channel.destroy('no use');
  expect((await results).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
  ]);
  expect(dropped).toEqual([1, 2]);
  await expect(channel.receive()).rejects.toMatchObject({ cause: 'no use' });
});

it('refuses a capacity that is no limit', () => {
  for (const capacity of [-1, 1.5, Number.POSITIVE_INFINITY, Number.NaN]) {
    expect(() => new Channel(capacity)).toThrow(RangeError);
  }
});

it('select: of several that are ready chance takes one, and every one in time; biased: the first', async () => {
  const [a, b] = [new Channel<string>(1000), new Channel<number>(1000)];
  for (let i = 0; i < 1000; i++) {
    a.trySend('a');
    b.trySend(i);
  }
  const counts = [0, 0];
  await coroutine(function* () {
    for (let i = 0; i < 200; i++) {
      const winner = yield* select([a.receive(), b.receive()]);
      if (winner.index === 0) expectTypeOf(winner.value).toEqualTypeOf<string>();
      else expectTypeOf(winner.value).toEqualTypeOf<number>();
      counts[winner.index] = (counts[winner.index] ?? 0) + 1;
    }
  })();
  // A fair coin gives less than 40 of 200 once in 10^18 runs.
  expect(Math.min(...counts)).toBeGreaterThan(40);
  expect(a.length + b.length).toBe(1800);
  for (let i = 0; i < 20; i++) {
    expect((await select([b.receive(), a.receive()], { isBiased: true })).index).toBe(0);
  }
});

it('select: the others have sent and received nothing', async () => {
  const [a, b, c] = [new Channel<number>(), new Channel<number>(), new Channel<number>()];
  const winner = select([a.receive(), b.send(1), c.receive()]).then();
  expect([a.waitingReceivers, b.waitingSenders, c.waitingReceivers]).toEqual([1, 1, 1]);
  expect(c.trySend(7)).toBe(true);
  expect(await winner).toEqual({ index: 2, value: 7 });
  expect([a.waitingReceivers, b.waitingSenders, c.waitingReceivers]).toEqual([0, 0, 0]);
  expect([a.trySend(1), b.tryReceive()]).toEqual([false, undefined]);
});

it('select: its own parts do not meet, and both go on meeting others', async () => {
  const channel = new Channel<string>();
  const both = () => select([channel.send('mine'), channel.receive()]).then();
  const first = both();
  expect([channel.waitingSenders, channel.waitingReceivers]).toEqual([1, 1]);
  const [one, two] = [await both(), await first];
  // One has sent, the other has received.
  expect([one.index, two.index].sort()).toEqual([0, 1]);
  expect([channel.waitingSenders, channel.waitingReceivers]).toEqual([0, 0]);
});

it('select: a stop takes all back; a limit is a case like any other', async () => {
  const channel = new Channel<number>();
  const wait = coroutine(function* () {
    yield* select([channel.receive(), channel.send(1)]);
  });
  const action = wait();
  action.cancel();
  await Promise.allSettled([action]);
  expect([action.status, channel.waitingReceivers, channel.waitingSenders]).toEqual([
    'Canceled',
    0,
    0,
  ]);
  expect(await select([channel.receive(), resumeAfter(1)])).toEqual({ index: 1, value: undefined });
  expect(channel.waitingReceivers).toBe(0);
  expect(() => select([])).toThrow(TypeError);
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

type Step =
  | { do: 'send'; channel: number }
  | { do: 'receive'; channel: number }
  | { do: 'select'; cases: { do: 'send' | 'receive'; channel: number }[] }
  | { do: 'stop'; nth: number };

const plain = fc.record({
  do: fc.constantFrom('send' as const, 'receive' as const),
  channel: fc.nat(1),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  plain,
  plain,
  fc.record({ do: fc.constant('select' as const), cases: fc.array(plain, { minLength: 1 }) }),
  fc.record({ do: fc.constant('stop' as const), nth: fc.nat(9) }),
);

/** What a waiting coroutine offers: each of its cases, of which one will happen. */
interface Offer {
  readonly id: number;
  readonly cases: { do: string; channel: number }[];
}

/** The model: lists only. Gives who ended, as `id:case`, with what it received. */
class Model {
  readonly buffers: number[][] = [[], []];
  readonly ended: string[] = [];
  offers: Offer[] = [];
  readonly capacities: readonly number[];

  constructor(capacities: readonly number[]) {
    this.capacities = capacities;
  }

  offer(offer: Offer): void {
    // Biased, so that the model is one: the first case that is ready.
    for (const [index, { do: what, channel }] of offer.cases.entries()) {
      const buffer = this.buffers[channel] ?? [];
      const room = this.capacities[channel] ?? 0;
      if (what === 'send') {
        const receiver = this.#waiting('receive', channel);
        if (receiver !== undefined) {
          this.#end(receiver, 'receive', channel, offer.id);
        } else if (buffer.length < room && this.#waiting('send', channel) === undefined) {
          buffer.push(offer.id);
        } else continue;
        this.ended.push(`${offer.id}:${index}`);
        return;
      }
      const sender = this.#waiting('send', channel);
      if (buffer.length === 0 && sender === undefined) continue;
      if (sender !== undefined) buffer.push(sender.id);
      const value = buffer.shift();
      if (sender !== undefined) this.#end(sender, 'send', channel);
      this.ended.push(`${offer.id}:${index}=${value}`);
      return;
    }
    this.offers.push(offer);
  }

  #waiting(what: string, channel: number): Offer | undefined {
    return this.offers.find((o) => o.cases.some((c) => c.do === what && c.channel === channel));
  }

  #end(offer: Offer, what: string, channel: number, value?: number): void {
    const index = offer.cases.findIndex((c) => c.do === what && c.channel === channel);
    this.offers = this.offers.filter((o) => o !== offer);
    this.ended.push(`${offer.id}:${index}${what === 'receive' ? `=${value}` : ''}`);
  }
}

it('random programs of sends, receives, selects and stops: as lists would do it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(fc.nat(2), fc.nat(2)),
      fc.array(step, { maxLength: 40 }),
      async (capacities, steps) => {
        const channels = capacities.map((capacity) => new Channel<number>(capacity));
        const model = new Model(capacities);
        const real: string[] = [];
        const run = coroutine(function* (id: number, cases: Offer['cases']) {
          const { index, value } = yield* select(
            cases.map(({ do: what, channel }) => {
              const at = channels[channel] as Channel<number>;
              return what === 'send' ? at.send(id) : at.receive();
            }),
            { isBiased: true },
          );
          real.push(`${id}:${index}${value === undefined ? '' : `=${value}`}`);
        });
        const plainRun = coroutine(function* (id: number, what: string, channel: number) {
          const at = channels[channel] as Channel<number>;
          if (what === 'send') {
            yield* at.send(id);
            real.push(`${id}:0`);
          } else {
            real.push(`${id}:0=${yield* at.receive()}`);
          }
        });
        const actions: ReturnType<typeof run>[] = [];
        const program = coroutine(function* (together: readonly Step[]) {
          for (const step of together) {
            if (step.do === 'stop') {
              const id = model.offers[step.nth % Math.max(model.offers.length, 1)]?.id;
              if (id === undefined) continue;
              model.offers = model.offers.filter((offer) => offer.id !== id);
              actions[id]?.cancel();
            } else {
              const id = actions.length;
              const cases = step.do === 'select' ? step.cases : [step];
              model.offer({ id, cases });
              actions.push(
                step.do === 'select' ? run(id, cases) : plainRun(id, step.do, step.channel),
              );
            }
          }
        });
        for (let i = 0; i < steps.length; i += 4) {
          program(steps.slice(i, i + 4));
          // The budget may have sent some of them round by the event loop.
          await turn();
          expect([...real].sort()).toEqual([...model.ended].sort());
          expect(channels.map(({ length }) => length)).toEqual(
            model.buffers.map(({ length }) => length),
          );
        }
        for (const action of actions) action.cancel();
        await Promise.allSettled(actions);
        for (const channel of channels) {
          expect([channel.waitingSenders, channel.waitingReceivers]).toEqual([0, 0]);
        }
      },
    ),
    { numRuns: 400 },
  );
});
