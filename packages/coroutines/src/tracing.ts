/**
 * Where coroutines were declared and started, for stacks and dumps.
 *
 * A frame that waits is on no stack: an error that comes out of one shows only who woke it. So each coroutine that an
 * error leaves adds a line with its name and place of declaration and, while tracing, the stack of its start. What is
 * captured is an `Error` whose text the engine writes when it is asked for, not before.
 */
import { isCanceledError } from './cancellation.js';
import { type Identity, thread } from './thread-state.js';

/** A chain of a million coroutines shall not make a stack of a million lines. */
const MOST_ADDED = 32;

/** Not in the coroutine itself: who does not trace pays nothing. */
const starts = /* @__PURE__ */ new WeakMap<object, Error>();

const added = /* @__PURE__ */ new WeakMap<Error, number>();

/**
 * Where this package's own frames come from; they are left out. In a bundle all frames do: then none is. A script that
 * is no module has no URL.
 */
const OWN = /* @__PURE__ */ String(import.meta.url).replace(/^file:\/\/|[^/]*$/g, '') || 'unknown';
/** The same where frames name the source, as with source maps. */
const OWN_SOURCE = /* @__PURE__ */ OWN.replace(/dist[/]$/, 'src/');

/** Enough to get past the package's own frames. */
const FRAMES = 40;

/** A frame's place at the end of its line: V8's and JavaScriptCore's ways of writing it. */
const PLACE = /(?:[(@]|\bat )((?:[a-z]+:\/\/|\/|[A-Z]:\\)[^()@]*:\d+:\d+)\)?$/;

/**
 * Makes coroutines of this thread remember where they were started, for the stacks of their errors and for dumps.
 *
 * Costs a captured stack per start, about a microsecond. The environment variable `NETLOOM_TRACE=1` turns it on from
 * the beginning, on pool threads too.
 *
 * @returns whether it was on before
 */
export function setTracing(isOn: boolean): boolean {
  const before = thread.isTracing;
  thread.isTracing = isOn;
  return before;
}

/** Keeps where a coroutine was started, while tracing. @internal */
export function rememberStart(action: object): void {
  if (!thread.isTracing) return;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  starts.set(action, new Error('started'));
  Error.stackTraceLimit = limit;
}

/** What {@link rememberStart} kept. @internal */
export function startOf(action: object): Error | undefined {
  return starts.get(action);
}

/** The frames of a captured stack that are not this package's, one a line. @internal */
export function framesOf(captured: { readonly stack?: string | undefined }): string[] {
  const lines = (captured.stack ?? '').split('\n').filter((line) => PLACE.test(line));
  const foreign = lines.filter((line) => !line.includes(OWN) && !line.includes(OWN_SOURCE));
  return foreign.length > 0 ? foreign : lines;
}

/** `url:line:column` of a declaration; undefined where there was none. @internal */
export function placeOf(identity: Identity): string | undefined {
  const { declaration } = identity;
  const frame = declaration === undefined ? undefined : framesOf(declaration)[0];
  return frame === undefined ? undefined : PLACE.exec(frame)?.[1];
}

/** Adds to an error's stack which coroutine it has left, and where that was started if that is known. @internal */
export function addToStack(error: unknown, identity: Identity, action: object): void {
  // A stop is no fault to be looked for, and one error may stop a million.
  if (!(error instanceof Error) || isCanceledError(error)) return;
  const count = added.get(error) ?? 0;
  const stack = error.stack;
  if (typeof stack !== 'string' || count > MOST_ADDED) return;
  added.set(error, count + 1);
  const start = startOf(action);
  const place = placeOf(identity);
  const lines =
    count === MOST_ADDED
      ? ['    … and the coroutines that waited for it']
      : [
          `    at ${identity.label}${place === undefined ? '' : ` (declared at ${place})`}`,
          ...(start === undefined ? [] : ['    started:', ...framesOf(start)]),
        ];
  // Frozen, or a class of its own that computes it: then it stays as it is.
  Reflect.set(error, 'stack', [stack, ...lines].join('\n'));
}
