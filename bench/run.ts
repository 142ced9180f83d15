/**
 * `pnpm bench [subcommand] [options]`: one question each, one file each. Without a subcommand, the servers' question.
 */
interface Subcommand {
  /** Runs it; gives the exit code. */
  main(args: readonly string[]): Promise<number>;
}

const SUBCOMMANDS: Readonly<Record<string, () => Promise<Subcommand>>> = {
  tcp: () => import('./tcp.js'),
  native: () => import('./native/run.js'),
  coroutines: () => import('./coroutines/main.js'),
  pools: () => import('./pools/main.js'),
};

const [first = '', ...rest] = process.argv.slice(2);
const [name, args] =
  first.startsWith('-') || first === '' ? ['tcp', process.argv.slice(2)] : [first, rest];
const load = SUBCOMMANDS[name];
if (load === undefined) {
  console.error(`pnpm bench ${name}: there are ${Object.keys(SUBCOMMANDS).join(', ')}`);
  process.exitCode = 2;
} else {
  process.exitCode = await (await load()).main(args);
}
