/**
 * One task that runs on this thread, as its context and with what it asked of its original.
 */
import { threadId } from 'node:worker_threads';
import { ABORTED, type Callee, type Running, type RunningTask } from './callee.js';
import {
  discard,
  discardArrived,
  type Packed,
  pack,
  type Taken,
  UnpackError,
  unpack,
} from './crossing.js';
import type { Repairs } from './crossing-wire.js';
import { type FieldsNews, type FromThread, PROGRESS, REQUEST } from './messages.js';
import type { TaskQueue } from './task-queue.js';
import { threadResources } from './thread-set-up.js';

type Post = (message: FromThread, packed?: Packed) => void;

/** A task that this thread was offered and has not claimed. */
export interface Offer {
  readonly slot: number;
  readonly id: number;
  readonly kind: Kind;
  /** Of the instances among the fields in its slot. */
  readonly classes: number;
  /** Its fields, when they came as a message. */
  readonly fields: FieldsNews | undefined;
  /** Where they are, when they are a text; else 0. */
  readonly text: number;
}

/** A class of tasks, or a function, on this thread. */
export interface Kind {
  readonly module: string;
  readonly exportName: string;
  readonly concurrency: number;
  readonly isFunction: boolean;
  /** The fields come with what the carried storages held. */
  readonly carries: boolean;
  /** Runs one; undefined until all that came before it was loaded have begun: nobody overtakes them. */
  call: Callee | undefined;
  /** The same, for all that come before it is loaded; another after it could not be. */
  loading: Promise<Callee> | undefined;
  /** How many have not begun, because something of theirs is being imported. */
  loads: number;
  /** How many run here or are about to, while what they need is imported. */
  running: number;
  /** Came early, while as many as may were running. */
  readonly waiting: TaskQueue<Offer>;
}

/** What a task asked and was not answered yet. */
interface Asked {
  readonly run: Run;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

const requests = new Map<number, Asked>();
let nextRequest = 1;

/** One task that runs here; what it sees as its context. */
export class Run implements Running {
  readonly slot: number;
  readonly id: number;
  readonly kind: Kind;
  readonly threadId = threadId;
  began = 0;
  hasAsked = false;
  hasEnded = false;
  /** The copy that runs; undefined for a function. */
  task: RunningTask | undefined;
  /** What it asked and was not answered yet. */
  #open: Set<number> | undefined;
  #controller: AbortController | undefined;
  #post: Post;

  constructor(slot: number, id: number, kind: Kind, post: Post) {
    this.slot = slot;
    this.id = id;
    this.kind = kind;
    this.#post = post;
  }

  get [ABORTED](): true {
    return true;
  }

  /** Made when it is first asked for: most tasks never do. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
    this.task?.[ABORTED]?.(this.#controller.signal.reason);
  }

  async request(message: unknown): Promise<unknown> {
    if (this.hasEnded) throw new TypeError('a task that has ended cannot ask its original');
    const packed = pack(message, 'message');
    this.hasAsked = true;
    const number = nextRequest++;
    const answer = new Promise((resolve, reject) =>
      requests.set(number, { run: this, resolve, reject }),
    );
    this.#open ??= new Set();
    this.#open.add(number);
    try {
      this.#post([REQUEST, this.slot, this.id, number, packed.value, packed.repairs], packed);
    } catch (error) {
      this.answered(number);
      discard(packed);
      throw error;
    }
    return answer;
  }

  get resources(): unknown {
    return threadResources();
  }

  progress(value: unknown): void {
    if (this.hasEnded) throw new TypeError('a task that has ended cannot tell how far it is');
    const packed = pack(value, 'value');
    this.hasAsked = true;
    try {
      this.#post([PROGRESS, this.slot, this.id, packed.value, packed.repairs], packed);
    } catch (error) {
      discard(packed);
      throw error;
    }
  }

  /** It has ended: nobody waits for what it asked any more, or nobody should. */
  end(): void {
    this.hasEnded = true;
    for (const number of this.#open ?? []) requests.delete(number);
  }

  /** Nobody waits for this answer any more. */
  answered(number: number): void {
    requests.delete(number);
    this.#open?.delete(number);
  }
}

/** Brings an answer to whoever asked. */
export async function answer(
  number: number,
  isError: boolean,
  value: unknown,
  repairs: Repairs | undefined,
  taken: Taken | undefined,
): Promise<void> {
  const asked = requests.get(number);
  asked?.run.answered(number);
  if (asked === undefined) return discardArrived(repairs, taken);
  try {
    const made = await unpack(value, repairs, taken);
    if (isError) asked.reject(made);
    else asked.resolve(made);
  } catch (error) {
    asked.reject(error instanceof UnpackError ? error.cause : error);
  }
}
