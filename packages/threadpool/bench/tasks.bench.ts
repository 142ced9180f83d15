/**
 * How many empty tasks does a pool run per second, and what does one cost, with 64 in flight?
 *
 * Run: `pnpm exec tsx packages/threadpool/bench/tasks.bench.ts`. The baseline is what one would write by hand: a
 * message to a worker and one back per task, round robin, with the same promises.
 */
import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ThreadPool } from '@netloom/threadpool';
import { Echo } from '../test/fixtures/tasks.mjs';

const TASKS = 20_000;
const IN_FLIGHT = 64;
const ROUNDS = 7;

interface Alternative {
  readonly name: string;
  run(value: number): Promise<number>;
  close(): Promise<unknown>;
}

function byHand(threads: number): Alternative {
  const source = `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', (m) => parentPort.postMessage(m));`;
  const settle = new Map<number, (value: number) => void>();
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(source, { eval: true });
    worker.on('message', ({ id, value }: { id: number; value: number }) => {
      settle.get(id)?.(value);
      settle.delete(id);
    });
    return worker;
  });
  let next = 0;
  return {
    name: 'a message each way',
    run: (value) =>
      new Promise((resolve) => {
        const id = next++;
        settle.set(id, resolve);
        workers[id % threads]?.postMessage({ id, value });
      }),
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}

function pooled(threads: number): Alternative {
  const pool = new ThreadPool(threads);
  return {
    name: 'ThreadPool',
    run: (value) => pool.addTask(new Echo(value)),
    close: () => pool.close(),
  };
}

async function measure(alternative: Alternative): Promise<{ rate: number; cpu: number }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let left = TASKS;
  const client = async () => {
    while (left > 0) {
      const value = left--;
      const back = await alternative.run(value);
      if (back !== value) throw new Error(`${alternative.name} gave ${back} for ${value}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, client));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { rate: TASKS / seconds, cpu: (user + system) / TASKS };
}

function spread(values: readonly number[], digits: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.round((sorted.length - 1) * part)]?.toFixed(digits);
  return `${at(0.5)} (${at(0)} to ${at(1)})`;
}

console.log(`Node ${process.version}, ${process.platform}, ${cpus().length} × ${cpus()[0]?.model}`);
console.log(`${TASKS} tasks a round, ${ROUNDS} rounds, interleaved; median (lowest to highest)`);
for (const threads of [2, 10]) {
  const alternatives = [pooled(threads), byHand(threads)];
  const results = alternatives.map(() => ({ rate: [] as number[], cpu: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, alternative] of alternatives.entries()) {
      const { rate, cpu } = await measure(alternative);
      results[i]?.rate.push(rate / 1000);
      results[i]?.cpu.push(cpu);
    }
  }
  for (const [i, { name }] of alternatives.entries()) {
    const { rate = [], cpu = [] } = results[i] ?? {};
    console.log(
      `${threads} threads, ${name}: ${spread(rate, 0)} thousand/s, ${spread(cpu, 1)} µs CPU each`,
    );
  }
  await Promise.all(alternatives.map((alternative) => alternative.close()));
}
