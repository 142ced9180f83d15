/** Where a play is printed, and how wide that is. */

export interface Screen {
  /** Now: a person may change the size of the window. */
  readonly columns: number;
  write(text: string): void;
}

/** Where nobody says how wide the reader's window is: a log of CI, a file. */
const DEFAULT_COLUMNS = 100;
/** Lines longer than this are hard to follow, whatever the window. */
const MOST_COLUMNS = 132;
const LEAST_COLUMNS = 32;

/** Standard output; without a terminal `COLUMNS` of the environment decides. */
export const standardOutput: Screen = {
  get columns() {
    const columns = process.stdout.columns || Number(process.env.COLUMNS) || DEFAULT_COLUMNS;
    return Math.min(MOST_COLUMNS, Math.max(LEAST_COLUMNS, columns));
  },
  write(text) {
    process.stdout.write(text);
  },
};
