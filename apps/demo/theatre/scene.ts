/**
 * What a scene is, and what it can ask of the theatre that plays it. Interfaces only.
 *
 * A scene shows one stage, or one experiment: it starts programs, types for the people, looks into the kernel and says
 * what was to be seen. The theatre shows the output side by side, ends whatever was started, and decides on the exit code.
 */
import type { Bilingual } from '@netloom/winsock-native';
import type { Language, Text } from './language.js';

export type { Language, Text } from './language.js';

export interface Scene {
  readonly title: Bilingual;
  /** Two or three sentences: what was to be seen and why; printed at the end. */
  readonly conclusion: Bilingual;
  play(theatre: Theatre): Promise<void>;
}

export interface StartOptions {
  /** Heading of its column; default: the role. A lane whose program has ended may be used again. */
  readonly lane?: string;
  /** Default: the theatre's port. */
  readonly port?: number;
  /** How many connections a server serves before it ends; default 1. */
  readonly clients?: number;
  /** The client's own port, where its listing binds one. */
  readonly localPort?: number;
  /** More words for the program, as `settings.args`. */
  readonly args?: readonly string[];
  /** Another stage's program; needed where an experiment starts one. */
  readonly stage?: number;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunOptions {
  /** Heading of its column; default: the command's name. */
  readonly lane?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A row of `besideWindows`. */
export interface BesideWindows {
  readonly what: Text;
  /** Measured now. */
  readonly here: Text;
  /** From the walkthrough; never produced by our code. */
  readonly windows: Text;
}

export interface Theatre {
  readonly language: Language;
  readonly host: string;
  /** The person's `--port`, or the stage's default. */
  readonly port: number;
  /** Ctrl-C, SIGTERM, the scene's time limit; every wait of the theatre observes it. */
  readonly signal: AbortSignal;
  text(both: Text): string;
  /** Narration: full width, between the lanes. */
  tell(both: Text): void;
  /**
   * Starts a program of the stage (a role of stages/table.ts) as a process of its own: `main.js stage N --as ROLE`.
   * Its output appears in a lane (column) of its own, beside the others, as it comes.
   */
  start(role: string, options?: StartOptions): Actor;
  /** Starts any other program in a lane: nc, python3 … */
  run(command: string, args: readonly string[], options?: RunOptions): Actor;
  /** The first row is the header. */
  table(heading: Text, rows: readonly (readonly Text[])[]): void;
  /**
   * One thing that was to be seen. Not seen: printed as such, and the exit code is 1.
   *
   * @param evidence - what the kernel or a program said; shown beside
   */
  expect(what: Bilingual, isSeen: boolean, evidence?: Text): void;
  /** Something that could not be done on this machine, and why (no ss, no root …); no fault. */
  leaveOut(what: Bilingual): void;
  /** A table: what | here (measured now) | Windows (from the walkthrough, and labelled so). */
  besideWindows(rows: readonly BesideWindows[]): void;
}

export interface ActorEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A program on the stage, in a process of its own.
 *
 * One that fails (ends with another code than 0) although the scene neither ended it nor looked at `ended` is a fault of
 * the play, and so is one that still runs when the scene is over.
 */
export interface Actor extends AsyncDisposable {
  readonly lane: string;
  readonly pid: number;
  /** All it has printed so far. */
  readonly out: string;
  readonly err: string;
  /**
   * Waits until its output or its error output has the pattern.
   *
   * Rejects with a `Problem` when it ends without, at the deadline (default 15 s), and when the play is stopped.
   */
  printed(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Writes the line and a newline to its input; shown in the lane as typed. */
  type(line: string): void;
  endInput(): void;
  /** Settles when it has ended and all its output is here. */
  readonly ended: Promise<ActorEnd>;
  kill(signal?: NodeJS.Signals): void;
}
