/**
 * How long a connection of a server waits by itself: nobody waits forever by accident, and nobody who is only slow is
 * cut off. A silent client costs a descriptor and a few kilobytes; a peer that has vanished without a word costs the same
 * until somebody gives it up, and TCP alone never would.
 */
import type { ConnectionDefaults } from '../handler.js';

export const DEFAULT_TIMEOUTS = {
  /** A person may think that long before answering; who wants to keep still connections for longer says so. */
  receiveTimeoutMs: 5 * 60_000,
  /** A peer that takes nothing at all for that long has stopped reading, or is gone. */
  sendTimeoutMs: 2 * 60_000,
} as const satisfies ConnectionDefaults;
