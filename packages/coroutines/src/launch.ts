/**
 * Running a coroutine on another thread, seen from the thread that asked: none of its body runs here.
 *
 * What crosses is the resumption, plain data. Cancellation and calls back go through the executor's own signal and
 * requests, for which the launch keeps its controls beside the resumption, where `CoroutineTask` finds them.
 */
import { AsyncActionBase } from './async-action.js';
import { CanceledError, isCanceledError } from './cancellation.js';
import { captureContext } from './carry-context.js';
import type { Declaration } from './coroutine.js';
import { currentOwner } from './current-owner.js';
import { bgEntry, type Resumption } from './entries.js';
import { ForegroundCalls } from './foreground-calls.js';
import { badEntry, entryModule, noEntry, unnamed } from './hop-error.js';
import type { Operation } from './operation.js';
import { isEntryModule } from './program-entry.js';
import { thread } from './thread-state.js';

/** What a task needs of its launch on this side. @internal */
export interface LaunchControls {
  /** Made when it is first asked for: a pool that knows the other way never does. */
  readonly signal: AbortSignal;
  /** Stops it, for a pool that knows this way: an AbortSignal and its listener cost more than the whole launch. */
  readonly stops: StopSource;
  onRequest(message: unknown): unknown;
  onProgress(progress: unknown): void;
}

/** Has one listener. @internal */
export interface StopSource {
  readonly aborted: boolean;
  readonly reason: unknown;
  onstop: (() => void) | undefined;
}

/** Whether a switch to the background has nothing to do here. @internal */
export function isInBackground(): boolean {
  return thread.isBackground || currentOwner()?.ambient?.launch !== undefined;
}

/** The controls of a launch; undefined for a resumption that nobody launched here. @internal */
export function controlsOf(resumption: Resumption): LaunchControls | undefined {
  // SAFETY: only RemoteRun puts something in, under its resumption.
  return thread.controls.get(resumption) as LaunchControls | undefined;
}

/** A coroutine that runs on another thread. @internal */
class RemoteRun extends AsyncActionBase<unknown> implements LaunchControls, StopSource {
  #controller: AbortController | undefined;
  #calls: ForegroundCalls | undefined;
  onstop: (() => void) | undefined;

  get waitsFor(): readonly Operation<unknown>[] {
    return [];
  }

  get liveState(): 'elsewhere' {
    return 'elsewhere';
  }

  get aborted(): boolean {
    return this.isCancelRequested;
  }

  get reason(): unknown {
    return this.extras.stopReason;
  }

  get stops(): StopSource {
    return this;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.aborted) this.#controller.abort(this.reason);
    return this.#controller.signal;
  }

  onRequest(message: unknown): unknown {
    this.#calls ??= new ForegroundCalls((progress) => this.onProgress(progress));
    return this.#calls.answer(message);
  }

  onProgress(progress: unknown): void {
    this.reportProgress(progress);
  }

  begin(declaration: Declaration, args: readonly unknown[]): this {
    if (thread.watcher !== undefined || thread.isTracing) this.started(currentOwner());
    try {
      this.#follow(this.#send(declaration, args));
    } catch (error) {
      this.endByThrow(error);
    }
    return this;
  }

  /** Once: to stop it by force is the affair of the pool, which has a grace of its own. */
  protected requestStop(reason: CanceledError): void {
    this.#controller?.abort(reason);
    this.onstop?.();
  }

  #send(declaration: Declaration, args: readonly unknown[]): PromiseLike<unknown> {
    const { label, module, exportName } = declaration;
    if (module === undefined || exportName === undefined) throw unnamed(label);
    if (isEntryModule(module)) throw entryModule(label, module);
    const entry = bgEntry();
    if (entry === undefined) throw noEntry(label);
    const resumption: Resumption = { module, exportName, args, context: captureContext() };
    thread.controls.set(resumption, this);
    const result: unknown = entry(resumption);
    if (!isThenable(result)) throw badEntry(result);
    return result;
  }

  #follow(result: PromiseLike<unknown>): void {
    result.then(
      (value) => {
        this.#calls?.close();
        this.end('Completed', value);
      },
      (error) => {
        this.#calls?.close();
        this.endByThrow(this.#asCanceled(error));
      },
    );
  }

  /** A stop is told in the executor's own words when the work was not run, or when the class got lost on its way. */
  #asCanceled(error: unknown): unknown {
    if (!this.isCancelRequested || isCanceledError(error) || !(error instanceof Error))
      return error;
    const wasNotRun = 'code' in error && error.code === 'ERR_TASK_NOT_RUN';
    const isAbort = error.name === 'AbortError' || error.name === 'CanceledError';
    return wasNotRun || isAbort ? new CanceledError(error, 'canceled') : error;
  }
}

/** Runs a coroutine in the background; failures to get it there are the action's error. @internal */
export function launch(
  declaration: Declaration,
  args: readonly unknown[],
): AsyncActionBase<unknown> {
  return new RemoteRun(declaration.identity).begin(declaration, args);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
