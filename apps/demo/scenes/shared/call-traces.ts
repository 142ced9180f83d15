/**
 * In which call a program waits, by the record that it keeps of its own calls: `@netloom/winsock-native/trace`.
 *
 * The kernel shows in which state a socket is, not which call of the program has returned.
 */
import { type CallRecord, readTrace } from '@netloom/winsock-native/trace';
import { within } from '../../theatre/kernel.js';
import { ScratchFolder } from '../../theatre/scratch-folder.js';

const VARIABLE = 'NETLOOM_TRACE_CALLS';
const LOOK_MS = 15_000;

/** Traces of the programs that are started with its `env`. */
export class CallTraces implements Disposable {
  /** For `theatre.start`. */
  readonly env: Readonly<Record<string, string>>;
  readonly #directory: string;
  readonly #folder: ScratchFolder | undefined;

  constructor() {
    // Where somebody traces the whole play already, these are read along.
    const given = process.env[VARIABLE];
    this.#folder = given ? undefined : new ScratchFolder();
    this.#directory = given || (this.#folder?.path ?? '');
    this.env = { [VARIABLE]: this.#directory };
  }

  /** The calls of a process so far, by their start. */
  of(pid: number): CallRecord[] {
    return readTrace(this.#directory).filter((record) => record.pid === pid);
  }

  /** Waits until a process has begun such a call, and it has not returned. */
  async begun(pid: number, call: string): Promise<CallRecord> {
    return within(
      LOOK_MS,
      () => {
        const last = this.of(pid).at(-1);
        return last?.call === call && last.durationNs === undefined ? last : undefined;
      },
      { en: `call of ${call} that waits`, zh: `正在等待的 ${call} 调用` },
    );
  }

  /** The call that a thread has begun last, if it has not returned. */
  unfinished(pid: number, kernelThreadId: number): string | undefined {
    const last = this.of(pid)
      .filter((record) => record.kernelThreadId === kernelThreadId)
      .at(-1);
    return last?.durationNs === undefined ? last?.call : undefined;
  }

  [Symbol.dispose](): void {
    this.#folder?.[Symbol.dispose]();
  }
}

/** A process's calls on its way through a connection: `connect = 0, recv …`, the dots where it has not returned. */
export function inShort(calls: readonly CallRecord[]): string {
  return calls
    .filter(({ call }) => call === 'connect' || call === 'recv')
    .map(({ call, result }) => (result === undefined ? `${call} …` : `${call} = ${result}`))
    .join(', ');
}
