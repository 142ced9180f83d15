/**
 * The type of a raw handle: the kernel's own number, branded so that a port cannot be passed for a socket.
 */
declare const brand: unique symbol;

/** A socket's number as C has it; a stale one in a C call does what it does in C. */
export type SOCKET = number & { readonly [brand]: 'SOCKET' };

/** By this key a Socket gives its number to this package alone, without counting as known outside. @internal */
export const UNTOLD: unique symbol = Symbol('untold number');
