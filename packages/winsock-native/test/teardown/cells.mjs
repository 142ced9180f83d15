// The teardown matrix: what a thread may be doing, the ways in which it ends meanwhile, and why a cell cannot exist.
import { isWindows } from '../addon.mjs';
import { PREPARE } from '../blocking/calls.mjs';

export const OPEN = [
  'created',
  'bound',
  'listening',
  'connecting',
  'connected',
  'waiting',
  'closing',
];
export const BLOCKED = Object.keys(PREPARE).map((name) => `blocked in ${name}`);
const CLOSING = 'blocked in closesocket';
/** A worker that was woken by closesocket goes on by itself: only the death of the process is a cell of its own. */
export const CLOSED = 'blocked and closed';
export const BATCH = 'batch being delivered';
export const TOGETHER = 'all at once';
/** One worker in each. */
export const EVERY_WORKER = [TOGETHER, ...BLOCKED.filter(canBlock), CLOSED, BATCH].join();

const MAIN_ENDS = [
  'process.exit',
  'process.exit in a callback',
  'uncaught exception',
  'uncaught exception in a callback',
  'nothing left to do',
];

/**
 * The three tables: who ends, what a repeat is, the ends (columns) and the states (rows).
 * `bare`: the arguments of the same life without a socket, for the exit code that Node gives by itself.
 */
export const TABLES = [
  {
    who: 'the main thread',
    title: 'the main thread ends by %s while a socket is',
    repeat: 'one process that reached the state and died in it',
    ends: MAIN_ENDS,
    states: [...OPEN, TOGETHER, BATCH, ...BLOCKED],
  },
  {
    who: 'a worker',
    title: 'a worker ends by %s while a socket is',
    repeat:
      'one worker with an environment of its own, up to ten at a time in one process, which lives on and has no descriptor more',
    ends: ['terminated', ...MAIN_ENDS, 'out of memory'],
    states: [...OPEN, TOGETHER, BATCH, ...BLOCKED],
  },
  {
    who: 'the process around a worker',
    title: 'the process ends by %s while a worker has a socket that is',
    repeat: 'one process that died around so many workers in the state',
    ends: ['process.exit here', 'uncaught exception here'],
    states: [...OPEN, TOGETHER, BATCH, ...BLOCKED, CLOSED, EVERY_WORKER],
  },
];

/** How a row is called where it is shown. */
export const nameOf = (state) => (state === EVERY_WORKER ? 'one worker in each' : state);

const IS_BLOCKED = 'a thread inside a blocking call runs no JavaScript';
const NEVER_WAITS = 'closesocket does not wait here';
const IS_CALLBACK = 'a batch is being delivered only inside a callback';
const IN_BATCH = 'the callback has returned before the event loop ends';

/** WINDOWS: no count of unsent bytes on every version, so its time to linger is the system's affair. */
function canBlock(state) {
  return !(isWindows && state === CLOSING);
}

/** Why a cell cannot exist; undefined where it does. */
export function impossible(end, state) {
  if (!canBlock(state)) return NEVER_WAITS;
  if (end === 'terminated' || end.endsWith(' here')) return undefined;
  if (BLOCKED.includes(state)) return IS_BLOCKED;
  if (state !== BATCH || end === 'out of memory') return undefined;
  if (end === 'nothing left to do') return IN_BATCH;
  return end.endsWith('in a callback') ? undefined : IS_CALLBACK;
}
