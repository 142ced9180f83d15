/**
 * What the subcommands of `pnpm bench` have in common: options are read, help is printed, a wrong answer ends the run.
 */

/** An answer, a count or a share that is not what it has to be: the figures are worth nothing. */
export class WrongAnswer extends Error {
  override name = 'WrongAnswer';
}

/** One question. */
export interface Subcommand<P> {
  readonly help: string;
  /** Why it runs on Linux alone; absent: it runs anywhere. */
  readonly needsLinux?: string;
  /**
   * Reads the options; undefined when help was asked for.
   *
   * @throws {Error} that names the option, for one that is not understood
   */
  readPlan(args: readonly string[]): P | undefined;
  /**
   * Measures and prints.
   *
   * @throws {WrongAnswer} the run has ended
   */
  measure(plan: P): void | Promise<void>;
}

/** Runs it; gives the exit code: 0, 1 for a wrong answer, 2 for wrong options or the wrong system. */
export async function runSubcommand<P>(
  { help, needsLinux, readPlan, measure }: Subcommand<P>,
  args: readonly string[],
): Promise<number> {
  let plan: P | undefined;
  try {
    plan = readPlan(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  if (plan === undefined) {
    console.log(help);
    return 0;
  }
  if (needsLinux !== undefined && process.platform !== 'linux') {
    console.error(`this benchmark needs Linux: ${needsLinux}`);
    return 2;
  }
  try {
    await measure(plan);
    return 0;
  } catch (error) {
    if (!(error instanceof WrongAnswer)) throw error;
    console.error(error.message);
    return 1;
  }
}
