/** The thread's side of poolifier: threads of a fixed pool are never ended for being idle. */
import { ThreadWorker } from 'poolifier';
import { type Arrival, address, empty, fib, type Order, object, spin } from './tasks.js';

// SAFETY: every call is made in alternatives.ts, with what the function of that name takes.
export default new ThreadWorker({
  empty: () => empty(),
  address: (data?: unknown) => address(data as Arrival),
  object: (data?: unknown) => object(data as Order),
  fib: (data?: unknown) => fib(data as number),
  spin: (data?: unknown) => spin(data as number),
});
