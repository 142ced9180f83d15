/**
 * The binding with every traced function wrapped: the call itself, and a record of it before and after.
 *
 * Wrapped once, when the addon is loaded. Without NETLOOM_TRACE_CALLS the addon's own object is used as it is.
 */
import { lookupError } from '../error-lookup.js';
import type { Binding } from '../native.js';
import { CALLS, type CallName, type Manner, type Wording } from './calls.js';
import type { TracedArgument, TracedError, TracedValue } from './record.js';
import { Names } from './values.js';
import { DIRECTORY_VARIABLE, TraceWriter } from './writer.js';

/** A datagram larger than the room: the call fails, and yet has delivered as much as there was room for. */
const WSAEMSGSIZE = 10040;
/** Where `recv` and `recvfrom` have that room among their arguments. */
const LENGTH_AT = 2;

/** What a `Socket` answers with WOULD_BLOCK. */
const WAITS = new Set(['EAGAIN', 'EINPROGRESS']);

/**
 * The binding itself, or where traces are asked for a traced one.
 *
 * @throws {Error} the directory cannot be written to
 */
export function tracedIfAsked(binding: Binding): Binding {
  const directory = process.env[DIRECTORY_VARIABLE];
  return directory === undefined || directory === '' ? binding : traced(binding, directory);
}

/** What a function and its row are to the code here, which knows no single one of them. */
type AnyFunction = (...args: unknown[]) => unknown;

interface AnyRow {
  readonly name: string | ((...args: unknown[]) => string);
  readonly fails: Manner;
  readonly mayBlock?: true;
  args(words: Wording, ...args: unknown[]): TracedArgument[];
  outs?(words: Wording, result: number, ...args: unknown[]): Outs;
}

type Outs = Readonly<Record<string, TracedValue>>;

function traced(binding: Binding, directory: string): Binding {
  const tracer: Tracer = {
    writer: new TraceWriter(directory, binding.threadId()),
    words: { names: new Names(binding.constants), codecs: binding.optionCodecs },
    lastError: () => binding.lastError(),
  };
  // SAFETY: the keys of CALLS are CallNames, by its type.
  const names = Object.keys(CALLS) as CallName[];
  const wrapped = names.map((name) => {
    // SAFETY: row and function have one list of parameters, that of Binding[name], which CallTable holds; the arguments are
    // only handed on here.
    const row = CALLS[name] as unknown as AnyRow;
    const original = binding[name] as AnyFunction;
    return [name, wrap(tracer, row, original)] as const;
  });
  return { ...binding, ...Object.fromEntries(wrapped) };
}

interface Tracer {
  readonly writer: TraceWriter;
  readonly words: Wording;
  lastError(): number;
}

function wrap(tracer: Tracer, row: AnyRow, original: AnyFunction): AnyFunction {
  const { writer, words } = tracer;
  return (...args) => {
    const call = typeof row.name === 'string' ? row.name : row.name(...args);
    const before = row.args(words, ...args);
    const started = { call, args: before, start: String(process.hrtime.bigint()) };
    if (row.mayBlock) writer.write({ event: 'begin', ...started });
    const calledNs = process.hrtime.bigint();
    const returned = original(...args);
    const duration = Number(process.hrtime.bigint() - calledNs);
    const { outs, ...ended } = outcome(tracer, row, args, returned);
    const after = before.map((argument) => ({ ...argument, ...outOf(outs, argument.name) }));
    writer.write({ event: 'call', ...started, args: after, ...ended, duration });
    return returned;
  };
}

function outOf(outs: Outs, name: string): { out?: TracedValue } {
  const out = outs[name];
  return out === undefined ? {} : { out };
}

/** What is known when a call has returned. */
function outcome(
  tracer: Tracer,
  row: AnyRow,
  args: readonly unknown[],
  returned: unknown,
): { result: string; error?: TracedError; outs: Outs } {
  const result = numberOf(returned);
  const error = failure(tracer, row.fails, result);
  const isCut = row.fails === 'c' && error?.number === WSAEMSGSIZE;
  const count = isCut ? Number(args[LENGTH_AT]) : result;
  const hasDelivered = error === undefined || isCut;
  return {
    result: error !== undefined && WAITS.has(error.name) ? 'WOULD_BLOCK' : String(result),
    ...(error === undefined ? {} : { error }),
    outs: (hasDelivered && row.outs?.(tracer.words, count, ...args)) || {},
  };
}

/** What the binding returned, as one number: WSAStartup's comes with the versions. */
function numberOf(returned: unknown): number {
  if (typeof returned === 'number') return returned;
  if (typeof returned === 'object' && returned !== null && 'code' in returned) {
    return Number(returned.code);
  }
  return Number.NaN;
}

function failure(tracer: Tracer, manner: Manner, result: number): TracedError | undefined {
  switch (manner) {
    case 'c':
      return result === -1 ? winsockError(tracer.lastError()) : undefined;
    case 'code':
      return result === 0 ? undefined : winsockError(result);
    case 'owned':
      return result < 0 ? systemError(result) : undefined;
    case 'either sign':
      return result === 0 ? undefined : systemError(-Math.abs(result));
  }
}

function winsockError(number: number): TracedError {
  return { number, name: lookupError(number)?.name ?? `error ${number}` };
}

function systemError(negated: number): TracedError {
  return { number: -negated, name: lookupError(negated)?.code ?? `error ${-negated}` };
}
