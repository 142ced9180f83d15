/** C++/WinRT's `resume_foreground`, which here can only say where it is: a frame does not move. */
import { fgEntry } from './entries.js';
import { noWayBack } from './hop-error.js';
import { isInBackground } from './launch.js';
import { Operation } from './operation.js';

class ResumeForeground extends Operation<void> {
  protected start(): void {
    if (isInBackground()) {
      this.fail(noWayBack('resumeForeground()'));
      return;
    }
    const entry = fgEntry();
    if (entry === undefined) this.complete();
    else entry(() => this.complete());
  }

  protected stop(): boolean {
    return true;
  }
}

/**
 * On the thread that launches it goes on when the foreground entry says so (`setFgEntry`), without one at once. It is
 * refused on a pool thread: `foreground(fn, ...args)` calls back.
 *
 * @throws {HopError} ERR_HOP_BACK: on a pool thread
 */
export function resumeForeground(): Operation<void> {
  return new ResumeForeground();
}
