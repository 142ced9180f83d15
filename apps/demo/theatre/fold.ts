/**
 * Text folded to a width in columns of a terminal, where a Chinese character takes two.
 *
 * cli-table3 knows the widths, but wraps only at blanks, which Chinese text has not; so cells are folded before.
 */
import { bareTable } from './bare-table.js';

/** Marks that a line must not begin with. */
const NEVER_FIRST = /^[，。、；：！？）】」』》”’…,.;:!?)\]}%]/u;
/** And those that it must not end with. */
const NEVER_LAST = /[（【「『《“‘([{]$/u;
const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });
const widths = new Map<string, number>();

/** What takes a column each; most texts, which so need no look at each character. */
const PLAIN = /^[ -~µ]*$/;

/** Columns that a text of one line takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let sum = 0;
  for (const { segment } of graphemes.segment(text)) sum += widthOfGrapheme(segment);
  return sum;
}

/** Lines of at most `columns`; breaks at blanks and beside wide characters, inside a word only where it is too long. */
export function fold(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => foldLine(line.trimEnd(), columns));
}

/** Columns of the longest word, which folding to less would have to cut. */
export function longestWord(text: string): number {
  return Math.max(
    0,
    ...text
      .split('\n')
      .flatMap(piecesOf)
      .map((piece) => widthOf(piece.trimEnd())),
  );
}

function foldLine(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of piecesOf(text)) {
    if (widthOf(line) + widthOf(piece.trimEnd()) <= columns) {
      line += piece;
      continue;
    }
    if (line !== '') lines.push(line.trimEnd());
    line = piece;
    while (widthOf(line.trimEnd()) > columns) {
      const head = headOf(line, columns);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  lines.push(line.trimEnd());
  return lines;
}

/** What stays together: a word with the blanks after it, a wide character with the marks that may not begin a line. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let isOpen = false;
  for (const { segment } of graphemes.segment(text)) {
    const isWide = widthOfGrapheme(segment) > 1;
    const last = pieces.length - 1;
    const before = pieces[last];
    const isJoined =
      before !== undefined &&
      (NEVER_FIRST.test(segment) ||
        NEVER_LAST.test(before) ||
        segment === ' ' ||
        (isOpen && !isWide && !before.endsWith(' ')));
    if (isJoined) pieces[last] = before + segment;
    else pieces.push(segment);
    isOpen = !isWide;
  }
  return pieces;
}

/** As much of a word as fits; at least one character, however narrow the room. */
function headOf(text: string, columns: number): string {
  let head = '';
  let taken = 0;
  for (const { segment } of graphemes.segment(text)) {
    taken += widthOfGrapheme(segment);
    if (head !== '' && taken > columns) break;
    head += segment;
  }
  return head;
}

/** The library's own measure, so that its padding and our folding cannot disagree. */
function widthOfGrapheme(grapheme: string): number {
  if (grapheme >= ' ' && grapheme <= '~') return 1;
  let width = widths.get(grapheme);
  if (width === undefined) {
    // The empty cell below is padded to what the library took for the width of this one.
    const lines = bareTable([[grapheme], ['']], { middle: '', padding: 0 });
    width = lines[1]?.length ?? 1;
    widths.set(grapheme, width);
  }
  return width;
}
