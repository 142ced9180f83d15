/** What a listing is told from outside. The tutorial writes these numbers into its source. */

/** On the command line: a server serves as many clients as come. */
export const ALL_CLIENTS = 'all';

export interface StageSettings {
  /** Where the server listens; the tutorial's is 127.0.0.1. */
  readonly host: string;
  /** The server's port. A server that is given 0 takes a free one and says which. */
  readonly port: number;
  /** How many connections a server serves before it cleans up; Infinity with `--interactive`. */
  readonly clients: number;
  /** The client's own port, where its listing binds one. */
  readonly localPort?: number;
  /** Further words of the command line, for the few programs that have forms. */
  readonly args: readonly string[];
}

/** A listing, as the command line imports it. */
export interface StageProgram {
  /** Runs it here and gives its exit code. */
  main(settings: StageSettings): number | Promise<number>;
}
