/**
 * Which module is the program's entry: a task declared there would start the whole program again on every thread.
 */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

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
