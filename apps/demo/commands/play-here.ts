/** Plays a scene as this process's last deed. */
import { type DirectorOptions, play } from '../theatre/director.js';
import type { Play } from '../theatre/play.js';

/**
 * Plays, and exits with the outcome once all output is written.
 *
 * A scene that was stopped may still wait for something of its own, for seconds; nobody wants that any more.
 */
export async function playHere(it: Play, options: DirectorOptions): Promise<number> {
  const exitCode = await play(it, options);
  process.stderr.write('', () => process.stdout.write('', () => process.exit(exitCode)));
  return exitCode;
}
