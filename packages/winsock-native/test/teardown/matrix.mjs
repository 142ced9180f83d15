// matrix.mjs [REPEATS [ALONE]]: lives through the teardown matrix with the Node that runs it, prints what did not come out and
// then the table. REPEATS (200) of each state, ALONE (a twentieth) of each open state by itself: all of these stand side by side
// in the life "all at once" too. Exit code 1 if anything failed. The table is appended to the file that NETLOOM_SUMMARY names.
import { appendFileSync } from 'node:fs';
import { impossible, nameOf, TABLES } from './cells.mjs';
import { aloneOf, liveThrough } from './lives.mjs';
import { tableOf } from './table.mjs';

const together = Number(process.argv[2] ?? 200);
const alone = Number(process.argv[3] ?? aloneOf(together));
const begin = performance.now();
const cell = liveThrough({ together, alone });

const outcomes = new Map();
for (const table of TABLES) {
  for (const end of table.ends) {
    for (const state of table.states) {
      if (impossible(end, state)) continue;
      const outcome = await cell(table, end, state);
      outcomes.set([table.who, end, state].join(), outcome);
      for (const problem of outcome.problems) {
        console.log(`FAILED ${table.who}: ${end}, ${nameOf(state)}: ${problem}`);
        process.exitCode = 1;
      }
    }
  }
}
const text = tableOf((table, end, state) => outcomes.get([table.who, end, state].join()));
console.log(text);
const { NETLOOM_SUMMARY: summary } = process.env;
if (summary) appendFileSync(summary, `The teardown matrix:\n${text}\n\n`);
console.log(`\n${Math.round((performance.now() - begin) / 1000)} s`);
