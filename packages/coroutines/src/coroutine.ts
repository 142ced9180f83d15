/**
 * Declares coroutines: a body becomes a function that starts it.
 *
 * The declaration knows the name under which another thread finds it, and whether the body begins with the switch of
 * threads (hop.ts). Calling it decides between two ways: run here, or launch.
 */
import { launchedBy } from './ambient.js';
import type { AsyncActionBase } from './async-action.js';
import type {
  IAsyncAction,
  IAsyncActionWithProgress,
  IAsyncOperation,
  IAsyncOperationWithProgress,
} from './async-info.js';
import { startsWithHop } from './hop.js';
import { isInBackground, launch } from './launch.js';
import type { ProgressOf, Yielded } from './progress.js';
import { type AnyBody, starterOf } from './start-body.js';
import type { Identity, LaunchContext } from './thread-state.js';

/** What a coroutine is made of: a generator function (preferred) or an async function. */
export type CoroutineBody<A extends readonly unknown[], R> = (
  ...args: A
) => Generator<Yielded, R, never> | Promise<R>;

/** An action for a body without a result, an operation for one with; with progress where its body has a token. */
export type AsyncResult<R, P = never> = [P] extends [never]
  ? WithoutProgress<R>
  : // biome-ignore lint/suspicious/noConfusingVoidType: whether a body returns nothing is the question here.
    [R] extends [void]
    ? IAsyncActionWithProgress<P>
    : IAsyncOperationWithProgress<R, P>;

type WithoutProgress<R> = 0 extends 1 & R
  ? IAsyncOperation<R>
  : // biome-ignore lint/suspicious/noConfusingVoidType: the same.
    [R] extends [void]
    ? IAsyncAction
    : IAsyncOperation<R>;

export interface CoroutineOptions {
  /**
   * `background`: a call runs the whole body on a pool thread, as if it began with `resumeBackground()`. Said where
   * the source cannot be read: minified builds, and a `resumeBackground` imported under another name.
   */
  readonly start?: 'background' | undefined;
}

/** A declared coroutine. Calling it starts it at once. */
export interface Coroutine<A extends readonly unknown[], R, P = never> {
  (...args: A): AsyncResult<R, P>;
  /** The URL of the module that exports it; undefined for one without a name. */
  readonly module: string | undefined;
  /** Its name there. */
  readonly exportName: string | undefined;
  /** Whether a call runs it in the background from its beginning. */
  readonly startsInBackground: boolean;
}

/** How coroutines are recognised, of whichever copy of the package. @internal */
export const COROUTINE: unique symbol = Symbol.for('netloom.coroutine') as never;

/** What the package itself needs of a declared coroutine. @internal */
export interface Declaration {
  readonly label: string;
  readonly identity: Identity;
  readonly module: string | undefined;
  readonly exportName: string | undefined;
  /** Runs the body on this thread, whatever it begins with. */
  runHere(args: readonly unknown[], launch?: LaunchContext): AsyncActionBase<unknown>;
}

/**
 * Makes a coroutine of a body.
 *
 * Calling it runs the body at once, up to its first real wait, and gives an `IAsyncAction` or, with a result,
 * an `IAsyncOperation`. Inside the body, `yield*` waits for an operation, an action or another coroutine's call.
 * An error that nobody observes goes to the scope that owns the coroutine, and without one to Node's
 * `unhandledRejection`.
 *
 * With a module and a name it can be run by another thread: where its first statement is `resumeBackground()`, and
 * through `background()`. That statement is found in the source, by its name alone: with a function of your own called
 * `resumeBackground`, or such a method of an object in a variable, let another statement go first.
 *
 * @param module - `import.meta.url` of the module that exports it
 * @param exportName - the name of that export
 * @param body - a generator function, or an async function
 * @throws {TypeError} the body is no function, or an async generator; the module is no URL; the name is empty
 *
 * @example
 * ```ts
 * import { coroutine, resumeAfter } from '@netloom/coroutines';
 *
 * const wait = coroutine(function* wait(ms: number) {
 *   try {
 *     yield* resumeAfter(ms);
 *     return 'waited';
 *   } finally {
 *     console.log('cleaned up');
 *   }
 * });
 *
 * console.log(await wait(1));
 *
 * const action = wait(60_000); // runs already
 * action.cancel();
 * try {
 *   await action;
 * } catch (error) {
 *   console.log(String(error), action.status);
 * }
 * ```
 *
 * ```text
 * cleaned up
 * waited
 * cleaned up
 * CanceledError: canceled Canceled
 * ```
 */
