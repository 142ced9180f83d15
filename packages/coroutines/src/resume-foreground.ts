/** C++/WinRT's `resume_foreground`, which here can only say where it is: a frame does not move. */
import { noWayBack } from './hop-error.js';
import { isInBackground } from './launch.js';
import { Operation } from './operation.js';

class ResumeForeground extends Operation<void> {
  protected start(): void {
    if (isInBackground()) this.fail(noWayBack('resumeForeground()'));
    else this.complete();
  }

  protected stop(): boolean {
    return true;
  }
}

/**
 * Does nothing on the thread that launches, and is refused on a pool thread: `foreground(fn, ...args)` calls back.
 *
 * @throws {HopError} ERR_HOP_BACK: on a pool thread
 */
export function resumeForeground(): Operation<void> {
  return new ResumeForeground();
}
