/** Which processes are there, by a word of their command line. */
import { readdirSync, readFileSync } from 'node:fs';

/** Command lines of living processes that have this word among theirs. */
export function processesWith(word: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine)
    .filter((words) => words.includes(word))
    .map((words) => words.join(' '));
}

/** Empty for one that has ended, or has ended meanwhile. */
function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
