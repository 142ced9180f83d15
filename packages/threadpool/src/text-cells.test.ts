/** What goes into a cell comes out of it as structured clone would bring it, or does not go in. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, packFields } from './crossing.js';
import { TextCellReader, TextCellWriter } from './text-cells.js';

/** Both sides of one thread; `through` gives undefined for what has to travel otherwise. */
function cells() {
  const writer = new TextCellWriter();
  const reader = new TextCellReader();
  let slot = 0;
  return {
    writer,
    through: (packed: ReturnType<typeof pack>) => {
      const where = writer.write(++slot, packed);
      if (writer.newMemory !== undefined) reader.open(writer.newMemory);
      writer.newMemory = undefined;
      if (where < 0) return undefined;
      const value = reader.read(where);
      writer.release(slot);
      return { value };
    },
  };
}

const through = (value: unknown) => cells().through(pack(value, 'value'));
const shared = { n: 1 };

describe('a cell', () => {
  it.each([
    [null],
    [true],
    [0],
    [-1.5e300],
    [''],
    ['text, Größe, \u4e00, \ud83d\ude00, lone \ud800'],
    [[]],
    [[1, [2, 'three'], null]],
    [{ id: 5, lines: [{ article: 'one', count: 1 }], note: 'x'.repeat(1000) }],
    [JSON.parse('{"__proto__": {"x": 1}, "toJSON": 1, "2": "b", "1": "a"}')],
    [Array.from({ length: 16 }, (_, i) => i + 0.5)],
  ])('carries %j', (value) => {
    const came = through(value);
    expect(came?.value).toStrictEqual(value);
    expect(JSON.stringify(came?.value)).toBe(JSON.stringify(value));
  });

  it.each([
    ['undefined', undefined],
    ['undefined in an object', { a: undefined }],
    ['undefined in an array', [undefined]],
    ['a hole', Object.assign(new Array(2), { 0: 1 })],
    ['an array with more than items', Object.assign([1], { more: 2 })],
    ['minus zero', { zero: -0 }],
    ['not a number', [Number.NaN]],
    ['no end', { to: Number.POSITIVE_INFINITY }],
    ['a bigint', [1n]],
    ['a date', { at: new Date(0) }],
    ['a map', new Map()],
    ['bytes', { bytes: new Uint8Array(300) }],
    ['a boxed number', [Object(1)]],
    ['one object in two places', [shared, shared]],
    ['an error', [new Error('x')]],
    ['many fractions, which structured clone writes faster', new Array(17).fill(0.5)],
    ['more than there is room for', 'x'.repeat(4095)],
    ['more than there is room for in UTF-8', '\u4e00'.repeat(1400)],
  ])('leaves to others: %s', (_, value) => {
    expect(through(value)).toBeUndefined();
  });

  it('leaves to others the fields of a task, and what travels beside them, that JSON would change', () => {
    const none = new Set<string>();
    const fields = (one: object, beside?: Parameters<typeof packFields>[3]) =>
      cells().through(packFields(one, 'task', none, beside));
    expect(fields({ a: 1, b: [2] })?.value).toEqual({ a: 1, b: [2] });
    for (const field of [undefined, -0, Number.NaN, 1n]) {
      expect(fields({ field, list: [1] })).toBeUndefined();
      expect(fields({ list: [1], field })).toBeUndefined();
      expect(fields({ list: [1] }, { carried: { key: field } })).toBeUndefined();
    }
    expect(fields({ list: [1] }, { carried: { key: 'k' } })?.value).toEqual([
      { list: [1] },
      { key: 'k' },
    ]);
    const moving = new ArrayBuffer(8);
    expect(fields({ list: [1] }, { transfer: [moving] })).toBeUndefined();
  });

  it('leaves all to others where plain objects write themselves otherwise', () => {
    const prototype = Object.prototype as { toJSON?: () => unknown };
    prototype.toJSON = () => 'otherwise';
    try {
      expect(through({ a: 1 })).toBeUndefined();
    } finally {
      delete prototype.toJSON;
    }
    expect(through({ a: 1 })?.value).toEqual({ a: 1 });
  });

  it('is its task’s until that is released: when all are taken, others travel otherwise', () => {
    const writer = new TextCellWriter();
    const reader = new TextCellReader();
    const write = (slot: number) => writer.write(slot, pack({ slot }, 'value'));
    const places = Array.from({ length: 64 }, (_, slot) => write(slot));
    reader.open(writer.newMemory ?? new SharedArrayBuffer(0));
    expect(write(64)).toBe(-1);
    writer.release(7);
    writer.release(7);
    const again = write(65);
    expect(reader.read(again)).toEqual({ slot: 65 });
    expect(write(66)).toBe(-1);
    for (const [slot, where] of places.entries()) {
      if (slot !== 7) expect(reader.read(where)).toEqual({ slot });
    }
  });

  it('brings what structured clone would, of anything', () => {
    const both = cells();
    let carried = 0;
    const anything = fc.anything({
      withSparseArray: true,
      withBigInt: true,
      withDate: true,
      withTypedArray: true,
      withNullPrototype: true,
      withUnicodeString: true,
      maxDepth: 3,
      maxKeys: 6,
    });
    // What JSON has no word for is everywhere in `anything`: half of the values are of what it has.
    fc.assert(
      fc.property(fc.oneof(anything, fc.jsonValue({ maxDepth: 4 })), (value) => {
        const packed = pack(value, 'value');
        const came = both.through(packed);
        if (came === undefined) return;
        carried++;
        expect(came.value).toStrictEqual(structuredClone(packed.value));
      }),
      { numRuns: 1500 },
    );
    expect(carried).toBeGreaterThan(500);
  });
});
