/** The rows of the vectors that are about our C-named functions hold on every host. */
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  InetPtonW,
  inet_addr,
  inet_aton,
  inet_ntoa,
  inet_ntop,
  inet_pton,
} from '@netloom/sockaddr';
import { afterAll, describe, expect, it } from 'vitest';
import { fromHex, type Row, toHex, vectors, watchLastError } from './vectors.js';

const lastError = watchLastError();
afterAll(() => lastError.stop());

const familyNumber = { 0: AF_UNSPEC, 4: AF_INET, 6: AF_INET6 } as const;

/** What each function makes of a row's input, in the row's terms. */
const runners: Readonly<Record<string, (row: Row) => unknown>> = {
  inet_pton: (row) => convert(inet_pton, row),
  InetPtonW: (row) => convert(InetPtonW, row),
  inet_aton(row) {
    const bytes = new Uint8Array(4);
    return inet_aton(row.input ?? '', bytes) === 1 ? toHex(bytes) : null;
  },
  inet_addr(row) {
    const number = inet_addr(row.input ?? '');
    // The one address that inet_addr cannot tell from a failure.
    if (number === 0xffff_ffff) return row.input === '255.255.255.255' ? 'ffffffff' : null;
    return toHex(new Uint8Array(Uint32Array.of(number).buffer));
  },
  inet_ntop: (row) => inet_ntop(familyNumber[row.family], fromHex(row.bytes ?? '')),
  inet_ntoa: (row) => inet_ntoa(fromHex(row.bytes ?? '')),
};

function convert(call: typeof inet_pton, row: Row): string | null {
  const bytes = new Uint8Array(row.family === 4 ? 4 : 16);
  return call(familyNumber[row.family], row.input ?? '', bytes) === 1 ? toHex(bytes) : null;
}

function ourRows(fn: string): readonly Row[] {
  const files = [
    ...vectors('inet_pton'),
    ...vectors('inet_ntop'),
    ...vectors('inet_aton_inet_addr'),
  ];
  return files.filter((row) => row.fn === fn && row.ours === true);
}

describe('vectors marked as ours', () => {
  it.each([
    ['inet_pton', 263],
    ['InetPtonW', 103],
    ['inet_aton', 37],
    ['inet_addr', 40],
    ['inet_ntop', 17],
    ['inet_ntoa', 6],
  ])('%s does what all of its rows say', (fn, atLeast) => {
    const rows = ourRows(fn);
    expect(rows.length).toBeGreaterThanOrEqual(atLeast);
    const wrong = rows
      .map((row) => ({ row, got: runners[fn]?.(row) }))
      .filter(({ row, got }) => got !== (row.text !== undefined ? row.text : row.bytes));
    expect(wrong).toEqual([]);
  });

  it('inet_pton and InetPtonW return and leave as last error what the rows with codes say', () => {
    // Families that both refuse are marked as another dialect's, but the code is the same.
    const rows = vectors('inet_pton').filter((row) => row.returns !== undefined);
    expect(rows.length).toBeGreaterThan(100);
    const wrong = rows
      .filter((row) => row.ours === true || row.family === 0)
      .map((row) => {
        lastError.take();
        const call = row.fn === 'inet_pton' ? inet_pton : InetPtonW;
        const returned = call(familyNumber[row.family], row.input ?? '', new Uint8Array(16));
        return { row, returned, code: lastError.take() };
      })
      .filter(({ row, returned, code }) => returned !== row.returns || code !== row.wsaError);
    expect(wrong).toEqual([]);
  });
});
