/**
 * Errors on their way: taken apart here, put together there, with class, fields, cause and stack.
 *
 * A class of the program's own arrives as itself when it says where it is found (statics `module` and `exportName`, or
 * the crossing symbols); otherwise as the nearest built-in class with the same `name`.
 */
import { types } from 'node:util';
import type { ErrorWire } from './crossing-wire.js';
import { isEntryModule } from './entry-module.js';
import { registerExport } from './exports-loader.js';
import type { HandOver } from './hand-over.js';

type ErrorClass = new (message?: string) => Error;

const BUILT_IN = new Map<string, ErrorClass>([
  ['Error', Error],
  ['EvalError', EvalError],
  ['RangeError', RangeError],
  ['ReferenceError', ReferenceError],
  ['SyntaxError', SyntaxError],
  ['TypeError', TypeError],
  ['URIError', URIError],
]);

/** Written by the parts themselves, never copied as a field. */
const OWN_PARTS: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** Whether the value crosses as an error. */
export function isErrorLike(value: object): value is Error {
  return types.isNativeError(value) || value instanceof DOMException;
}

/** Takes an error apart; the fields still have to be copied. */
export function errorParts(error: Error): {
  wire: Omit<ErrorWire, 'fields'>;
  fields: [string, unknown][];
} {
  const fields: [string, unknown][] = [];
  const note = (key: string) => {
    const part = tryTo(() => ({ value: partOf(error, key) }));
    if (part !== undefined) fields.push([key, part.value]);
  };
  for (const key of Object.keys(error)) if (!OWN_PARTS.has(key)) note(key);
  if ('cause' in error) note('cause');
  if (error instanceof AggregateError) note('errors');
  const stack = tryTo(() => error.stack);
  return {
    wire: {
      isError: true,
      builtIn: builtInName(error),
      ...tryTo(() => whereFound(error)),
      name: tryTo(() => String(error.name)) ?? 'Error',
      message: tryTo(() => String(error.message)) ?? '',
      stack: typeof stack === 'string' ? stack : undefined,
    },
    fields,
  };
}

function partOf(error: Error, key: string): unknown {
  // SAFETY: only read.
  return (error as unknown as Record<string, unknown>)[key];
}

/** An error must arrive: what throws when it is read is left behind. */
function tryTo<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * Makes the error, its fields aside.
 *
 * @param ownClass - what was found where its class said, or undefined
 */
export function errorShell(wire: ErrorWire, ownClass: unknown): Error {
  if (wire.builtIn === 'DOMException')
    return withStack(new DOMException(wire.message, wire.name), wire);
  // Made by a built-in constructor in any case: only that gives a native error, and no code of the class runs.
  const make = BUILT_IN.get(wire.builtIn) ?? Error;
  const error =
    wire.builtIn === 'AggregateError'
      ? new AggregateError([], wire.message)
      : new make(wire.message);
  const proto: unknown = typeof ownClass === 'function' ? ownClass.prototype : undefined;
  if (proto instanceof Error) Object.setPrototypeOf(error, proto);
  if (error.name !== wire.name) define(error, 'name', wire.name);
  return withStack(error, wire);
}

/** Gives the error its fields, whose own crossers have arrived by now. */
export function fillError(error: Error, fields: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(fields)) {
    if (key === 'cause' || key === 'errors') define(error, key, fields[key]);
    else {
      Object.defineProperty(error, key, {
        value: fields[key],
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
  }
}

/**
 * Adds, below the stack of where an error was thrown, the lines of where the task was handed over.
 *
 * An error that is frozen, or whose stack is no text, arrives without them.
 */
export function addStack(error: unknown, handedOver: HandOver): void {
  tryTo(() => {
    const { stack } = handedOver;
    if (!(error instanceof Error) || typeof stack !== 'string') return;
    const lines = stack.slice(stack.indexOf('\n') + 1);
    define(error, 'stack', `${error.stack}\n    at … (handed to the pool here)\n${lines}`);
  });
}

function builtInName(error: Error): string {
  if (error instanceof DOMException) return 'DOMException';
  if (error instanceof AggregateError) return 'AggregateError';
  for (let proto: object | null = error; proto !== null; proto = Object.getPrototypeOf(proto)) {
    for (const [name, builtIn] of BUILT_IN) if (proto === builtIn.prototype) return name;
  }
  return 'Error';
}

function whereFound(error: Error): { module?: string; exportName?: string } {
  const owner: unknown = error.constructor;
  if (typeof owner !== 'function') return {};
  // A subclass inherits statics: they would name its parent.
  if (!Object.hasOwn(owner, 'module') || !Object.hasOwn(owner, 'exportName')) return {};
  const { module, exportName } = owner as { module?: unknown; exportName?: unknown };
  if (typeof module !== 'string' || typeof exportName !== 'string') return {};
  // An error must arrive, and no thread may import this module: it does without its class.
  if (isEntryModule(module)) return {};
  registerExport(module, exportName, owner);
  return { module, exportName };
}

function withStack<T extends Error>(error: T, wire: ErrorWire): T {
  if (wire.stack !== undefined) define(error, 'stack', wire.stack);
  return error;
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, {
    value,
    enumerable: false,
    configurable: true,
    writable: true,
  });
}