export function coroutine<A extends readonly unknown[], R, Y extends Yielded>(
  body: (...args: A) => Generator<Y, R, never>,
): Coroutine<A, R, ProgressOf<Y>>;
export function coroutine<A extends readonly unknown[], R, P = never>(
  body: (...args: A) => Promise<R>,
): Coroutine<A, R, P>;
export function coroutine<A extends readonly unknown[], R, Y extends Yielded>(
  module: string | URL,
  exportName: string,
  body: (...args: A) => Generator<Y, R, never>,
): Coroutine<A, R, ProgressOf<Y>>;
export function coroutine<A extends readonly unknown[], R, P = never>(
  module: string | URL,
  exportName: string,
  body: (...args: A) => Promise<R>,
): Coroutine<A, R, P>;
export function coroutine<A extends readonly unknown[], R, Y extends Yielded>(
  module: string | URL,
  exportName: string,
  options: CoroutineOptions,
  body: (...args: A) => Generator<Y, R, never>,
): Coroutine<A, R, ProgressOf<Y>>;
export function coroutine<A extends readonly unknown[], R, P = never>(
  module: string | URL,
  exportName: string,
  options: CoroutineOptions,
  body: (...args: A) => Promise<R>,
): Coroutine<A, R, P>;
export function coroutine(...given: readonly unknown[]): Coroutine<readonly unknown[], unknown> {
  const { body, module, exportName, options } = read(given);
  const isNamed = module !== undefined;
  const label = `coroutine ${exportName ?? (body.name || '(anonymous)')}`;
  const identity: Identity = { label, isNamed, declaration: new Error('declared') };
  const start = starterOf(body, identity);
  const declaration: Declaration = {
    label,
    identity,
    module,
    exportName,
    runHere: (args, launch) => start(launch && launchedBy(launch), ...args),
  };
  // One without a name cannot leave this thread: its switch says so where it is reached.
  const startsInBackground = isNamed && (options.start === 'background' || startsWithHop(body));
  const call = startsInBackground
    ? (...args: unknown[]) =>
        isInBackground() ? start(undefined, ...args) : launch(declaration, args)
    : (...args: unknown[]) => start(undefined, ...args);
  Object.defineProperty(call, 'name', { value: exportName ?? body.name });
  // SAFETY: the call returns an AsyncActionBase, which is both IAsyncAction and IAsyncOperation.
  return Object.assign(call, {
    module,
    exportName,
    startsInBackground,
    [COROUTINE]: declaration,
  }) as unknown as Coroutine<readonly unknown[], unknown>;
}

/** The declaration behind a coroutine, of whichever copy of the package; undefined for anything else. @internal */
export function declarationOf(value: unknown): Declaration | undefined {
  if (typeof value !== 'function' || !(COROUTINE in value)) return undefined;
  // SAFETY: only coroutine() puts something under this symbol.
  return value[COROUTINE] as Declaration;
}

interface Given {
  readonly body: AnyBody;
  readonly module: string | undefined;
  readonly exportName: string | undefined;
  readonly options: CoroutineOptions;
}

function read(given: readonly unknown[]): Given {
  const body = given.at(-1);
  if (typeof body !== 'function') {
    throw new TypeError(`coroutine(): the body must be a function: got ${typeof body}`);
  }
  // SAFETY: it is a function, and every function can be called with anything.
  const anyBody = body as AnyBody;
  if (given.length === 1) {
    return { body: anyBody, module: undefined, exportName: undefined, options: {} };
  }
  const [module, exportName, options] = given;
  const isUrl = typeof module === 'string' && URL.canParse(module);
  if (!isUrl && !(module instanceof URL)) {
    throw new TypeError(
      `coroutine(): module must be a URL, as import.meta.url is one: got ${String(module)}`,
    );
  }
  if (typeof exportName !== 'string' || exportName === '') {
    throw new TypeError(
      `coroutine(): exportName must be the name of the export: got ${String(exportName)}`,
    );
  }
  return {
    body: anyBody,
    module: String(module),
    exportName,
    options: given.length > 3 && typeof options === 'object' && options !== null ? options : {},
  };
}
