import * as threadpool from '@netloom/threadpool';
import { expect, it } from 'vitest';

it('exports these values and no others', () => {
  expect(Object.keys(threadpool).sort()).toEqual([
    'TaskError',
    'TaskGroup',
    'ThreadPool',
    'carryContext',
    'transfer',
  ]);
});

it('starts no thread and arms no timer when it is imported', () => {
  const active = process.getActiveResourcesInfo();
  expect(active.filter((name) => name === 'Worker')).toEqual([]);
});
