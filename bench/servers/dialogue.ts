/** The bytes of the tutorial's dialogue, as in `c/dialogue.h`. */
export const GREETING: Uint8Array = Buffer.from('Welcome to server!', 'utf16le');
export const REPLY_BYTES = 14;
