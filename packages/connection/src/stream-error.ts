/**
 * The failures that are the peer's words, not the operating system's: a stream that ends in the middle of what was
 * awaited, and a frame that does not end. What the system says is a `SocketError`.
 */
import type { SockaddrLike } from '@netloom/sockaddr';

export type StreamErrorCode = 'ERR_STREAM_ENDED' | 'ERR_FRAME_TOO_LONG';

export interface StreamErrorInit {
  readonly code: StreamErrorCode;
  /** What was attempted: `recvExactly`. */
  readonly attempt: string;
  readonly peer: SockaddrLike | undefined;
  /** What happened, with the values seen. */
  readonly happened: string;
  readonly received: Uint8Array;
}

/**
 * The peer sent what cannot be a whole answer.
 *
 * `ERR_STREAM_ENDED`: it finished sending in the middle; what had come is in `received`, and taken.
 * `ERR_FRAME_TOO_LONG`: a frame goes beyond its limit; what has come is in `received`, and still in the connection,
 * so that `recv` can go on with it.
 */
export class StreamError extends Error {
  readonly code: StreamErrorCode;
  /** The bytes that had come of what was awaited. */
  readonly received: Uint8Array;
  readonly peer: SockaddrLike | undefined;

  constructor({ code, attempt, peer, happened, received }: StreamErrorInit) {
    const from = peer === undefined ? '' : ` from ${String(peer)}`;
    super(`${attempt}${from}: ${happened} (${code})`);
    this.name = 'StreamError';
    this.code = code;
    this.received = received;
    this.peer = peer;
  }
}
