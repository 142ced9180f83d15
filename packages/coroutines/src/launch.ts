import type { AsyncActionBase } from './async-action.js';
import type { Declaration } from './coroutine.js';
export function isInBackground(): boolean {
  return true;
}
export function launch(_d: Declaration, _args: readonly unknown[]): AsyncActionBase<unknown> {
  throw new Error('not yet');
}
