/**
 * What a thread is started with: the program's own flags, less those that only make sense for its first module.
 */
import type { ResourceLimits, WorkerOptions } from 'node:worker_threads';

/** What the program may say about the threads of a pool. */
export interface ThreadOptions {
  /** Memory limits of each thread; one that exceeds them is lost, and replaced. */
  readonly resourceLimits?: ResourceLimits;
  /** Node's flags for the threads; default: those of this process, as far as threads accept them. */
  readonly execArgv?: readonly string[];
}

/** Node refuses to start a file when it is there: it belongs to a program given as text. */
const INPUT_TYPE = '--input-type';

/** Turns the options into Node's. */
export function startOptions(options: ThreadOptions): WorkerOptions {
  const started: WorkerOptions = {};
  if (options.resourceLimits !== undefined) started.resourceLimits = options.resourceLimits;
  const flags = options.execArgv ?? inheritedFlags();
  if (flags !== undefined) started.execArgv = [...flags];
  return started;
}

/** Undefined where Node's own inheritance does: V8's flags can be inherited, but not be passed. */
function inheritedFlags(): string[] | undefined {
  if (!process.execArgv.some((flag) => flag.startsWith(INPUT_TYPE))) return undefined;
  const kept: string[] = [];
  for (let i = 0; i < process.execArgv.length; i++) {
    const flag = process.execArgv[i] ?? '';
    const value = process.execArgv[i + 1];
    if (flag === INPUT_TYPE || flag === '--eval' || flag === '-e' || flag === '-p') i++;
    else if (flag === '--import' || flag === '--require' || flag === '-r' || flag === '-C') {
      kept.push(flag, value ?? '');
      i++;
    } else if (/^--(import|require|loader|conditions|experimental-)/.test(flag)) kept.push(flag);
    else if (flag === '--enable-source-maps' || flag === '--no-warnings') kept.push(flag);
  }
  return kept;
}
