// A seeded source of arguments that nobody would pass: numbers at the edges, memory of every kind, objects that lack things.

/** Mulberry32: small, and the same numbers everywhere. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(next() * n);
  const pick = (list) => list[below(list.length)];
  return { below, pick };
}

const EDGES = [
  ...[0, -0, 1, -1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 28, 64, 110, 127, 128, 255, 256, 4096],
  ...[32767, 32768, -32768, -32769, 65535, 65536, 2 ** 31 - 1, 2 ** 31, -(2 ** 31)],
  ...[-(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 4, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 1e300],
  ...[0.5, -0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
];

const NO_NUMBERS = [
  null,
  undefined,
  true,
  '4',
  '',
  'x\0y',
  4n,
  [],
  {},
  { value: 4 },
  Symbol.iterator,
];

/** A number as C may get it, mostly small; sometimes no number at all. */
export function anyNumber({ below, pick }) {
  const dice = below(20);
  if (dice === 0) return pick(NO_NUMBERS);
  return dice < 8 ? pick(EDGES) : below(40);
}

/** What lies around a view, and must lie there after the call. */
export const UNTOUCHED = 0xa5;
const MARGIN = 64;

const KINDS = [
  ...[Uint8Array, Int8Array, Uint8ClampedArray, Uint16Array, Int16Array, Uint32Array, Int32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView, Buffer],
  ...(typeof Float16Array === 'function' ? [Float16Array] : []),
];

/** A view, how many bytes it has for the kernel, and whether the bytes around it are as they were. */
export function anyView(random, most = 200) {
  const { below, pick } = random;
  const Kind = pick(KINDS);
  const unit = Kind.BYTES_PER_ELEMENT ?? 1;
  const length = below(most / unit + 1);
  const size = MARGIN * 2 + length * unit;
  const memory = pick(['own', 'own', 'own', 'shared', 'detached', 'resizable', 'shrunk', 'grown']);
  const isResizable = ['resizable', 'shrunk', 'grown'].includes(memory);
  const Memory = memory === 'shared' ? SharedArrayBuffer : ArrayBuffer;
  const buffer = new Memory(size, isResizable ? { maxByteLength: size * 2 } : undefined);
  new Uint8Array(buffer).fill(UNTOUCHED);
  const make = () =>
    Kind === Buffer ? Buffer.from(buffer, MARGIN, length) : new Kind(buffer, MARGIN, length);
  // Follows the length of its buffer.
  const tracking = () => (Kind === Buffer ? make() : new Kind(buffer, MARGIN));
  const view = isResizable && below(2) ? tracking() : make();
  if (memory === 'detached') structuredClone(buffer, { transfer: [buffer] });
  // Where the version of Node has them.
  if (memory === 'shrunk') buffer.resize?.(below(size));
  if (memory === 'grown') buffer.resize?.(size + below(8) * 8);
  const bytes = lengthOf(view);
  const isIntact = () => {
    const all = new Uint8Array(memory === 'detached' ? 0 : buffer);
    const end = MARGIN + bytes;
    return all.every((byte, at) => (at >= MARGIN && at < end) || byte === UNTOUCHED || at >= size);
  };
  return { view, bytes, isIntact, what: `${Kind.name} of ${bytes} bytes (${memory})` };
}

/** A DataView that is out of bounds throws instead of saying 0. */
function lengthOf(view) {
  try {
    return view.byteLength;
  } catch {
    return 0;
  }
}
