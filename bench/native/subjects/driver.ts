/**
 * The JavaScript side of `c/native-driver.h`: lines `NAME COUNT` in, one JSON object a line out. CPU time of the whole
 * process, V8's own threads included.
 */
import { createInterface } from 'node:readline';

/** Does an operation so many times. */
export type Operation = (count: number, tally: Tally) => void | Promise<void>;

/** What an operation tells: which part of it is timed, and how many answers were wrong. */
export class Tally {
  wrong = 0;
  #us = 0;
  #begun: NodeJS.CpuUsage | undefined;

  start(): void {
    this.#begun = process.cpuUsage();
  }

  stop(): void {
    const { user, system } = process.cpuUsage(this.#begun);
    this.#us += user + system;
  }

  answer(count: number): string {
    return JSON.stringify({ ns: (this.#us * 1000) / count, wrong: this.wrong });
  }
}

/** Answers each line, in turn, until the input ends. */
export async function drive(operations: Readonly<Record<string, Operation>>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name = '', text] = line.split(' ');
    const operation = operations[name];
    if (operation === undefined) throw new RangeError(`there is no operation ${name}`);
    const count = Number(text);
    const tally = new Tally();
    await operation(count, tally);
    console.log(tally.answer(count));
  }
  process.exit(0);
}
