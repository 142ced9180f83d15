/**
 * Numbers in bytes, in the order of this machine's memory, and views as bytes.
 *
 * A DataView per access would be a second object beside every structure; plain indexing needs none and works at
 * any offset, which Uint16Array and Uint32Array do not. Only integers and views; no addresses, no checks of values.
 */

/** Whether this machine stores the low byte first, as all of Node's platforms but s390x and AIX do. */
export const isLittleEndian: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export function readUint16(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  return isLittleEndian ? first | (second << 8) : (first << 8) | second;
}

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = isLittleEndian ? value : value >>> 8;
  bytes[at + 1] = isLittleEndian ? value >>> 8 : value;
}

/** Reads 32 bits in network order: the first byte is the highest. */
export function readUint32BigEndian(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return high * 0x1_0000 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
}

export function writeUint32BigEndian(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

export function swapUint32(value: number): number {
  return (
    ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0
  );
}

export function readUint32(bytes: Uint8Array, at: number): number {
  const value = readUint32BigEndian(bytes, at);
  return isLittleEndian ? swapUint32(value) : value;
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  writeUint32BigEndian(bytes, at, isLittleEndian ? swapUint32(value) : value);
}

/** The same memory, byte by byte. */
export function bytesOfView(view: ArrayBufferView): Uint8Array {
  if (view instanceof Uint8Array) return view;
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/**
 * Takes the first `size` bytes of the caller's memory for a structure, or fresh zeroed memory.
 *
 * @throws {TypeError} not a Uint8Array
 * @throws {RangeError} less memory than the structure has
 */
export function structureMemory(
  structure: string,
  bytes: Uint8Array | undefined,
  size: number,
): Uint8Array {
  if (bytes === undefined) return new Uint8Array(size);
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(
      `new ${structure}: bytes must be a Uint8Array over the structure's memory: got ${typeof bytes}`,
    );
  }
  if (bytes.length === size) return bytes;
  if (bytes.length < size) {
    throw new RangeError(
      `new ${structure}: bytes must hold at least ${size} bytes, its size here: got ${bytes.length}`,
    );
  }
  return bytes.subarray(0, size);
}
