/**
 * Control bytes: what goes beside a message's data, headers and values in a row. cmsg(3); RFC 3542 §20; winsock2 WSACMSGHDR.
 *
 * The layout is the system's own (the addon's compiler says where things lie), so that the bytes go to the kernel as they are.
 */
import { native } from './native.js';

/** One value beside a message. `data` of SCM_RIGHTS holds the numbers of descriptors, four bytes each. */
export interface cmsghdr {
  /** SOL_SOCKET, IPPROTO_IP … */
  readonly cmsg_level: number;
  /** SCM_RIGHTS, SCM_CREDENTIALS, IP_PKTINFO … */
  readonly cmsg_type: number;
  readonly data: Uint8Array;
}

const [lengthBytes, dataAt, alignment] = native.controlLayout;
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Where level and type lie: two ints, behind the length. */
const levelAt = lengthBytes;
const typeAt = lengthBytes + 4;

/** What a value of `length` bytes makes `cmsg_len`: its header and itself. @see cmsg(3) */
export function CMSG_LEN(length: number): number {
  return dataAt + length;
}

/** The room that a value of `length` bytes takes among control bytes, padding included. @see cmsg(3) */
export function CMSG_SPACE(length: number): number {
  return dataAt + CMSG_ALIGN(length);
}

/** `length` rounded up to where the next header may lie. @see cmsg(3) */
export function CMSG_ALIGN(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}

/** Lays values out as the control bytes of a message to be sent. */
export function packControl(values: readonly cmsghdr[]): Uint8Array {
  const size = values.reduce((sum, { data }) => sum + CMSG_SPACE(data.length), 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { cmsg_level, cmsg_type, data } of values) {
    // The high half of a length of eight bytes stays 0.
    const low = lengthBytes === 8 && !isLittleEndian ? at + 4 : at;
    view.setUint32(low, CMSG_LEN(data.length), isLittleEndian);
    view.setInt32(at + levelAt, cmsg_level, isLittleEndian);
    view.setInt32(at + typeAt, cmsg_type, isLittleEndian);
    bytes.set(data, at + dataAt);
    at += CMSG_SPACE(data.length);
  }
  return bytes;
}

/**
 * Goes through the values in control bytes, as CMSG_FIRSTHDR and CMSG_NXTHDR do. Ends where a header does not fit.
 *
 * @param length - how many bytes were written: `msg_controllen`; default: all
 * @returns each value; its `data` lies in `control` itself
 */
export function* controlMessages(
  control: ArrayBufferView,
  length: number = control.byteLength,
): Generator<cmsghdr, void, undefined> {
  const bytes = new Uint8Array(control.buffer, control.byteOffset, control.byteLength);
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength);
  const end = Math.min(length, bytes.length);
  for (let at = 0; at + dataAt <= end; ) {
    const low = lengthBytes === 8 && !isLittleEndian ? at + 4 : at;
    const size = view.getUint32(low, isLittleEndian);
    if (size < dataAt || at + size > end) return;
    yield {
      cmsg_level: view.getInt32(at + levelAt, isLittleEndian),
      cmsg_type: view.getInt32(at + typeAt, isLittleEndian),
      data: bytes.subarray(at + dataAt, at + size),
    };
    at += CMSG_ALIGN(size);
  }
}

/** The numbers of descriptors as the data of SCM_RIGHTS. @internal */
export function descriptorBytes(numbers: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(numbers).buffer);
}
