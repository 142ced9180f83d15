/**
 * Dying well: in every state of a socket's life a process or a worker ends with the exit code that Node gives without us,
 * by no signal, and leaves no descriptor in a process that lives on.
 *
 * Each state is proved by what the kernel says, and garbage is collected in it before the end. The expected code is measured:
 * the same fixture with the state `nothing` has no socket and does not load the addon.
 *
 * Starting a process costs more than all that happens in it. So the normal run dies TOGETHER times in a life that holds all
 * the states which can exist side by side, and ALONE times in each by itself. What came of it is printed as a table;
 * matrix.mjs does the same without a test runner, and more often.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, nameOf, TABLES } from './cells.mjs';
import { aloneOf, liveThrough } from './lives.mjs';
import { tableOf } from './table.mjs';

const TOGETHER = Number(process.env.NETLOOM_TEARDOWN_REPEATS ?? 20);
const ALONE = aloneOf(TOGETHER);
// All cells are under way together; lives.mjs ends what hangs.
const LIMIT_MS = 120_000 + TOGETHER * 10_000;

const outcomes = new Map();
let cell;
beforeAll(() => {
  cell = liveThrough({ together: TOGETHER, alone: ALONE });
});
afterAll(() => {
  console.log(tableOf((table, end, state) => outcomes.get([table.who, end, state].join())));
});

for (const table of TABLES) {
  describe.each(table.ends)(table.title, (end) => {
    for (const state of table.states) {
      const reason = impossible(end, state);
      if (reason) {
        test.skip(`${nameOf(state)}: cannot exist, ${reason}`, () => {});
        continue;
      }
      test(nameOf(state), { timeout: LIMIT_MS }, async () => {
        const outcome = await cell(table, end, state);
        outcomes.set([table.who, end, state].join(), outcome);
        expect(outcome.problems).toEqual([]);
        expect(outcome.repeats).toBeGreaterThan(0);
        expect(outcome.passed).toBe(outcome.repeats);
      });
    }
  });
}
