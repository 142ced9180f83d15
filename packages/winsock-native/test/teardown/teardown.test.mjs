/**
 * Dying well: in every state of a socket's life a process or a worker ends with the exit code that Node gives without us,
 * by no signal, and leaves no descriptor in a process that lives on.
 *
 * The expected code is measured: the same fixture with the state `nothing` has no socket and does not load the addon.
 *
 * Starting a process costs more than all that happens in it. So the normal run dies TOGETHER times in a life that holds all
 * the states which can exist side by side, and ALONE times in each by itself; NETLOOM_TEARDOWN_REPEATS sets both. Workers
 * that end in the same way do so in one process, state after state.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const TOGETHER = Number(process.env.NETLOOM_TEARDOWN_REPEATS ?? 20);
const ALONE = Number(process.env.NETLOOM_TEARDOWN_REPEATS ?? 1);
// Processes: a main thread that ends computes; one that ends its workers mostly waits for those that are blocked.
const MAIN_AT_A_TIME = 4;
const HOSTS_AT_A_TIME = 8;
// A life is 0.1 to 0.5 s; generous, because the machine does other things too. What hangs is killed, and seen as a signal.
const LIFE_MS = 20_000;
const CELL_MS = LIFE_MS + TOGETHER * 1000;
// All the states of an end, one after the other.
const END_MS = LIFE_MS + TOGETHER * 4000;

const OPEN = ['created', 'bound', 'listening', 'connecting', 'connected', 'waiting', 'closing'];
const BLOCKED = ['blocked in accept', 'blocked in recv', 'blocked in connect', 'blocked in poll'];
const BATCH = 'batch being delivered';
const OPEN_TOGETHER = 'all at once';
const ALL = [...OPEN, ...BLOCKED, BATCH, OPEN_TOGETHER];

/** How often a state is died in: those that are in no company get their share alone. */
const repeatsOf = (state) => (OPEN.includes(state) ? ALONE : TOGETHER);

const IS_BLOCKED = 'a thread inside a blocking call runs no JavaScript';
const IS_CALLBACK = 'a batch is being delivered only inside a callback';
const IN_BATCH = 'the callback has returned before the event loop ends';

/** Why a cell cannot exist; undefined where it does. */
function impossible(end, state) {
  if (end === 'terminated' || end.endsWith(' here')) return undefined;
  if (BLOCKED.includes(state)) return IS_BLOCKED;
  if (state === BATCH && end === 'nothing left to do') return IN_BATCH;
  if (state === BATCH && !end.endsWith('in a callback')) return IS_CALLBACK;
  return undefined;
}

/** Runs a fixture to its end; what hangs is killed. */
function run(fixture, args, limitMs = CELL_MS / 2) {
  return new Promise((resolve) => {
    const path = fileURLToPath(new URL(fixture, import.meta.url));
    const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** So many results of `once`, of which so many are under way at any moment. */
async function runMany(count, atATime, once) {
  const results = [];
  let begun = 0;
  const inTurn = async () => {
    while (begun < count) {
      begun++;
      results.push(await once());
    }
  };
  await Promise.all(Array.from({ length: atATime }, inTurn));
  return results;
}

/** The cells of a table as tests; one that cannot exist is skipped with its reason in its name. */
function eachCell(end, states, body, timeout = CELL_MS) {
  for (const state of states) {
    const reason = impossible(end, state);
    if (reason) test.skip(`${state}: cannot exist, ${reason}`, () => {});
    else test(state, { timeout }, () => body(state));
  }
}

const MAIN_ENDS = [
  'process.exit',
  'process.exit in a callback',
  'uncaught exception',
  'uncaught exception in a callback',
  'nothing left to do',
];

/** What each end gives without us, asked once. */
const bareLives = new Map();
function bareLife(fixture, args) {
  const key = [fixture, ...args].join();
  if (!bareLives.has(key)) bareLives.set(key, run(fixture, args));
  return bareLives.get(key);
}

function expectLife(life, end, code) {
  if (!end.startsWith('uncaught')) expect(life.stderr).toBe('');
  else expect(life.stderr).toContain('planted');
  expect(life).toMatchObject({ code, signal: null, stdout: 'reached' });
}

describe.each(MAIN_ENDS)('the main thread ends by %s while a socket is', (end) => {
  eachCell(end, ALL, async (state) => {
    const { code } = await bareLife('./die.mjs', [end, 'nothing']);
    const once = () => run('./die.mjs', [end, state]);
    const lives = await runMany(repeatsOf(state), MAIN_AT_A_TIME, once);
    expect(lives.length).toBe(repeatsOf(state));
    for (const life of lives) expectLife(life, end, code);
  });
});

const WORKER_ENDS = ['terminated', ...MAIN_ENDS];

/** All the states of an end, gone through once: what each came to, by its name, and how the process ended. */
const workerEnds = new Map();
function workerEnd(end) {
  if (!workerEnds.has(end)) {
    const states = ['nothing', ...ALL.filter((state) => !impossible(end, state))];
    const repeats = states.map((state) => (state === 'nothing' ? 1 : repeatsOf(state)));
    const life = run('./worker-host.mjs', [end, states.join(), repeats.join()], END_MS - 5000);
    workerEnds.set(end, life.then(resultsOf));
  }
  return workerEnds.get(end);
}

function resultsOf({ stdout, ...life }) {
  const lines = stdout.split('\n').filter((line) => line !== '');
  const results = lines.map((line) => JSON.parse(line));
  return { life, of: new Map(results.map(({ state, codes, left }) => [state, { codes, left }])) };
}

describe.each(WORKER_ENDS)('a worker ends by %s while a socket is', (end) => {
  const body = async (state) => {
    const { life, of } = await workerEnd(end);
    const expected = of.get('nothing')?.codes[0];
    expect(expected, JSON.stringify(life)).toBeTypeOf('number');
    expect(of.get(state), JSON.stringify(life)).toEqual({
      codes: Array(repeatsOf(state)).fill(expected),
      left: 0,
    });
    expect(life).toEqual({ code: 0, signal: null, stderr: '' });
  };
  eachCell(end, ALL, body, END_MS);
});

const HOST_ENDS = ['process.exit here', 'uncaught exception here'];
// A worker that was woken by closesocket goes on by itself: only the death of the process is a cell of its own.
const CLOSED = 'blocked and closed';
const EVERY_WORKER = [OPEN_TOGETHER, ...BLOCKED, CLOSED, BATCH].join();

describe.each(HOST_ENDS)('the process ends by %s while a worker has a socket that is', (end) => {
  eachCell(end, [...OPEN, ...BLOCKED, CLOSED, BATCH, EVERY_WORKER], async (state) => {
    const { code } = await bareLife('./worker-host.mjs', [end, 'nothing']);
    const repeats = state === EVERY_WORKER ? TOGETHER : ALONE;
    const once = () => run('./worker-host.mjs', [end, state]);
    const lives = await runMany(repeats, HOSTS_AT_A_TIME, once);
    expect(lives.length).toBe(repeats);
    for (const life of lives) expectLife(life, end, code);
  });
});
