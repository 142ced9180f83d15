/** Whether a program that is not ours is on this machine. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where the PATH has the command; `undefined` if nowhere. */
export function installed(command: string): string | undefined {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  const places = (process.env.PATH ?? '').split(delimiter).filter((place) => place !== '');
  return places
    .flatMap((place) => endings.map((ending) => join(place, command + ending)))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: either way the answer is no.
    return false;
  }
}
