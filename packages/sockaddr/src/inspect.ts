/**
 * How a structure shows itself where Node prints an object: its class and its text, instead of bytes and layout.
 *
 * Node finds the method by a name of the global symbol registry, so nothing of Node is needed for it.
 */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
