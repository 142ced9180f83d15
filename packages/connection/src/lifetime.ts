/**
 * The time limits of a whole connection: how long it may be silent, and how long it may live.
 *
 * Exists only where one was asked for. A byte costs one look at the clock; one timer at a time sees to the silence.
 */
import { clock, type Timer } from '@netloom/coroutines';
import { NO_TIMEOUT } from './deadline.js';
import type { Stream } from './stream.js';

/** Timers count whole milliseconds. */
const TIMER_STEP_MS = 1;

/** Closes the stream when it has been silent, or open, for too long. */
export function limitLifetime(stream: Stream, idleMs: number, lifetimeMs: number): void {
  const timers: { idle?: Timer; lifetime?: Timer } = {};
  if (lifetimeMs !== NO_TIMEOUT) {
    timers.lifetime = clock.setTimer(lifetimeMs, () =>
      stream.expire(`lifetimeMs passed: ${lifetimeMs}`),
    );
  }
  let onTraffic: (() => void) | undefined;
  if (idleMs !== NO_TIMEOUT) {
    let latestAtMs = clock.now();
    const ring = () => {
      const left = latestAtMs + idleMs - clock.now();
      if (left < TIMER_STEP_MS) stream.expire(`idleTimeoutMs passed: ${idleMs}`);
      else timers.idle = clock.setTimer(left, ring);
    };
    timers.idle = clock.setTimer(idleMs, ring);
    onTraffic = () => {
      latestAtMs = clock.now();
    };
  }
  stream.observe(onTraffic, () => {
    timers.idle?.cancel();
    timers.lifetime?.cancel();
  });
}
