/**
 * What can go wrong with the switch of threads, in one table: every message says the rule and its remedies.
 */

/** Why work could not go where it was told to. */
export type HopErrorCode =
  | 'ERR_HOP_UNNAMED'
  | 'ERR_HOP_NOT_FIRST'
  | 'ERR_HOP_BACK'
  | 'ERR_HOP_ENTRY'
  | 'ERR_HOP_NO_ENTRY'
  | 'ERR_HOP_ENTRY_MODULE'
  | 'ERR_HOP_NOT_FOUND';

/** A switch of threads was refused, or could not be carried out. Branch on `code`. */
export class HopError extends Error {
  /** Where the other side of a crossing finds the class. */
  static readonly module: string = import.meta.url;
  static readonly exportName = 'HopError';

  readonly code: HopErrorCode;

  constructor(code: HopErrorCode, message: string, options?: ErrorOptions) {
    super(`${message} (${code})`, options);
    this.code = code;
  }

  override get name(): string {
    return 'HopError';
  }
}

/** @internal */
export function unnamed(label: string): HopError {
  return new HopError(
    'ERR_HOP_UNNAMED',
    `${label} cannot go to the background: another thread could not find it. Export it, and declare it with its place: export const name = coroutine(import.meta.url, 'name', body)`,
  );
}

/** @internal */
export function notFirst(label: string | undefined): HopError {
  const where = label === undefined ? 'outside of a coroutine' : `in ${label}`;
  return new HopError(
    'ERR_HOP_NOT_FIRST',
    `resumeBackground() was reached ${where} on the thread that called it: a frame never moves once it has begun. Make it the first statement of the body; where a build hides that, declare coroutine(import.meta.url, 'name', { start: 'background' }, body); or leave the frame here and run another exported coroutine over there: yield* background(fn, ...args)`,
  );
}

/** @internal */
export function noWayBack(call: string): HopError {
  return new HopError(
    'ERR_HOP_BACK',
    call !== 'foreground()'
      ? `${call} was reached on a pool thread: a frame cannot come back. Call back instead: yield* foreground(fn, ...args); or end the coroutine, its result goes back by itself`
      : `${call} was called on a pool thread outside of a coroutine that was launched there: nobody is known to call back. Call it in the body of a launched coroutine (a server's handler that is one, too), or return the value, which goes back by itself (from a server's handler with the event 'served')`,
  );
}

/** @internal */
export function noEntry(label: string): HopError {
  return new HopError(
    'ERR_HOP_NO_ENTRY',
    `${label} was to run in the background, and nobody takes it there: setBgEntry((resumption) => pool.addTask(new CoroutineTask(resumption))) first, on this thread`,
  );
}

/** @internal */
export function badEntry(returned: unknown): HopError {
  return new HopError(
    'ERR_HOP_ENTRY',
    `the background entry returned ${String(returned)} and not the promise of the result: without it neither end nor failure would come back. Write setBgEntry((resumption) => pool.addTask(new CoroutineTask(resumption))), in braces with return`,
  );
}

/** @internal */
export function entryModule(label: string, module: string): HopError {
  return new HopError(
    'ERR_HOP_ENTRY_MODULE',
    `${label} is declared in the program's entry module, ${module}, whose top level would run again on every thread that imports it. Move the coroutine into a module of its own, and import it here`,
  );
}

/** @internal */
export function notFound(module: string, exportName: string, found: readonly string[]): HopError {
  const has =
    found.length === 0 ? 'it exports no coroutine' : `its coroutines: ${found.join(', ')}`;
  return new HopError(
    'ERR_HOP_NOT_FOUND',
    `${module} has no coroutine exported as '${exportName}'; ${has}. The name given to coroutine(import.meta.url, name, body) must be the name of the export; in a bundle the module must be an entry of its own`,
  );
}
