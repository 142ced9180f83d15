/** The ledger: every task ends exactly once, as what it is, whatever threads die of. */
import { describe, expect, it } from 'vitest';
import { keepBooks, type Terms } from './ledger.js';
import { seedFromEnvironment } from './random.js';

const isFull = Boolean(process.env.NETLOOM_FULL);
const TASKS = isFull ? 100_000 : 3000;

describe('the ledger balances', () => {
  const seed = seedFromEnvironment();
  it.each<Omit<Terms, 'seed'>>([
    { threads: 2, tasks: TASKS, oneDiesIn: 300, oneStarvesIn: 20 },
    { threads: 10, tasks: TASKS, oneDiesIn: 150, oneStarvesIn: 20 },
  ])(
    `when $threads threads and $tasks tasks die at random, NETLOOM_SEED=${seed}`,
    async (terms) => {
      const books = await keepBooks({ seed, ...terms });
      expect(books.differences).toEqual([]);
      const { value, 'own error': own, lost, 'not run': notRun, aborted } = books.endings;
      expect(value + own + lost + notRun + aborted).toBe(terms.tasks);
      // The run was one: most of it was done, threads did die under tasks, and the end left some undone.
      expect(value + own).toBeGreaterThan(terms.tasks * 0.7);
      expect(Math.min(books.threadsLost, lost, notRun, aborted)).toBeGreaterThan(0);
      expect(books.begun).toBeGreaterThanOrEqual(value + own);
      expect(books.begun).toBeLessThanOrEqual(value + own + lost);
      // Whoever is cut off says at most one end no more: results are not held back.
      expect(books.unsaid).toBeLessThanOrEqual(books.cutOff + terms.threads);
    },
    isFull ? 1_800_000 : 120_000,
  );
});
