/**
 * Which module is the program's entry: a thread that imported it, for whatever is declared there, would start the whole
 * program again.
 */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { TaskError } from './task-error.js';

let entry: string | undefined;
let isKnown = false;
const answers = new Map<string, boolean>();

/** Whether a module's URL is that of the program's entry, links followed. */
export function isEntryModule(module: string): boolean {
  let answer = answers.get(module);
  if (answer === undefined) {
    answer = module.startsWith('file:') && pathOf(module) === entryPath();
    answers.set(module, answer);
  }
  return answer;
}

/**
 * Refuses the program's entry.
 *
 * @param what - begins the message, with its verb
 * @throws {TaskError} ERR_TASK_ENTRY_MODULE
 */
export function refuseEntryModule(module: string, what: string): void {
  if (!isEntryModule(module)) return;
  throw new TaskError(
    `${what} the program's entry module ${module}, which would start again on every thread: move it to a module of its own and import it`,
    { code: 'ERR_TASK_ENTRY_MODULE' },
  );
}

function entryPath(): string | undefined {
  if (isKnown) return entry;
  isKnown = true;
  const named = process.argv[1];
  if (named === undefined) return undefined;
  try {
    // `node main` and `node .` leave the extension and the file to Node's resolution.
    entry = realpathSync(createRequire(import.meta.url).resolve(named));
  } catch {
    entry = undefined;
  }
  return entry;
}

function pathOf(module: string): string | undefined {
  try {
    return realpathSync(fileURLToPath(module));
  } catch {
    return undefined;
  }
}
