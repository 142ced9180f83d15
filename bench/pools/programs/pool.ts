/**
 * One pool in a process of its own: `pool.js ROW THREADS`. Does what each line of its input says, and answers each with
 * one line of JSON. The answers of the tasks are checked here; a wrong one ends the process.
 *
 *     fresh             start-up and memory; must be first
 *     cold COUNT        the first so many empty tasks
 *     NAME MS           64 in flight for so long: empty, address, object, fib
 *     alone MS          one empty task after the other
 *     burst COUNT MS    so many empty tasks behind one that takes so long
 *     close             ends the pool and the process
 */
import { createInterface } from 'node:readline';
import { type Alternative, IN_FLIGHT, make } from './alternatives.js';
import { type Arrival, type Order, THREADS } from './tasks.js';

/** What a line is answered with; `native-pool.cc` writes the same. */
export interface Answer {
  /** What the cell is about, where it is not a rate: µs, ms, % or MB. */
  readonly figure?: number;
  readonly operations: number;
  readonly seconds: number;
  /** CPU time of the whole process, all threads, user and system. */
  readonly cpuUs: number;
  /** Tasks by thread, of those threads that ran any. */
  readonly byThread: readonly number[];
  /** Only of `fresh`. */
  readonly megabytesPerThread?: number;
}

const FIB = 25;
const FIB_ANSWER = 75_025;
/** Long enough that no thread can answer for another while all are asked. */
const HELLO_MS = 2;

type Call = (at: number) => { promise: Promise<number>; answer: number };

const CALLS: Readonly<Record<string, () => Call>> = { empty, address, object, fib };

const [row = '', threadsText = ''] = process.argv.slice(2);
const threads = Number(threadsText);
const residentBefore = process.memoryUsage.rss();
const constructed = performance.now();
const pool = make(row, threads);
const startUp = await meetAll(pool);

for await (const line of createInterface(process.stdin)) {
  const [command = '', ...numbers] = line.split(' ');
  const answer = await run(command, numbers.map(Number));
  console.log(JSON.stringify(answer));
  if (command === 'close') break;
}
// Some pools leave threads behind when they are closed.
process.exit();

async function run(command: string, [first = 0, second = 0]: number[]): Promise<Answer> {
  if (command === 'fresh') return startUp;
  if (command === 'cold') return load(empty(), (done) => done >= first);
  if (command === 'alone') return alone(first);
  if (command === 'burst') return burst(first, second);
  if (command === 'close') return close();
  const call = CALLS[command];
  if (call === undefined) throw new RangeError(`there is no command ${command}`);
  const until = performance.now() + first;
  return load(call(), () => performance.now() >= until);
}

function empty(): Call {
  return () => ({ promise: pool.empty(), answer: 0 });
}

function address(): Call {
  const addresses = Array.from({ length: IN_FLIGHT }, (_, i) =>
    Uint8Array.of(2, 0, 0x23, i, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
  );
  return (at) => {
    const i = at % IN_FLIGHT;
    const arrival: Arrival = { address: addresses[i] ?? new Uint8Array(16), descriptor: at % 1000 };
    return { promise: pool.address(arrival), answer: 0x2300 + i + arrival.descriptor };
  };
}

function object(): Call {
  const note = 'leave it with the neighbour if nobody opens; '.repeat(8);
  const lines = Array.from({ length: 12 }, (_, i) => ({
    article: `article number ${i}`,
    count: i,
  }));
  return (at) => {
    const order: Order = { id: at, name: `customer ${at}`, isPaid: true, lines, note };
    return { promise: pool.object(order), answer: at + lines.length + note.length };
  };
}

function fib(): Call {
  return () => ({ promise: pool.fib(FIB), answer: FIB_ANSWER });
}

/** Keeps 64 in flight until it is said to be enough; all that was begun ends within the time. */
async function load(call: Call, isEnough: (begun: number) => boolean): Promise<Answer> {
  const byThread = new Map<number, number>();
  let begun = 0;
  const clock = startClock();
  const client = async () => {
    while (!isEnough(begun)) {
      const { promise, answer } = call(begun++);
      note(byThread, await promise, answer);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, client));
  return { operations: begun, ...clock(), byThread: [...byThread.values()] };
}

async function alone(ms: number): Promise<Answer> {
  const byThread = new Map<number, number>();
  const times: number[] = [];
  const clock = startClock();
  const until = performance.now() + ms;
  for (let began = performance.now(); began < until; ) {
    note(byThread, await pool.empty(), 0);
    const ended = performance.now();
    times.push((ended - began) * 1000);
    began = ended;
  }
  const rest = clock();
  const figure = times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
  return { figure, operations: times.length, ...rest, byThread: [...byThread.values()] };
}

/** How long the last of the burst waited, in per cent of the long task. */
async function burst(count: number, ms: number): Promise<Answer> {
  const byThread = new Map<number, number>();
  const clock = startClock();
  const began = performance.now();
  const long = pool.spin(ms);
  const all = Array.from({ length: count }, () => pool.empty());
  for (const promise of all) note(byThread, await promise, 0);
  const figure = ((performance.now() - began) / ms) * 100;
  const rest = clock();
  await long;
  return { figure, operations: count, ...rest, byThread: [...byThread.values()] };
}

async function close(): Promise<Answer> {
  const clock = startClock();
  await pool.close();
  const rest = clock();
  return { figure: rest.seconds * 1000, operations: 1, ...rest, byThread: [] };
}

/** Waits until every thread has answered: start-up is a cell of its own, and no part of the others. */
async function meetAll(all: Alternative): Promise<Answer> {
  const met = new Map<number, number>();
  let figure = 0;
  while (met.size < threads) {
    const round = await Promise.all(Array.from({ length: threads }, () => all.spin(HELLO_MS)));
    for (const thread of round) note(met, thread, 0);
    figure = performance.now() - constructed;
  }
  const megabytes = (process.memoryUsage.rss() - residentBefore) / 2 ** 20;
  return {
    figure,
    operations: 1,
    seconds: figure / 1000,
    cpuUs: 0,
    byThread: [...met.values()],
    megabytesPerThread: megabytes / threads,
  };
}

function note(byThread: Map<number, number>, result: number, answer: number): void {
  const thread = result % THREADS;
  if (result - thread !== answer * THREADS || thread === 0) {
    throw new Error(`${row}: answered ${result}, not ${answer} * ${THREADS} + a thread's id`);
  }
  byThread.set(thread, (byThread.get(thread) ?? 0) + 1);
}

function startClock(): () => { seconds: number; cpuUs: number } {
  const cpu = process.cpuUsage();
  const start = performance.now();
  return () => {
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { seconds, cpuUs: user + system };
  };
}
