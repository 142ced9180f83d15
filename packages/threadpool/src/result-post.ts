/**
 * Results that do not fit into a slot, as messages: those of one turn together. Inside a thread.
 */
import type { MessagePort } from 'node:worker_threads';
import { discard, type Packed, pack } from './crossing.js';
import {
  type Ending,
  type FromThread,
  RESULTS,
  RETURNED,
  type ResultNews,
  THREW,
} from './messages.js';
import { packAnyway, packRefusal } from './pack-anyway.js';
import { requireHere } from './transfer.js';

/** What has ended and was not told. */
export class ResultPost {
  readonly #port: MessagePort;
  #unsent: { news: ResultNews; packed: Packed }[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** Tells how a task ended, at the end of this turn; `left` as in {@link ResultNews}. */
  add(
    slot: number,
    id: number,
    ending: Ending,
    value: unknown,
    left: readonly number[] | undefined,
  ): void {
    let packed: Packed;
    let how = ending;
    if (ending === RETURNED) {
      try {
        packed = pack(value, 'result');
      } catch (error) {
        packed = packRefusal(error, 'result');
        how = THREW;
      }
    } else packed = packAnyway(value, 'error');
    const news: ResultNews = [slot, id, how, packed.value, packed.repairs];
    if (left !== undefined) news.push(left);
    this.#unsent.push({ news, packed });
    if (this.#unsent.length === 1) queueMicrotask(() => this.flush());
  }

  /** Tells it now. */
  flush(): void {
    if (this.#unsent.length === 0) return;
    const batch = this.#unsent;
    this.#unsent = [];
    try {
      const moved = batch.flatMap(({ packed }) => packed.transfer ?? []);
      requireHere(moved, 'result');
      this.#port.postMessage([RESULTS, batch.map(({ news }) => news)] satisfies FromThread, moved);
    } catch {
      for (const one of batch) this.#flushOne(one.news, one.packed);
    }
  }

  #flushOne(news: ResultNews, packed: Packed): void {
    try {
      requireHere(packed.transfer ?? [], 'result');
      this.#post([RESULTS, [news]], packed);
    } catch (error) {
      discard(packed);
      const refused = packRefusal(error, 'result');
      this.#post([RESULTS, [[news[0], news[1], THREW, refused.value, refused.repairs]]]);
    }
  }

  #post(message: FromThread, packed?: Packed): void {
    this.#port.postMessage(message, packed?.transfer ?? []);
  }
}
