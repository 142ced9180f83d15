/**
 * The tutorial's dialogue, as both sides know it: the server speaks first, the client answers once, the server closes.
 * UTF-16LE, no terminator is sent.
 */

/** 18 characters, 36 bytes. */
export const GREETING = 'Welcome to server!';
export const GREETING_BYTES = GREETING.length * 2;

export const PROMPT = 'Please input what you want to send to server: ';

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 9008;
