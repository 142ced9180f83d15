/**
 * Texts that both sides of a thread know by number: names of fields, and values that come again and again, as the URL of
 * a module does. So they fit into a slot, and cost nothing to read.
 */
import type { ClassNews } from './messages.js';

/** How many texts a thread is told at most; others travel as messages. */
const MOST_WORDS = 512;
/** A longer one is not worth keeping on every thread. */
const LONGEST = 256;
/** Texts that were seen once; remembered a while, because most never come again. */
const MOST_SEEN = 128;
/** Seven bits, so that four numbers fit into a word of an entry, and 0 means none. */
const MOST_CLASSES = 127;

/** The pool's list for one thread. */
export class Words {
  #numbers = new Map<string, number>();
  #seen = new Set<string>();
  #classes = new Map<string, Map<string, number>>();
  #classCount = 0;
  /** What the thread has not been told. */
  newWords: string[] = [];
  newClasses: ClassNews[] = [];

  /** The number of a name; -1 when there are too many. */
  ofName(name: string): number {
    return this.#numbers.get(name) ?? this.#add(name);
  }

  /** The number of a text that has come before; else -1. */
  ofText(text: string): number {
    const number = this.#numbers.get(text);
    if (number !== undefined) return number;
    if (text.length > LONGEST || this.#numbers.size >= MOST_WORDS) return -1;
    if (this.#seen.delete(text)) return this.#add(text);
    if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
    this.#seen.add(text);
    return -1;
  }

  /** The number of a class that instances are of; 0 when there are too many. */
  ofClass(module: string, exportName: string): number {
    let names = this.#classes.get(module);
    const known = names?.get(exportName);
    if (known !== undefined) return known;
    if (this.#classCount >= MOST_CLASSES) return 0;
    if (names === undefined) {
      names = new Map();
      this.#classes.set(module, names);
    }
    const number = ++this.#classCount;
    names.set(exportName, number);
    this.newClasses.push([module, exportName]);
    return number;
  }

  #add(text: string): number {
    const number = this.#numbers.size;
    if (number >= MOST_WORDS) return -1;
    this.#numbers.set(text, number);
    this.newWords.push(text);
    return number;
  }
}
