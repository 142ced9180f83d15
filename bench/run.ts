/**
 * `pnpm bench [subcommand] [options]`: one question each, one file each. Without a subcommand, the servers' question.
 */
interface Question {
  /** Asks it; gives the exit code. */
  main(args: readonly string[]): Promise<number>;
}

const QUESTIONS: Readonly<Record<string, () => Promise<Question>>> = {
  tcp: () => import('./tcp.js'),
  native: () => import('./native/main.js'),
  coroutines: () => import('./coroutines/main.js'),
  pools: () => import('./pools/main.js'),
};

const [first = '', ...rest] = process.argv.slice(2);
const [name, args] =
  first.startsWith('-') || first === '' ? ['tcp', process.argv.slice(2)] : [first, rest];
const load = QUESTIONS[name];
if (load === undefined) {
  console.error(`pnpm bench ${name}: there are ${Object.keys(QUESTIONS).join(', ')}`);
  process.exitCode = 2;
} else {
  process.exitCode = await (await load()).main(args);
}
