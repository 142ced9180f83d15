/**
 * Dying well: in every state of a socket's life a process or a worker ends with the exit code that Node gives without us,
 * by no signal, and leaves no descriptor in a process that lives on.
 *
 * The expected code is measured: the same fixture with the state `nothing` has no socket and does not load the addon.
 *
 * Starting a process costs more than all that happens in it. So the normal run dies TOGETHER times in a life that holds all
 * the states which can exist side by side, and ALONE times in each by itself; NETLOOM_TEARDOWN_REPEATS sets both.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const TOGETHER = Number(process.env.NETLOOM_TEARDOWN_REPEATS ?? 20);
const ALONE = Number(process.env.NETLOOM_TEARDOWN_REPEATS ?? 1);
const AT_A_TIME = 4;
// A life is 0.1 to 0.5 s; generous, because the machine does other things too. What hangs is killed, and seen as a signal.
const LIFE_MS = 20_000;
const CELL_MS = LIFE_MS + TOGETHER * 1000;

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

/** Runs a fixture to its end. */
function run(fixture, args) {
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
    const timer = setTimeout(() => child.kill('SIGKILL'), CELL_MS / 2);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

async function runMany(count, once) {
  const results = [];
  while (results.length < count) {
    const some = Math.min(AT_A_TIME, count - results.length);
    results.push(...(await Promise.all(Array.from({ length: some }, once))));
  }
  return results;
}

/** The cells of a table as tests; one that cannot exist is skipped with its reason in its name. */
function eachCell(end, states, body) {
  for (const state of states) {
    const reason = impossible(end, state);
    if (reason) test.skip(`${state}: cannot exist, ${reason}`, () => {});
    else test(state, { timeout: CELL_MS }, () => body(state));
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
    const lives = await runMany(repeatsOf(state), () => run('./die.mjs', [end, state]));
    for (const life of lives) expectLife(life, end, code);
  });
});

const WORKER_ENDS = ['terminated', ...MAIN_ENDS];

describe.each(WORKER_ENDS)('a worker ends by %s while a socket is', (end) => {
  eachCell(end, ALL, async (state) => {
    const bare = await bareLife('./worker-host.mjs', [end, 'nothing', '1']);
    const { codes: expected } = JSON.parse(bare.stdout);
    // One more: the first life is not counted, see there.
    const repeats = repeatsOf(state) + 1;
    const life = await run('./worker-host.mjs', [end, state, String(repeats)]);
    expect(life).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(life.stdout)).toEqual({ codes: Array(repeats).fill(expected[0]), left: 0 });
  });
});

const HOST_ENDS = ['process.exit here', 'uncaught exception here'];
// A worker that was woken by closesocket goes on by itself: only the death of the process is a cell of its own.
const CLOSED = 'blocked and closed';
const EVERY_WORKER = [OPEN_TOGETHER, ...BLOCKED, CLOSED, BATCH].join();

describe.each(HOST_ENDS)('the process ends by %s while a worker has a socket that is', (end) => {
  eachCell(end, [...OPEN, ...BLOCKED, CLOSED, BATCH, EVERY_WORKER], async (state) => {
    const { code } = await bareLife('./worker-host.mjs', [end, 'nothing', '1']);
    const repeats = state === EVERY_WORKER ? TOGETHER : ALONE;
    const once = () => run('./worker-host.mjs', [end, state, '1']);
    for (const life of await runMany(repeats, once)) expectLife(life, end, code);
  });
});
