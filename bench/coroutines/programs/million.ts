/**
 * What many at once cost: memory of coroutines that wait, memory and time of timers. Nothing stands beside it.
 */
import { clock, coroutine, resumeAfter, Semaphore, type Timer } from '@netloom/coroutines';
import { check } from './cells.js';

export interface Figures {
  /** Of a coroutine that waits for a permit, with its action and its promise of an end. */
  readonly waitingBytes: number;
  /** Of a coroutine that waits for a time. */
  readonly sleepingBytes: number;
  readonly timerBytes: number;
  readonly insertUs: number;
  readonly cancelUs: number;
}

/** Measures with so many of each. Needs --expose-gc. */
export async function measureMany(count: number): Promise<Figures> {
  const waitingBytes = await waiting(count);
  const sleepingBytes = await sleeping(count);
  return { waitingBytes, sleepingBytes, ...timers(count) };
}

async function waiting(count: number): Promise<number> {
  const semaphore = new Semaphore(0);
  let ended = 0;
  const waits = coroutine(function* () {
    yield* semaphore.acquire();
    ended++;
    semaphore.release();
  });
  const before = heapBytes();
  const all = Array.from({ length: count }, () => waits());
  const bytes = (heapBytes() - before) / count;
  check(semaphore.waiting === count, 'all wait');
  semaphore.release();
  for (const one of all) await one;
  check(ended === count, 'all end');
  return bytes;
}

async function sleeping(count: number): Promise<number> {
  const sleeps = coroutine(function* () {
    yield* resumeAfter(3_600_000);
  });
  const before = heapBytes();
  const all = Array.from({ length: count }, () => sleeps());
  const bytes = (heapBytes() - before) / count;
  for (const one of all) one.cancel();
  for (const one of all) {
    await one.then(
      () => check(false, 'none wakes up'),
      () => {},
    );
  }
  check(
    all.every(({ status }) => status === 'Canceled'),
    'all are canceled',
  );
  return bytes;
}

function timers(count: number): Pick<Figures, 'timerBytes' | 'insertUs' | 'cancelUs'> {
  // In no order: a list that is kept sorted would show.
  const times = Float64Array.from({ length: count }, (_, i) => 1e6 + ((i * 7919) % 1e6));
  const fire = () => check(false, 'none fires');
  const all: Timer[] = new Array(count);
  const before = heapBytes();
  let start = process.cpuUsage();
  for (let i = 0; i < count; i++) all[i] = clock.setTimer(times[i] ?? 0, fire);
  const insertUs = spentUs(start) / count;
  const timerBytes = (heapBytes() - before) / count;
  start = process.cpuUsage();
  for (const timer of all) timer.cancel();
  return { timerBytes, insertUs, cancelUs: spentUs(start) / count };
}

function spentUs(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
