/**
 * Several programs' output side by side: a column for each, a row for each line, time running downwards.
 *
 * Where the columns would be too narrow, each line is preceded by the name of its lane instead.
 */
import { fold, widthOf } from './fold.js';
import type { Screen } from './screen.js';
import { roomIn, rowLines, ruleOf } from './tables.js';

/** Narrower columns tear every line apart. */
const LEAST_LANE = 22;
/** Names before lines take no more than this. */
const MOST_NAME = 14;

export class Lanes {
  readonly #screen: Screen;
  #names: string[] = [];
  /** The part of a line that has come so far: a question, mostly. */
  readonly #begun = new Map<string, string>();
  /** Whose begun line has been shown already: the newline that ends it is no line of its own. */
  readonly #isCut = new Set<string>();
  /** The columns above the last row; something else was printed since, if undefined. */
  #heading: string | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Gives a program its column. Columns of `finished` programs make room. */
  open(name: string, finished: ReadonlySet<string>): void {
    this.flush();
    this.#names = this.#names.filter((other) => other !== name && !finished.has(other));
    this.#names.push(name);
  }

  /** Shows what a program printed: whole lines at once, a begun one when it goes on or somebody else speaks. */
  print(name: string, text: string): void {
    const lines = ((this.#begun.get(name) ?? '') + text).split(/\r?\n/);
    this.#begun.set(name, lines.pop() ?? '');
    if (this.#isCut.delete(name) && lines[0] === '') lines.shift();
    for (const line of lines) this.line(name, line);
  }

  /** Shows what was typed, behind the question if there is one. */
  typed(name: string, line: string): void {
    const begun = this.#begun.get(name) ?? '';
    this.#begun.set(name, '');
    this.#isCut.delete(name);
    this.line(name, `${begun}${line} ⏎`.trimStart());
  }

  /** Shows that a program has ended, below what it printed last. */
  ended(name: string, line: string): void {
    const begun = this.#begun.get(name) ?? '';
    this.#begun.delete(name);
    if (begun !== '') this.line(name, begun);
    this.line(name, line);
  }

  /** Shows begun lines as they are. */
  flush(): void {
    for (const [name, begun] of this.#begun) {
      if (begun === '') continue;
      this.#begun.set(name, '');
      this.#isCut.add(name);
      this.line(name, begun);
    }
  }

  /** Something else is going to be printed: the columns need their names again afterwards. */
  interrupt(): void {
    this.flush();
    this.#heading = undefined;
  }

  /** A row: the line in its column. */
  line(name: string, line: string): void {
    const shown = visible(line);
    const { columns } = this.#screen;
    const width = Math.floor(roomIn(columns, this.#names.length) / this.#names.length);
    if (this.#names.length > 1 && width < LEAST_LANE) this.#named(name, shown, columns);
    else this.#inColumns(name, shown, width);
  }

  #inColumns(name: string, line: string, width: number): void {
    const widths = this.#names.map(() => width);
    this.#head(
      rowLines(
        this.#names.map((each) => fold(each, width).join('\n')),
        widths,
      ),
      ruleOf(widths),
    );
    const cells = this.#names.map((each) => (each === name ? fold(line, width).join('\n') : ''));
    this.#write(rowLines(cells, widths));
  }

  #named(name: string, line: string, columns: number): void {
    const most = Math.max(...this.#names.map(widthOf));
    const first = Math.min(most, MOST_NAME);
    const widths = [first, roomIn(columns, 2) - first];
    this.#head([], ruleOf(widths).replace('┼', '┬'));
    this.#write(
      rowLines([fold(name, first).join('\n'), fold(line, widths[1] ?? 1).join('\n')], widths),
    );
  }

  /** Names the columns when they have changed, or when something else stood in between. */
  #head(names: readonly string[], rule: string): void {
    const heading = [...names, rule].join('\n');
    if (heading === this.#heading) return;
    this.#heading = heading;
    this.#write(['', heading]);
  }

  #write(lines: readonly string[]): void {
    this.#screen.write(`${lines.join('\n')}\n`);
  }
}

/** Bytes that would move the cursor are shown as C writes them. */
function visible(line: string): string {
  return (
    line
      .replaceAll('\t', '    ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
      .replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
        const code = character.charCodeAt(0).toString(16).padStart(2, '0');
        return `\\x${code}`;
      })
  );
}
