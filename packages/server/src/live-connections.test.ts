import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LedgerBook } from './ledger.js';
import { Permits } from './limits.js';
import { type LiveConnection, LiveConnections } from './live-connections.js';

function table(limit = Number.POSITIVE_INFINITY) {
  const book = new LedgerBook();
  const permits = new Permits(limit);
  let now = 0;
  const live = new LiveConnections(book, permits, () => {
    now += 1;
    return now;
  });
  const open = (): LiveConnection => {
    permits.tryTake();
    return live.open({ peerAddress: undefined });
  };
  return { book, permits, live, open };
}

test('the table, the ledger and the permits agree after every step', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), (steps) => {
      const { book, permits, live, open } = table();
      const all: LiveConnection[] = [];
      for (const step of steps) {
        if (step < 5) all.push(open());
        else live.end(all[step % (all.length || 1)] ?? open(), step < 7 ? 'served' : 'aborted');
        expect(live.size).toBe(book.live);
        expect(permits.taken).toBe(book.live);
        expect([...live]).toHaveLength(book.live);
      }
    }),
  );
});

test('a connection leaves once: what comes later changes nothing', () => {
  const { book, live, open } = table();
  const connection = open();
  expect(live.end(connection, 'aborted')).toBe(true);
  expect(live.end(connection, 'served')).toBe(false);
  expect(book.snapshot()).toMatchObject({ accepted: 1, live: 0, aborted: 1, served: 0 });
});

test('whoever is woken by the permit finds the ledger in order', () => {
  const { book, permits, live, open } = table(1);
  const connection = open();
  const seen: number[] = [];
  permits.whenFree(() => seen.push(book.live, live.size));
  live.end(connection, 'served');
  expect(seen).toEqual([0, 0]);
});

test('whenEmpty tells once: at once without connections, else when the last has ended', () => {
  const { live, open } = table();
  let told = 0;
  const tell = () => {
    told += 1;
  };
  live.whenEmpty(tell);
  expect(told).toBe(1);
  const [a, b] = [open(), open()];
  live.whenEmpty(tell);
  live.end(a, 'served');
  expect(told).toBe(1);
  live.end(b, 'served');
  expect(told).toBe(2);
});

test('connections count from 1 in the order of accepting', () => {
  const { open } = table();
  expect([open(), open(), open()].map(({ id, sinceMs }) => [id, sinceMs])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
});

test('a peer is asked for when somebody wants it, and not before', () => {
  const { live } = table();
  let asked = 0;
  const connection = live.open({
    get peerAddress() {
      asked += 1;
      return undefined;
    },
  });
  expect(asked).toBe(0);
  expect(connection.peer).toBe(undefined);
  expect(asked).toBe(1);
});
