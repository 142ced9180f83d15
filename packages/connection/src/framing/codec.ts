/**
 * The contract between bytes and frames: what one's own protocol implements to be read with `connection.frames(codec)`.
 *
 * A codec only looks at bytes. It keeps none (they stay in the connection, so that a cancelled read loses nothing and
 * the next reader, of whatever kind, goes on behind the last frame), knows no socket, and may serve many connections.
 *
 * What a reader does with it, for each frame: as bytes come in it calls `measure` with all that are there, until that gives a
 * length that is there; takes these bytes; and calls `decode` once with just them. What `measure` throws fails the read and
 * takes nothing, so that the next one fails as well: for bytes that cannot be a frame of this protocol.
 */

export interface FrameCodec<T> {
  /**
   * The longest frame in bytes, as it travels (prefix or delimiter included). A peer that sends more gets its reader
   * an error instead of our memory.
   */
  readonly limitBytes: number;

  /** When nothing more has come for so long after a frame's latest byte, what is there is the frame. Absent: never. */
  readonly quietMs?: number | undefined;

  /**
   * Whether what is left when the peer finishes sending is a frame too, as a last line without a line end.
   * Absent or false: it is a frame cut short, and the reader fails with ERR_STREAM_ENDED.
   */
  readonly restIsFrame?: boolean | undefined;

  /**
   * Gives the length of the frame at the beginning of `bytes`, as soon as it is known.
   *
   * A length beyond `bytes.length` is fine: it says how much is still to come, and is refused at once beyond
   * `limitBytes`.
   *
   * @param bytes - what has arrived and is not taken, at least one byte; valid during the call only
   * @param seen - how many of these bytes an earlier call for this frame has seen already; 0 at first
   * @returns the length in bytes, as it travels; 0 while it is not known
   */
  measure(bytes: Uint8Array, seen: number): number;

  /**
   * Makes the frame of its bytes. What it throws fails this read; the frame is taken all the same.
   *
   * @param bytes - exactly the frame, as it travels; valid during the call only, so copy what is kept (`slice`)
   */
  decode(bytes: Uint8Array): T;

  /**
   * Makes the bytes of a frame, as they travel, for `sendFrame`. Absent: frames of this kind are only read.
   *
   * @returns one or more pieces, which go with one system call; not to be changed before they are sent
   * @throws what then fails the sending: the frame cannot be sent so
   */
  encode?(frame: T): Uint8Array | readonly Uint8Array[];
}

/** What {@link frameLength} gives for a frame beyond its codec's limit. */
export const TOO_LONG = -1;

/**
 * Asks the codec and holds it to its contract.
 *
 * @returns the length of the frame that lies complete at the beginning of `bytes`; 0 while it is not complete;
 *   TOO_LONG as soon as it cannot stay within the limit
 * @throws {TypeError} the codec's answer is no length
 */
export function frameLength<T>(codec: FrameCodec<T>, bytes: Uint8Array, seen: number): number {
  const length = codec.measure(bytes, seen);
  if (!Number.isInteger(length) || length < 0) {
    throw new TypeError(
      `measure() of a frame codec must give an integer from 0 on: got ${String(length)}`,
    );
  }
  if (length === 0) return bytes.length >= codec.limitBytes ? TOO_LONG : 0;
  if (length > codec.limitBytes) return TOO_LONG;
  return length <= bytes.length ? length : 0;
}

/**
 * Refuses a limit that is no limit.
 *
 * @throws {RangeError} `limitBytes` is not an integer from `least` on
 */
export function checkLimitBytes(limitBytes: number, least: number): void {
  if (Number.isInteger(limitBytes) && limitBytes >= least) return;
  throw new RangeError(
    `limitBytes must be an integer from ${least} on: got ${limitBytes}; it bounds what one peer may make this process hold`,
  );
}
