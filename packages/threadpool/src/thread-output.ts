/**
 * What threads write to their stdout and stderr, as the pool's event instead of on the program's own.
 *
 * It takes the pool's own way. Node's would keep the process alive: who reads `worker.stdout` refs a port of Node's that
 * nobody else can unref. And it would keep back what a thread writes before it blocks.
 */
import { StringDecoder } from 'node:string_decoder';

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

/** Where a piece of output goes. */
export type TellOutput = (stream: ThreadOutput['stream'], text: string) => void;

/** On the pool's side: hands on what the thread wrote. */
export function tellerOf(writer: Writer, onOutput: (output: ThreadOutput) => void): TellOutput {
  return (stream, text) => {
    const { index, threadId, name } = writer;
    try {
      onOutput({ index, threadId, name, stream, text });
    } catch (error) {
      // What a listener throws must not stand between a task and its end.
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}

/** Inside a thread: from here on its streams write there. */
export function passOutput(tell: TellOutput): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const decoder = new StringDecoder('utf8');
    process[stream]._write = (chunk: string | Uint8Array, encoding, done) => {
      const text = decoder.write(
        typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk),
      );
      if (text !== '') tell(stream, text);
      done();
    };
    // Node's own way to write several at once.
    Object.defineProperty(process[stream], '_writev', { value: undefined });
  }
}
