/** Ctrl-C and SIGTERM, for every command alike. */
import { EXIT_INTERRUPTED, EXIT_TERMINATED } from './problem.js';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Calls back at each Ctrl-C or SIGTERM, which then no longer ends the process. Gives back a function that lets go. */
export function onStopSignal(stop: (name: StopSignal, exitCode: number) => void): () => void {
  const onInterrupt = () => stop('SIGINT', EXIT_INTERRUPTED);
  const onTerminate = () => stop('SIGTERM', EXIT_TERMINATED);
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return () => {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
  };
}
