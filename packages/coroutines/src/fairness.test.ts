import { expect, it } from 'vitest';
import { beginSlice, chooseNextTurn, mayCompleteAtOnce, type TurnChannel } from './fairness.js';

it('a slice may complete 128 operations at once, then has to give way', () => {
  beginSlice();
  let allowed = 0;
  while (mayCompleteAtOnce()) allowed += 1;
  expect(allowed).toBe(128);
  expect(mayCompleteAtOnce()).toBe(false);
  beginSlice();
  expect(mayCompleteAtOnce()).toBe(true);
});

it('where there is no setImmediate a turn comes by a message, first asked first served', async () => {
  const channels: InstanceType<typeof MessageChannel>[] = [];
  const nextTurn = chooseNextTurn(undefined, () => {
    const channel = new MessageChannel();
    channels.push(channel);
    // SAFETY: Node's MessagePort has onmessage, which its types leave out.
    return channel as unknown as TurnChannel;
  });
  const log: string[] = [];
  const last = new Promise<void>((resolve) => {
    nextTurn(() => log.push('a'));
    nextTurn(() => log.push('b'));
    nextTurn(resolve);
  });
  queueMicrotask(() => log.push('microtask'));
  expect(log).toEqual([]);
  await last;
  expect(log).toEqual(['microtask', 'a', 'b']);
  expect(channels).toHaveLength(1);
  for (const { port1, port2 } of channels) {
    port1.close();
    port2.close();
  }
});
