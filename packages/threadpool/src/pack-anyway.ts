/**
 * What has to be said gets across, if need be as the error that says why it cannot: who waits for an end must have one.
 */
import { type Packed, pack } from './crossing.js';

/** Makes an error, a reason or an answer ready to cross; or what it threw on that occasion; or a text in its place. */
export function packAnyway(value: unknown, name: string): Packed {
  try {
    return pack(value, name);
  } catch (error) {
    return packRefusal(error, name);
  }
}

/** The same for what was thrown when something was packed. */
export function packRefusal(error: unknown, name: string): Packed {
  try {
    return pack(error, name);
  } catch {
    const message = `${name}: it cannot be copied, and neither can the error that its copying threw`;
    return pack(new TypeError(message), name);
  }
}
