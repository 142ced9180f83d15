import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

/** The addon's side, in our hands: batches of any make, which no kernel gives on demand. */
const addon = vi.hoisted(() => {
  return {
    batch: new Int32Array(64),
    deliver: (_count: number): void => {},
    refs: [] as boolean[],
    removed: [] as number[],
    addResult: 0,
    slot: -1,
  };
});

vi.mock('./native.js', () => {
  return {
    native: {
      reactorOpen(deliver: (count: number) => void): Int32Array {
        addon.deliver = deliver;
        return addon.batch;
      },
      reactorAdd(_handle: number, _generation: number, slot: number): number {
        addon.slot = slot;
        return addon.addResult;
      },
      reactorArm(): number {
        return 0;
      },
      reactorRemove(handle: number): number {
        addon.removed.push(handle);
        return 0;
      },
      reactorRef(isWaiting: boolean): void {
        addon.refs.push(isWaiting);
      },
    },
  };
});

const { EVENT_CLOSED, EVENT_READ, EVENT_WRITE, watch } = await import('./reactor.js');
type Watch = ReturnType<typeof watch>;

let handles = 0;
const slots = new Map<Watch, number>();

/** Watches a socket that is only a number. */
function watched(): Watch {
  handles++;
  // SAFETY: watch() reads these two fields of a socket, and nothing else unless the addon refuses.
  const one = watch({ handle: handles, generation: 1, peerAddress: undefined } as never);
  slots.set(one, addon.slot);
  return one;
}

function slotOf(one: Watch): number {
  const slot = slots.get(one);
  if (slot === undefined) throw new Error('not a watch of this test');
  return slot;
}

function deliver(...pairs: [Watch, number][]): void {
  pairs.forEach(([one, events], i) => {
    addon.batch[2 * i] = slotOf(one);
    addon.batch[2 * i + 1] = events;
  });
  addon.deliver(pairs.length);
}

beforeEach(() => {
  addon.refs = [];
  addon.addResult = 0;
});

afterEach(() => {
  for (const one of slots.keys()) one.close();
  slots.clear();
});

describe('a batch', () => {
  test('news for a watch that an earlier wake of the batch closed reach nobody, its heir included', () => {
    const first = watched();
    const second = watched();
    const woken: string[] = [];
    let heir: Watch | undefined;
    first.wait('read', () => {
      second.close();
      heir = watched();
      heir.wait('read', () => woken.push('heir'));
    });
    second.wait('read', (events) => {
      if (events !== EVENT_CLOSED) woken.push('second');
    });
    deliver([first, EVENT_READ], [second, EVENT_READ]);
    expect(woken).toEqual([]);
    expect(heir?.readable).toBe(false);
    expect(slots.size).toBe(3);
  });

  test('a slot is used again after its batch', () => {
    const first = watched();
    first.close();
    const second = watched();
    expect(slotOf(second)).toBe(slotOf(first));
    let events = 0;
    second.wait('read', (seen) => {
      events = seen;
    });
    deliver([second, EVENT_READ]);
    expect(events).toBe(EVENT_READ);
  });

  test('a socket that the addon says is closed wakes both directions and frees its slot once', () => {
    const first = watched();
    first.writable = false;
    const seen: number[] = [];
    first.wait('read', (events) => seen.push(events));
    first.wait('write', (events) => seen.push(events));
    deliver([first, EVENT_CLOSED]);
    expect(seen).toEqual([EVENT_CLOSED, EVENT_CLOSED]);
    const removed = addon.removed.length;
    first.close();
    expect(addon.removed.length).toBe(removed);
    const [second, third] = [watched(), watched()];
    expect(slotOf(second)).toBe(slotOf(first));
    expect(slotOf(third)).not.toBe(slotOf(first));
  });

  test('one throwing wake does not lose the others of its batch', async () => {
    const thrown: unknown[] = [];
    const micro = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((run) => {
      try {
        run();
      } catch (error) {
        thrown.push(error);
      }
    });
    const [first, second] = [watched(), watched()];
    first.writable = false;
    const woken: string[] = [];
    first.wait('read', () => {
      throw new Error('of the first');
    });
    first.wait('write', () => woken.push('writer of the first'));
    second.wait('read', () => woken.push('second'));
    deliver([first, EVENT_READ | EVENT_WRITE], [second, EVENT_READ]);
    micro.mockRestore();
    expect(woken).toEqual(['writer of the first', 'second']);
    expect(thrown).toEqual([new Error('of the first')]);
  });

  test('the loop is held once for all who wait, and not let go between wake and next wait', () => {
    const [first, second] = [watched(), watched()];
    const again = () => first.wait('read', again);
    first.wait('read', again);
    second.wait('read', () => {});
    expect(addon.refs).toEqual([true]);
    first.readable = false;
    first.cancel('read');
    second.cancel('read');
    expect(addon.refs).toEqual([true, false]);
    first.wait('read', () => {
      first.readable = false;
      first.wait('read', () => {});
    });
    deliver([first, EVENT_READ]);
    expect(addon.refs).toEqual([true, false, true]);
  });

  test('a watch that the addon refuses takes no slot', () => {
    addon.addResult = -12; // ENOMEM on Linux and macOS
    expect(() => watched()).toThrow(/watch: out of memory/);
    addon.addResult = 0;
    const first = watched();
    let woken = 0;
    first.wait('read', () => woken++);
    deliver([first, EVENT_READ]);
    expect(woken).toBe(1);
  });
});

describe('a wait', () => {
  // SAFETY: the point of the test are values that the types refuse.
  const anyOf = (value: unknown) => value as never;

  test('in a direction that is none is refused, and its cancelling too', () => {
    const one = watched();
    const rule = /^wait: direction must be 'read' or 'write': got 'bogus'$/;
    expect(() => one.wait(anyOf('bogus'), () => {})).toThrow(rule);
    expect(() => one.wait(anyOf('bogus'), () => {})).toThrow(TypeError);
    expect(() => one.cancel(anyOf('bogus'))).toThrow(/^cancel: direction must be/);
    expect(addon.refs).toEqual([]);
  });

  test('without a function to call is refused, and nothing is held', () => {
    const one = watched();
    expect(() => one.wait('read', anyOf(undefined))).toThrow(/^wait: wake must be a function/);
    expect(addon.refs).toEqual([]);
    one.wait('read', () => {});
    expect(one.cancel('read')).toBe(true);
  });
});
