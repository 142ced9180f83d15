/**
 * What threads write to their stdout and stderr, as the pool's event instead of on the program's own.
 */
import type { Worker } from 'node:worker_threads';

/** Something that a thread wrote. */
export interface ThreadOutput {
  readonly index: number;
  readonly threadId: number;
  readonly name: string;
  readonly stream: 'stdout' | 'stderr';
  /** Text as it was written; a line may come in several pieces. */
  readonly text: string;
}

type Writer = Pick<ThreadOutput, 'index' | 'threadId' | 'name'>;

/** Hands on what the thread writes. */
export function passOutput(
  worker: Worker,
  writer: Writer,
  onOutput: (output: ThreadOutput) => void,
): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    worker[stream].setEncoding('utf8');
    worker[stream].on('data', (text: string) => {
      const { index, threadId, name } = writer;
      onOutput({ index, threadId, name, stream, text });
    });
  }
}
