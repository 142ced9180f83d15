/**
 * How small fields stand in a task's slot: a byte that says what a value is, then what belongs to it. Written by
 * `slot-writer.ts`, read by `slot-reader.ts`.
 */

/** What a slot holds of a task's fields: a sockaddr, a descriptor, and some more. */
export const PAYLOAD_BYTES = 192;

export const UNDEFINED = 0;
export const NULL = 1;
export const TRUE = 2;
export const FALSE = 3;
export const INTEGER = 4;
export const NUMBER = 5;
export const TEXT = 6;
export const WORD = 7;
export const BYTES = 8;
export const ARRAY = 9;
export const OBJECT = 10;
/** An item that an array does not have. */
export const ABSENT = 11;

export const BY_INDEX = 0;
export const BY_NAME = 1;

/** Objects, arrays and buffers by number. Never made shorter: setting an array's length costs more than all else here. */
export class Containers {
  #list: (object | undefined)[] = [];
  #size = 0;

  push(one: object): void {
    this.#list[this.#size++] = one;
  }

  indexOf(one: object): number {
    for (let i = 0; i < this.#size; i++) if (this.#list[i] === one) return i;
    return -1;
  }

  at(number: number): object {
    const one = this.#list[number];
    if (one === undefined) throw new RangeError(`no container has number ${number}`);
    return one;
  }

  clear(): void {
    while (this.#size > 0) this.#list[--this.#size] = undefined;
  }
}
