/** For tests of programs with coroutines: time, order, leaks, and a look at what lives. The table of contents. */

// Time and order

export {
  type Exploration,
  type ExploreOptions,
  explore,
  runSeeds,
  ScheduleError,
  type SeedOptions,
} from './testing/explore.js';
export { runTest, StuckError, type TestOptions } from './testing/run-test.js';
export { VirtualClock } from './testing/virtual-clock.js';

// What lives

export { type LiveCoroutine, type Watch, watchCoroutines } from './live.js';
export { type DumpOptions, dump, dumpOnSignal, type SignalDump } from './testing/dump.js';
export { detectLeaks, LeakDetector, LeakError } from './testing/leaks.js';
export { setTracing } from './tracing.js';
