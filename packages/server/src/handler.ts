/**
 * The forms a handler may have, and which of them a strategy can take: a thread finds a function only by its module and
 * name, so that a closure stays on the thread that made it.
 */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Connection, ConnectionOptions } from '@netloom/connection';
import type { StrategyName } from './strategies/strategy.js';

/**
 * What serves a connection: a coroutine, a generator function, an async or a plain function. The connection is closed
 * when it has ended, however it ended. What it returns goes to the event 'served'; from a pool thread it must be
 * something that can cross.
 */
export type Handler = (connection: Connection) => unknown;

/** What every connection of a server is made with: plain numbers, because they cross threads. */
export type ConnectionDefaults = Pick<ConnectionOptions, 'receiveTimeoutMs' | 'sendTimeoutMs'>;

/** A handler by the file that exports it. */
export interface HandlerReference {
  /** A URL such as `new URL('./handler.js', import.meta.url)`, its text, or an absolute path. */
  readonly module: URL | string;
  /** The name of the export there. */
  readonly export: string;
}

/** A handler as another thread finds it. */
export interface NamedHandler {
  readonly module: string;
  readonly exportName: string;
}

/** What is known of a server's handler: at least one of the two. */
export interface HandlerPlan {
  readonly local: Handler | undefined;
  readonly named: NamedHandler | undefined;
}

/** What `coroutine()` of @netloom/coroutines says of a coroutine it has made. */
interface MaybeCoroutine {
  readonly module?: unknown;
  readonly exportName?: unknown;
  readonly startsInBackground?: unknown;
}

const TWO_FILES = `
  // handler.js
  export async function serve(connection) { … }
  // server.js
  await createServer({ port, handler: { module: new URL('./handler.js', import.meta.url), export: 'serve' } })`;

/**
 * Reads a handler in any of its forms.
 *
 * @throws {TypeError} it is none, or the strategy's threads could not find it
 */
export function planHandler(
  handler: Handler | HandlerReference,
  strategy: StrategyName,
): HandlerPlan {
  const isHere = strategy === 'coroutine';
  if (typeof handler === 'function') {
    const named = namedCoroutine(handler);
    if (isHere) {
      refuseHop(handler);
      return { local: handler, named };
    }
    if (named === undefined) throw new TypeError(closureMessage(handler, strategy));
    refuseEntryModule(named);
    return { local: undefined, named };
  }
  const named = readReference(handler);
  if (!isHere) refuseEntryModule(named);
  return { local: undefined, named };
}

function namedCoroutine(handler: Handler & MaybeCoroutine): NamedHandler | undefined {
  const { module, exportName } = handler;
  if (typeof module !== 'string' || typeof exportName !== 'string') return undefined;
  return { module, exportName };
}

/** On this thread such a coroutine would be launched to another one, and a connection does not cross. */
export function refuseHop(handler: Handler & MaybeCoroutine): void {
  if (handler.startsInBackground !== true) return;
  throw new TypeError(
    `handler ${handler.name} begins with resumeBackground(), and strategy 'coroutine' runs handlers on this thread: ` +
      "leave that statement out, or take strategy 'pooled-coroutine'",
  );
}

/** Its top level would run again on every thread, and start a server there. */
function refuseEntryModule(named: NamedHandler): void {
  const entry = entryPath();
  if (entry === undefined || pathOf(named.module) !== entry) return;
  throw new TypeError(
    `handler ${named.exportName} is declared in the program's entry module ${named.module}, whose top level would run ` +
      `again on every thread: move it to a file of its own:${TWO_FILES}`,
  );
}

/** The file that the program began with, links followed; undefined where there is none (`node --eval`). */
function entryPath(): string | undefined {
  const named = process.argv[1];
  if (named === undefined) return undefined;
  try {
    // `node main` and `node .` leave the extension and the file to Node's resolution.
    return realpathSync(createRequire(import.meta.url).resolve(named));
  } catch {
    return undefined;
  }
}

/** The file of a module, links followed; undefined for one that is no file, or is not there. */
function pathOf(module: string): string | undefined {
  try {
    return realpathSync(fileURLToPath(module));
  } catch {
    return undefined;
  }
}

function closureMessage(handler: Handler, strategy: StrategyName): string {
  return (
    `handler ${handler.name || '(unnamed)'} is a function that only this thread knows, and strategy '${strategy}' runs ` +
    `handlers on other threads: name the file that exports it:${TWO_FILES}\n` +
    "or take strategy: 'coroutine', which runs it here"
  );
}

function readReference(reference: HandlerReference): NamedHandler {
  const { module, export: exportName } = reference ?? {};
  if (typeof exportName !== 'string' || exportName === '') {
    throw new TypeError(
      `handler must be a function, or { module, export } with the name of an export: got ${describe(reference)}`,
    );
  }
  if (module instanceof URL) return { module: module.href, exportName };
  if (typeof module === 'string' && isAbsolute(module)) {
    return { module: pathToFileURL(module).href, exportName };
  }
  if (typeof module === 'string' && URL.canParse(module)) {
    return { module: new URL(module).href, exportName };
  }
  throw new TypeError(
    "handler.module must be a URL or an absolute path, such as new URL('./handler.js', import.meta.url): " +
      `got ${JSON.stringify(module)}`,
  );
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return `an object with ${Object.keys(value).join(', ') || 'nothing'}`;
}
