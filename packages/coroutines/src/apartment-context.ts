/**
 * The thread one was called on, to be named later: C++/WinRT's `apartment_context`.
 *
 * There it brings the coroutine back. A frame does not move here, so that waiting for a context does nothing on its own
 * thread and is refused on every other. It may cross as an argument, and still knows its thread.
 */
import { noWayBack } from './hop-error.js';
import { Operation, type Suspension } from './operation.js';
import { thread } from './thread-state.js';

const DEHYDRATE = Symbol.for('netloom.dehydrate');
const REVIVE = Symbol.for('netloom.revive');
const DISCARD = Symbol.for('netloom.discard');

class ResumeApartment extends Operation<void> {
  readonly #isHere: boolean;

  constructor(isHere: boolean) {
    super();
    this.#isHere = isHere;
  }

  protected start(): void {
    if (this.#isHere) this.complete();
    else this.fail(noWayBack('apartmentContext()'));
  }

  protected stop(): boolean {
    return true;
  }
}

/** A thread, remembered. Made by {@link apartmentContext}. */
export class ApartmentContext implements PromiseLike<void> {
  /** Where the other side of a crossing finds the class. */
  static readonly module: string = import.meta.url;
  static readonly exportName = 'ApartmentContext';

  readonly #home: string;

  /** @internal */
  constructor(home: string) {
    this.#home = home;
  }

  /** Whether this code runs on the thread that is meant. */
  get isHere(): boolean {
    return this.#home === thread.name;
  }

  /**
   * Goes on where it is meant to.
   *
   * @throws {HopError} ERR_HOP_BACK: this is another thread
   */
  [Symbol.iterator](): Iterator<Suspension, void, undefined> {
    return new ResumeApartment(this.isHere)[Symbol.iterator]();
  }

  /** The same for `await`. */
  // biome-ignore lint/suspicious/noThenProperty: C++ waits for the context itself.
  then<R1 = void, R2 = never>(
    // biome-ignore lint/suspicious/noConfusingVoidType: as PromiseLike<void> has it.
    onCompleted?: ((value: void) => R1 | PromiseLike<R1>) | null,
    onFailed?: ((error: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return new ResumeApartment(this.isHere).then(onCompleted, onFailed);
  }

  /** For the pool's crossing. @internal */
  [DEHYDRATE](): object {
    const { module, exportName } = ApartmentContext;
    return { module, exportName, data: this.#home };
  }

  /** @internal */
  static [REVIVE](home: string): ApartmentContext {
    return new ApartmentContext(home);
  }

  /** @internal */
  static [DISCARD](): void {}
}

/** Remembers the calling thread. */
export function apartmentContext(): ApartmentContext {
  return new ApartmentContext(thread.name);
}
