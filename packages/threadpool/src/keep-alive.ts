/**
 * Keeps the process alive while something is pending, and only then.
 *
 * One handle for the whole pool: asking each thread to do it would cost two calls into Node per task.
 */
import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** A handle that does nothing but hold. */
export class KeepAlive {
  #port: MessagePort;

  constructor() {
    this.#port = new MessageChannel().port1;
    this.#port.unref();
  }

  hold(): void {
    this.#port.ref();
  }

  release(): void {
    this.#port.unref();
  }

  /** Resolves when the handle is gone, so that nothing of a closed pool is left to be seen. */
  async close(): Promise<void> {
    const closed = once(this.#port, 'close');
    this.#port.close();
    await closed;
  }
}
