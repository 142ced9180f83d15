/**
 * `pnpm check [name ...]`: the checks that hold the structure. Without names, all of them.
 *
 * Exit code 1 if any found something. `--list` prints the names; `--update` accepts the public names as they are,
 * and moves the line numbers of quotes.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkExports } from './check-exports.js';
import { checkFiles } from './check-files.js';
import { checkLinks } from './check-links.js';
import { checkPackages } from './check-packages.js';
import { checkRooms } from './check-rooms.js';
import { checkTwins } from './check-twins.js';
import { runDocExamples } from './run-doc-examples.js';
import { listCommitted } from './workspace.js';

interface Check {
  readonly question: string;
  run(root: string, isUpdate: boolean): string[] | Promise<string[]>;
}

const CHECKS: Readonly<Record<string, Check>> = {
  rooms: { question: 'imports between rooms go down, by name, and are declared', run: checkRooms },
  exports: {
    question: 'public names are those that were agreed',
    run: (root, isUpdate) => checkExports(root, { isUpdate }),
  },
  docs: {
    question: 'what READMEs, docs and docstrings show is run or checked',
    run: (r) => runDocExamples(r),
  },
  links: {
    question: 'links between pages, files and headings lead somewhere',
    run: (root) => checkLinks(root, listCommitted(root)),
  },
  twins: {
    question: 'every row of the walkthrough has its code in both languages, quoted as it is',
    run: (root, isUpdate) => checkTwins(root, { isUpdate }),
  },
  files: { question: 'nothing of one machine is committed', run: checkFiles },
  packages: { question: 'packages are fit to be published', run: checkPackages },
};

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: 'boolean' }, update: { type: 'boolean' } },
});

if (values.list) {
  for (const name of Object.keys(CHECKS)) console.log(name);
} else {
  process.exitCode = await runChecks(positionals.length > 0 ? positionals : Object.keys(CHECKS));
}

async function runChecks(names: readonly string[]): Promise<number> {
  let code = 0;
  for (const name of names) {
    const check = CHECKS[name];
    if (check === undefined) {
      console.error(`there is no check ${name}; there are ${Object.keys(CHECKS).join(', ')}`);
      return 2;
    }
    const problems = await check.run(root, values.update === true);
    console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${name}: ${check.question}`);
    for (const problem of problems) console.log(`  ${problem}`);
    if (problems.length > 0) code = 1;
  }
  return code;
}
