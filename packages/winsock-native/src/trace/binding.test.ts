import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { native } from '../native.js';
import { CALLS } from './calls.js';

/** Functions of the binding that are no calls to the system, the reactor's housekeeping, and look-ups, which other threads do. */
const NOT_TRACED = [
  'lastError',
  'reactorArm',
  'reactorOpen',
  'reactorRef',
  'resolverAddresses',
  'resolverCancel',
  'resolverNames',
  'resolverOpen',
  'resolverTake',
  'setLastError',
  'threadId',
  'wsaFromSystem',
];

describe('tracing', () => {
  test('costs nothing where it is not asked for: the binding is the very object of the addon', () => {
    expect(process.env.NETLOOM_TRACE_CALLS).toBe(undefined);
    const require = createRequire(import.meta.url);
    expect(native).toBe(
      require('node-gyp-build')(fileURLToPath(new URL('../..', import.meta.url))),
    );
  });

  test('has a row for every function of the addon but those that are no calls', () => {
    const functions = Object.entries(native)
      .filter(([, value]) => typeof value === 'function')
      .map(([name]) => name);
    expect(functions.toSorted()).toEqual([...Object.keys(CALLS), ...NOT_TRACED].toSorted());
  });
});
