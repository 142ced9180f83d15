/**
 * What is wrong with a trace in the Chrome format, by the rules of its description ("Trace Event Format", JSON object form;
 * process and thread metadata; complete and duration events) as far as the events that we write go.
 */

interface AnyEvent {
  readonly [key: string]: unknown;
}

const isWhole = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value);
const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0;
const isObject = (value: unknown): value is AnyEvent =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every fault, with the number of its event; none: any viewer of the format takes it. */
export function chromeFaults(trace: unknown): string[] {
  if (!isObject(trace) || !Array.isArray(trace.traceEvents)) return ['no object with traceEvents'];
  const faults: string[] = [];
  if (trace.displayTimeUnit !== 'ms' && trace.displayTimeUnit !== 'ns') {
    faults.push('displayTimeUnit is neither ms nor ns');
  }
  const events: unknown[] = trace.traceEvents;
  for (const [at, event] of events.entries()) {
    faults.push(...faultsOf(event).map((fault) => `event ${at}: ${fault}`));
  }
  const known = events.filter(isObject);
  return [...faults, ...missingNames(known), ...overlaps(known)];
}

function faultsOf(event: unknown): string[] {
  if (!isObject(event)) return ['no object'];
  const { name, ph, pid, tid, ts, dur, args } = event;
  const faults = [
    typeof name === 'string' && name !== '' ? '' : 'no name',
    isWhole(pid) ? '' : 'pid is no whole number',
    isWhole(tid) ? '' : 'tid is no whole number',
    args === undefined || isObject(args) ? '' : 'args is no object',
  ];
  switch (ph) {
    case 'M':
      faults.push(isObject(args) && typeof args.name === 'string' ? '' : 'metadata without a name');
      break;
    case 'X':
      faults.push(isTime(ts) ? '' : 'ts is no time', isTime(dur) ? '' : 'dur is no time');
      break;
    case 'B':
      faults.push(isTime(ts) ? '' : 'ts is no time', dur === undefined ? '' : 'a begin with dur');
      break;
    default:
      faults.push(`ph ${String(ph)} is none of ours`);
  }
  return faults.filter((fault) => fault !== '');
}

/** A viewer shows the numbers of processes and threads that have no name. */
function missingNames(events: readonly AnyEvent[]): string[] {
  const named = (what: string, id: 'pid' | 'tid') =>
    new Set(events.filter(({ ph, name }) => ph === 'M' && name === what).map((each) => each[id]));
  const [processes, threads] = [named('process_name', 'pid'), named('thread_name', 'tid')];
  const calls = events.filter(({ ph }) => ph !== 'M');
  return [
    ...calls
      .filter(({ pid }) => !processes.has(pid))
      .map(({ pid }) => `process ${pid} has no name`),
    ...calls.filter(({ tid }) => !threads.has(tid)).map(({ tid }) => `thread ${tid} has no name`),
  ];
}

/** Events of one thread must nest; calls of one thread follow each other, and nothing follows one that never ended. */
function overlaps(events: readonly AnyEvent[]): string[] {
  const ends = new Map<unknown, number>();
  const faults: string[] = [];
  for (const { ph, tid, ts, dur, name } of events) {
    if (ph === 'M' || typeof ts !== 'number') continue;
    if (ts < (ends.get(tid) ?? 0)) faults.push(`thread ${tid}: ${name} at ${ts} overlaps`);
    ends.set(tid, ph === 'B' ? Number.POSITIVE_INFINITY : ts + Number(dur));
  }
  return faults;
}
