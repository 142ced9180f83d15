/** What a listing does when no call failed and it still cannot go on. */
import { printError } from './print.js';

/** Prints why. @returns 1, the exit code of a listing that gives up */
export function gaveUp(why: string): 1 {
  printError(why);
  return 1;
}
