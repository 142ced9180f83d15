/**
 * Measures one cell in a process of its own, `measure.js CELL ROUNDS SCALE`, and prints the samples as one line of JSON.
 *
 * Time is CPU time of the process, so that it does not matter who else the machine works for. What an operation
 * allocates is how much the heap has grown by it: the young generation is large enough that nothing is collected.
 */
import { type Alternative, CELLS, type Cell } from './cells.js';
import { type Figures, measureMany } from './million.js';

export interface Sample {
  readonly row: string;
  readonly round: number;
  readonly cpuNs: number;
  readonly wallNs: number;
  readonly bytes: number;
}

/** What is printed. */
export interface Measured {
  readonly samples: readonly Sample[];
  readonly many: Figures | undefined;
}

const MANY = 1_000_000;

const [name = '', rounds = '', scale = ''] = process.argv.slice(2);
console.log(JSON.stringify(await measure()));

async function measure(): Promise<Measured> {
  if (name === 'many') return { samples: [], many: await measureMany(MANY * Number(scale)) };
  const make = CELLS[name];
  if (make === undefined) throw new RangeError(`there is no cell ${name}`);
  const cell = await make();
  const samples: Sample[] = [];
  for (const alternative of cell.alternatives) await timed(cell, alternative);
  for (let round = 0; round < Number(rounds); round++) {
    for (const alternative of cell.alternatives) {
      samples.push({ row: alternative.name, round, ...(await timed(cell, alternative)) });
    }
  }
  await cell.close?.();
  return { samples, many: undefined };
}

async function timed(
  { count: all, repeats }: Cell,
  alternative: Alternative,
): Promise<Pick<Sample, 'cpuNs' | 'wallNs' | 'bytes'>> {
  const count = Math.max(100, Math.round(all * Number(scale)));
  let [cpuUs, wallMs, bytes] = [0, 0, 0];
  globalThis.gc?.();
  for (let i = 0; i < repeats; i++) {
    alternative.prepare?.(count);
    const heap = process.memoryUsage().heapUsed;
    const cpu = process.cpuUsage();
    const start = performance.now();
    await alternative.run(count);
    wallMs += performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    cpuUs += user + system;
    bytes += process.memoryUsage().heapUsed - heap;
  }
  const operations = count * repeats;
  return {
    cpuNs: (cpuUs * 1000) / operations,
    wallNs: (wallMs * 1e6) / operations,
    bytes: bytes / operations,
  };
}
