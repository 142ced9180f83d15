/** What the servers of stages 10 to 12 print, read back: who was served on which thread. */
import type { Actor } from '../../theatre/scene.js';

/** A thread as a program names it: `thread 3 (kernel id 4711)`. */
export interface NamedThread {
  readonly name: string;
  readonly kernelId: number;
}

export interface Served extends NamedThread {
  /** The client's port. */
  readonly port: number;
}

export interface Message extends NamedThread {
  readonly text: string;
}

const THREAD = String.raw`(thread \d+ \(kernel id (\d+)\))`;
const SERVED = new RegExp(String.raw`^client address: \S+, port: (\d+), on ${THREAD}$`, 'gm');
const CALLED = new RegExp(`^workerAsync called on ${THREAD}$`, 'gm');
const MESSAGE = new RegExp(`^((?!client address).*), on ${THREAD}$`, 'gm');

/** The clients in the order in which a thread began with them. */
export function servedBy(server: Actor): Served[] {
  return [...server.out.matchAll(SERVED)].map(([, port, name = '', id]) => ({
    port: Number(port),
    name,
    kernelId: Number(id),
  }));
}

/** The threads that called the coroutine. */
export function calledOn(server: Actor): NamedThread[] {
  return [...server.out.matchAll(CALLED)].map(([, name = '', id]) => ({
    name,
    kernelId: Number(id),
  }));
}

/** What the clients said, in the order in which it was printed; empty where one left without a word. */
export function messagesOf(server: Actor): Message[] {
  return [...server.out.matchAll(MESSAGE)].map(([, text = '', name = '', id]) => ({
    text,
    name,
    kernelId: Number(id),
  }));
}

/** Waits until a program has printed so many lines that begin like this. */
export async function printedTimes(actor: Actor, begin: string, count: number): Promise<void> {
  await actor.printed(new RegExp(`(?:^${begin}.*$[^]*?){${count}}`, 'm'));
}

/** How many different threads these are. */
export function differentThreads(threads: readonly NamedThread[]): number {
  return new Set(threads.map(({ kernelId }) => kernelId)).size;
}
