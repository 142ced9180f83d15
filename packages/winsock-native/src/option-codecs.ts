/**
 * The values of socket options as JavaScript has them, to the bytes the system wants and back: int, flag, linger, timeval.
 *
 * Which option has which is in `option-table.ts`. What a structure's bytes are is the C compiler's to say: the addon packs
 * and unpacks them; here is decided what may be given. Source: socket(7) · winsock2 "Socket Options" · sys/socket.h.
 */
import { native } from './native.js';
import type { timeval } from './wait.js';

/** How `close` treats unsent bytes; C's `linger`. On with 0 seconds: the connection is reset. */
export interface linger {
  l_onoff: number;
  l_linger: number;
}

/** One kind of value. */
export interface OptionCodec {
  /** The bytes of the C type. */
  readonly size: number;
  /** What may be given, for the message of the TypeError. */
  readonly takes: string;
  /** The bytes of a value; `undefined` when it is not of this kind. */
  encode(value: unknown): Uint8Array | undefined;
  /** The value of bytes; they may be fewer than `size` where a system gives a shorter form. */
  decode(bytes: Uint8Array): unknown;
  /** Whether the value is a structure, which an object of its fields stands for. */
  readonly isStructure?: boolean;
  /** The value as one number; absent where it has no such form. */
  toNumber?(value: unknown): number;
  /** Whether the value is text: C's `char *`. */
  readonly isText?: boolean;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const isWindows = process.platform === 'win32';

const INT32_MIN = -0x8000_0000;
const INT32_MAX = 0x7fff_ffff;
const UINT32_MAX = 0xffff_ffff;
const MS_PER_S = 1000;
const US_PER_MS = 1000;

/** A C int (or DWORD): numbers, and booleans as 1 and 0. */
export const int: OptionCodec = {
  size: 4,
  takes: 'a 32-bit integer or a boolean',
  encode(value) {
    const number = typeof value === 'boolean' ? Number(value) : value;
    return isInt32Bits(number) ? Uint8Array.from(int32Bytes(number)) : undefined;
  },
  decode: (bytes) => readInt(bytes),
  toNumber: Number,
};

/** A C int that means on or off. Read back as a boolean: some systems give the option's own bit instead of 1. */
export const flag: OptionCodec = { ...int, decode: (bytes) => readInt(bytes) !== 0 };

/** Bytes of a name with its terminator: TCP_CA_NAME_MAX and TCP_ULP_NAME_MAX of linux/tcp.h, IFNAMSIZ of net/if.h. */
const NAME_SIZE = 16;

/** The name of an algorithm: TCP_CONGESTION, TCP_ULP. */
export const algorithmName: OptionCodec = nameCodec('the name of an algorithm');

/** The name of a network interface; the empty one means none. */
export const deviceName: OptionCodec = nameCodec('the name of a network interface');

/** `struct linger`. */
export const lingerCodec: OptionCodec = {
  isStructure: true,
  size: native.optionCodecs.linger.pack({ l_onoff: 0, l_linger: 0 }).length,
  takes: 'an object { l_onoff, l_linger } of integers',
  encode(value) {
    if (!isRecord(value)) return undefined;
    const { l_onoff, l_linger } = value;
    // WINDOWS: two u_short, winsock2.h; elsewhere two int. What does not fit would be cut silently.
    const [min, max] = isWindows ? [0, 0xffff] : [INT32_MIN, INT32_MAX];
    if (!isIntegerWithin(l_onoff, min, max) || !isIntegerWithin(l_linger, min, max)) {
      return undefined;
    }
    return native.optionCodecs.linger.pack({ l_onoff, l_linger });
  },
  decode: (bytes): linger => native.optionCodecs.linger.unpack(bytes),
};

/**
 * A timeout. A number means milliseconds, as in Winsock; the object is C's timeval; 0 waits without end.
 *
 * WINDOWS: a DWORD of milliseconds goes to the system, winsock2 SO_RCVTIMEO.
 */
export const timeout: OptionCodec = {
  isStructure: true,
  size: isWindows ? 4 : native.optionCodecs.timeval.pack({ tv_sec: 0, tv_usec: 0 }).length,
  takes: 'a number of milliseconds or an object { tv_sec, tv_usec }',
  toNumber(value) {
    const time = timevalOf(value);
    return time === undefined ? 0 : time.tv_sec * MS_PER_S + Math.ceil(time.tv_usec / US_PER_MS);
  },
  encode(value) {
    const time = timevalOf(value);
    if (time === undefined || !isWindows) return time && native.optionCodecs.timeval.pack(time);
    return int.encode(timeout.toNumber?.(time));
  },
  decode(bytes): timeval {
    return isWindows
      ? fromMilliseconds(readInt(bytes) >>> 0)
      : native.optionCodecs.timeval.unpack(bytes);
  },
};

/** A C string in a field of fixed size. What does not fit would be cut silently by the kernel, so it is refused here. */
function nameCodec(what: string): OptionCodec {
  const limit = NAME_SIZE - 1;
  return {
    isText: true,
    size: NAME_SIZE,
    takes: `${what}, a string of at most ${limit} bytes`,
    encode(value) {
      if (typeof value !== 'string' || value.includes('\0')) return undefined;
      const bytes = new TextEncoder().encode(`${value}\0`);
      return bytes.length <= NAME_SIZE ? bytes : undefined;
    },
    decode(bytes) {
      const end = bytes.indexOf(0);
      return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
    },
  };
}

function timevalOf(value: unknown): timeval | undefined {
  if (isIntegerWithin(value, 0, UINT32_MAX)) return fromMilliseconds(value);
  if (!isRecord(value)) return undefined;
  const { tv_sec, tv_usec } = value;
  // Negative and overlong microseconds are the kernel's to judge (EDOM); what no timeval can hold is refused here.
  if (!isIntegerWithin(tv_sec, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)) return undefined;
  if (!isIntegerWithin(tv_usec, INT32_MIN, INT32_MAX)) return undefined;
  return { tv_sec, tv_usec };
}

function fromMilliseconds(ms: number): timeval {
  return { tv_sec: Math.floor(ms / MS_PER_S), tv_usec: (ms % MS_PER_S) * US_PER_MS };
}

function int32Bytes(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value | 0).buffer);
}

function readInt(bytes: Uint8Array): number {
  return viewOf(padded(bytes, 4)).getInt32(0, isLittleEndian);
}

/** The same value in at least `size` bytes: a shorter form (one byte, as IP_MULTICAST_LOOP may have) is widened. */
function padded(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length >= size) return bytes;
  const wide = new Uint8Array(size);
  wide.set(bytes, isLittleEndian ? 0 : size - bytes.length);
  return wide;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isInt32Bits(value: unknown): value is number {
  return isIntegerWithin(value, INT32_MIN, UINT32_MAX);
}

function isIntegerWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}
