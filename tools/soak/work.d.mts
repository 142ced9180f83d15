import type { Coroutine } from '@netloom/coroutines';
import type { ITask } from '@netloom/threadpool';

export type What = 'give' | 'throw' | 'wait' | 'last' | 'load' | 'exit' | 'uncaught';

export class Work implements ITask<number> {
  constructor(begun: Int32Array, at: number, what: What, signal?: AbortSignal);
  runTask(): Promise<number>;
}
export class Short implements ITask<number> {
  constructor(begun: Int32Array, at: number);
  runTask(): number;
}
export const there: Coroutine<[begun: Int32Array, at: number, ms: number], number>;
