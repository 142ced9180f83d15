/** What goes into a slot comes out of it as structured clone would bring it, or does not go in. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, packFields } from './crossing.js';
import { PAYLOAD_BYTES } from './slot-form.js';
import { SlotReader } from './slot-reader.js';
import { SlotWriter } from './slot-writer.js';
import { Words } from './words.js';

/** Both sides of one thread; `through` gives undefined for what has to travel as a message. */
function codec() {
  const view = new DataView(new SharedArrayBuffer(3 * PAYLOAD_BYTES));
  const words = new Words();
  const writer = new SlotWriter(words);
  const reader = new SlotReader();
  return (packed: ReturnType<typeof pack>) => {
    const bytes = new Uint8Array(view.buffer);
    bytes.fill(0xee);
    const classes = writer.write(view, PAYLOAD_BYTES, packed);
    const isOutside = (_: number, i: number) => i < PAYLOAD_BYTES || i >= 2 * PAYLOAD_BYTES;
    expect(new Set(bytes.filter(isOutside))).toEqual(new Set([0xee]));
    reader.words.push(...words.newWords.splice(0));
    reader.classes.push(...words.newClasses.splice(0));
    if (classes < 0) return undefined;
    return { value: reader.read(view, PAYLOAD_BYTES, classes), repairs: reader.repairs };
  };
}

const plain = (value: unknown) => codec()(pack(value, 'value'));

describe('a slot', () => {
  it.each([
    undefined,
    null,
    true,
    false,
    0,
    -0,
    7,
    -(2 ** 31),
    2 ** 31,
    1.5,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    '',
    'text',
    'Größe',
    [],
    [1, [2, 'three'], null],
    { host: '127.0.0.1', port: 4711, on: true, none: undefined },
    Uint8Array.of(2, 0, 35, 48, 127, 0, 0, 1),
  ])('carries %j', (value) => {
    expect(plain(value)).toEqual({ value, repairs: undefined });
  });

  it('carries an array with holes as one', () => {
    // biome-ignore lint/suspicious/noSparseArray: that is what is tested
    const value = plain([1, , undefined])?.value as unknown[];
    expect(Object.keys(value)).toEqual(['0', '2']);
    expect(value).toHaveLength(3);
  });

  const shared = { n: 1 };
  const bytes = new Uint8Array(8);
  it.each([
    ['a text that is long', 'x'.repeat(PAYLOAD_BYTES)],
    ['a text that is not latin', '\u4e00'],
    ['a bigint', 1n],
    ['a date', new Date()],
    ['a map', new Map()],
    ['other views', new Uint16Array(2)],
    ['a window on more bytes', bytes.subarray(2, 4)],
    ['two views of the same bytes', [bytes, new Uint8Array(bytes.buffer)]],
    ['one object in two places', [shared, shared]],
    ['an array with more than items', Object.assign([1], { more: 2 })],
    ['shared memory', new Uint8Array(new SharedArrayBuffer(4))],
    ['a key that is the prototype', JSON.parse('{"__proto__":1}')],
    ['more than there is room for', Array.from({ length: 60 }, () => 0.5)],
  ])('leaves to a message: %s', (_, value) => {
    expect(plain(value)).toBeUndefined();
  });

  it('carries a long text from its second time on', () => {
    const through = codec();
    const text = `file:///${'folder/'.repeat(10)}module.js`;
    expect(through(pack([text], 'value'))).toBeUndefined();
    expect(through(pack([text], 'value'))?.value).toEqual([text]);
    expect(through(pack([text, text], 'value'))?.value).toEqual([text, text]);
  });

  it('carries instances by the number of their class, and where they belong', () => {
    class Handle {
      readonly number: number;
      constructor(number: number) {
        this.number = number;
      }
      [Symbol.for('netloom.dehydrate')]() {
        return { module: 'file:///handle.js', exportName: 'Handle', data: { number: this.number } };
      }
      static [Symbol.for('netloom.revive')](data: { number: number }) {
        return new Handle(data.number);
      }
    }
    const packed = packFields(
      { handle: new Handle(17), args: [1, new Handle(18)], text: 'x' },
      'task',
      new Set(),
    );
    const came = codec()(packed);
    // biome-ignore lint/suspicious/noSparseArray: the instance belongs there
    expect(came?.value).toStrictEqual({ args: [1, ,], text: 'x' });
    const [first, second] = came?.repairs?.crossers ?? [];
    expect(first).toEqual(packed.repairs?.crossers[0]);
    expect(second).toEqual(packed.repairs?.crossers[1]);
    const args = came?.repairs?.sites[1]?.[1];
    expect((came?.value as Record<string, unknown> | undefined)?.args).toBe(args);
    expect(came?.repairs?.sites).toEqual([
      [-1, came?.value, 'handle', 0],
      [-1, args, 1, 1],
    ]);
  });

  it('brings what structured clone would, of anything', () => {
    const through = codec();
    let carried = 0;
    const anything = fc.anything({
      withSparseArray: true,
      withBigInt: true,
      withDate: true,
      withTypedArray: true,
      withNullPrototype: true,
      maxDepth: 3,
      maxKeys: 6,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const came = through(pack(value, 'value'));
        if (came === undefined) return;
        carried++;
        expect(came.value).toStrictEqual(structuredClone(pack(value, 'value').value));
      }),
      { numRuns: 2000 },
    );
    expect(carried).toBeGreaterThan(500);
  });
});
