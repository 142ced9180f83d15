// Lives through the cells of the teardown matrix and says of each what came of it. Node without a test runner, so that it runs
// wherever Node does.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EVERY_WORKER, impossible, OPEN, TABLES } from './cells.mjs';

// Processes: a main thread that ends computes; one that ends its workers mostly waits for those that are blocked.
const MAIN_AT_A_TIME = 3;
const HOSTS_AT_A_TIME = 3;
// How many workers are in a state when the process around them dies.
const WORKERS = 8;
// A life is 0.1 to 0.5 s; generous, because the machine does other things too. Who says nothing for so long hangs; it is
// killed, and seen as a signal.
const SILENCE_MS = 60_000;

/** How often an open state is died in by itself, where all of them together are so often. */
export const aloneOf = (together) => Math.ceil(together / 20);

/**
 * Starts on all cells. `together`: repeats of the states that keep to themselves, and of all open ones side by side in one
 * life; `alone`: of each open one by itself. Gives `cell(table, end, state)`: a promise of `{ repeats, passed, workers?,
 * problems }`; what has not happened is in `problems`.
 */
export function liveThrough({ together, alone }) {
  const repeatsOf = (state) => (OPEN.includes(state) ? alone : together);
  const main = queue(MAIN_AT_A_TIME);
  const hosts = queue(HOSTS_AT_A_TIME);
  const [mainTable, workerTable, hostTable] = TABLES;
  const cells = new Map();
  const put = (table, end, state, outcome) => cells.set([table.who, end, state].join('|'), outcome);

  const processes = async (fixture, end, args, inTurn, repeats) => {
    const bare = await bareLife(fixture, [end, 'nothing', '1']);
    const once = () => inTurn(() => run(fixture, [end, ...args]));
    const lives = await Promise.all(Array.from({ length: repeats }, once));
    return outcomeOf(lives.map((life) => problemOf(life, end, bare.code)));
  };
  for (const end of mainTable.ends) {
    for (const state of possible(mainTable, end)) {
      put(mainTable, end, state, processes('./die.mjs', end, [state], main, repeatsOf(state)));
    }
  }
  for (const end of workerTable.ends) {
    const states = ['nothing', ...possible(workerTable, end)];
    const repeats = states.map((state) => (state === 'nothing' ? 1 : repeatsOf(state)));
    const args = [end, states.join(), repeats.join()];
    const all = hosts(() => run('./worker-host.mjs', args)).then((life) => workersOf(life));
    for (const [i, state] of states.entries()) {
      put(
        workerTable,
        end,
        state,
        all.then((found) => found(state, repeats[i])),
      );
    }
  }
  for (const end of hostTable.ends) {
    for (const state of possible(hostTable, end)) {
      const workers = state === EVERY_WORKER ? 1 : WORKERS;
      // So many workers, not so many processes: a death of the process ends all that are in it.
      const repeats = Math.ceil(repeatsOf(state) / WORKERS);
      const outcome = processes('./worker-host.mjs', end, [state, workers], hosts, repeats);
      put(
        hostTable,
        end,
        state,
        outcome.then((seen) => ({ ...seen, workers })),
      );
    }
  }
  return (table, end, state) => cells.get([table.who, end, state].join('|'));
}

function possible(table, end) {
  return table.states.filter((state) => !impossible(end, state));
}

/** Runs so many of what it is given at a time, in order. */
function queue(atATime) {
  const waiting = [];
  let running = 0;
  const next = () => {
    if (running === atATime || waiting.length === 0) return;
    running++;
    const { start, resolve } = waiting.shift();
    resolve(start().finally(() => running-- && next()));
  };
  return (start) =>
    new Promise((resolve) => {
      waiting.push({ start, resolve });
      next();
    });
}

/** Runs a fixture to its end. */
function run(fixture, args) {
  return new Promise((resolve) => {
    const path = fileURLToPath(new URL(fixture, import.meta.url));
    const child = spawn(process.execPath, ['--expose-gc', path, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS);
    child.stdout.on('data', (text) => {
      stdout += text;
      timer.refresh();
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** What each end gives without us, asked once. */
const bareLives = new Map();
function bareLife(fixture, args) {
  const key = [fixture, ...args].join();
  if (!bareLives.has(key)) bareLives.set(key, run(fixture, args));
  return bareLives.get(key);
}

/** What is wrong with the life of a process; undefined: nothing. */
function problemOf({ code, signal, stdout, stderr }, end, expected) {
  const isSaid = end.startsWith('uncaught') ? stderr.includes('planted') : stderr === '';
  if (code === expected && signal === null && stdout === 'reached' && isSaid) return undefined;
  return `exit code ${code} for ${expected}, signal ${signal}, said ${JSON.stringify(stdout + stderr)}`;
}

function outcomeOf(results) {
  const problems = results.filter((problem) => problem !== undefined);
  return { repeats: results.length, passed: results.length - problems.length, problems };
}

/** What a host's lines say of each state's workers. */
function workersOf({ stdout, ...life }) {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  const groups = lines.map((line) => JSON.parse(line));
  const codesOf = (name) =>
    groups.filter(({ state }) => state === name).flatMap((one) => one.codes);
  const [expected] = codesOf('nothing');
  const isWell = life.code === 0 && life.signal === null && life.stderr === '';
  return (state, repeats) => {
    const codes = codesOf(state);
    const outcome = outcomeOf(
      codes.map((code) => (code === expected ? undefined : `exit code ${code} for ${expected}`)),
    );
    for (const { left } of groups.filter((group) => group.state === state && group.left !== 0)) {
      outcome.problems.push(`${left} descriptors left`);
    }
    if (!Number.isInteger(expected)) outcome.problems.push(`without a socket: ${expected}`);
    if (!isWell) outcome.problems.push(`the process: ${JSON.stringify(life)}`);
    if (codes.length !== repeats) outcome.problems.push(`${codes.length} workers, not ${repeats}`);
    return { ...outcome, repeats };
  };
}
