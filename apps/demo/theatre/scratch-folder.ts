/** A folder for what a play needs on disk; gone when the play is over, however it ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class ScratchFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'netloom-'));
  /** A scene that is stopped is not resumed, so that what it would do at its end has to hang here too. */
  readonly #remove = () => rmSync(this.path, { recursive: true, force: true });

  constructor() {
    process.on('exit', this.#remove);
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#remove);
    this.#remove();
  }
}
