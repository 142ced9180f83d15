/** The switch to the background, as a statement: C++/WinRT's `resume_background`. */
import { currentOwner } from './current-owner.js';
import { notFirst, unnamed } from './hop-error.js';
import { isInBackground } from './launch.js';
import { Operation } from './operation.js';

class ResumeBackground extends Operation<void> {
  protected start(): void {
    if (isInBackground()) {
      this.complete();
      return;
    }
    // A body that begins with this never gets here: calling it launched it elsewhere.
    const identity = currentOwner()?.identity;
    this.fail(
      identity !== undefined && !identity.isNamed
        ? unnamed(identity.label)
        : notFirst(identity?.label),
    );
  }

  protected stop(): boolean {
    return true;
  }
}

/**
 * As the first statement of a coroutine: the whole body runs on a pool thread.
 *
 * Calling the coroutine then runs none of it here: module, name, arguments, cancellation and context go to the
 * background entry (`setBgEntry`), and the body runs from its beginning over there, where this does nothing.
 *
 * @throws {HopError} ERR_HOP_NOT_FIRST: reached on the calling thread; ERR_HOP_UNNAMED: the same, without a name
 * @see setBgEntry for a whole program
 */
export function resumeBackground(): Operation<void> {
  return new ResumeBackground();
}
