/** The end of a scope, waited for: children, then clean-ups. */
import type { AsyncActionBase } from './async-action.js';
import { isFinal } from './cancellation.js';
import { Operation } from './operation.js';

/** What the end needs of its scope. @internal */
export interface Ending {
  readonly hasChildren: boolean;
  cancel(reason: unknown): void;
  /** Begins the clean-ups, once. */
  cleanUp(): AsyncActionBase<unknown>;
  /** What it throws, all told; undefined when nothing has failed. */
  failure(): { readonly error: unknown } | undefined;
}

/** @internal */
export class ScopeEnd extends Operation<void> {
  readonly #scope: Ending;
  #isStarted = false;
  #cleanups: AsyncActionBase<unknown> | undefined;
  #stopped: { readonly reason: unknown } | undefined;
  /** Who wants to know that it has ended, and not how. */
  readonly #bystanders: (() => void)[] = [];

  constructor(scope: Ending) {
    super();
    this.#scope = scope;
  }

  override toString(): string {
    return 'scope.join()';
  }

  protected override get holdsStartedWork(): boolean {
    return true;
  }

  protected start(): void {
    this.#isStarted = true;
    if (!this.#scope.hasChildren) this.childrenEnded();
  }

  protected stop(reason: unknown): boolean {
    this.#stopped ??= { reason };
    this.#scope.cancel(reason);
    return false;
  }

  /** Clean-ups are not stopped, but by the end of a grace. */
  forceCleanups(reason: unknown): void {
    if (isFinal(reason)) this.#cleanups?.cancel(reason);
  }

  childrenEnded(): void {
    if (!this.#isStarted) return;
    this.#isStarted = false;
    this.#cleanups = this.#scope.cleanUp();
    this.#cleanups.completed = () => {
      const failure = this.#scope.failure() ?? this.#stopped;
      if (failure === undefined) this.complete();
      else this.fail('error' in failure ? failure.error : failure.reason);
      for (const tell of this.#bystanders) tell();
    };
  }

  /** Waits beside whoever waits for it. */
  async untilEnded(): Promise<void> {
    if (this.isPending) await new Promise<void>((resolve) => this.#bystanders.push(resolve));
  }
}
