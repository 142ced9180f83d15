/**
 * Whether a body begins with the switch of threads: asked once, when the coroutine is declared.
 *
 * A hop that this misses is not lost: it is reached on the calling thread and refused there, ERR_HOP_NOT_FIRST.
 * What it finds in error does run elsewhere: the rule below is narrow, and says what is left.
 */
import { type Cursor, firstStatement } from './first-statement.js';

/** As it is imported, or as a bundler renames it where two modules use the name. */
const HOP = /^resumeBackground\d*$/;

/**
 * Whether the first thing that a body does is `yield* resumeBackground()` or `await resumeBackground()`.
 *
 * The name may be qualified once (`netloom.resumeBackground()`), called as compilers write it
 * (`(0, netloom.resumeBackground)()`), and its result declared.
 *
 * A source does not say what a name stands for. What this takes for the hop all the same: a function of the program's
 * own under this name, and such a method of an object in a variable (`yield* player.resumeBackground()`). Where that
 * shall run here, another statement goes first.
 *
 * @internal
 */
export function startsWithHop(body: unknown): boolean {
  return isHopSource(Function.prototype.toString.call(body));
}

/** The same, of a function's source. @internal */
export function isHopSource(source: string): boolean {
  const cursor = firstStatement(source);
  return cursor !== undefined && isHop(cursor);
}

function isHop(cursor: Cursor): boolean {
  skipToFirstExpression(cursor);
  if (cursor.takeWord('yield')) {
    if (!cursor.takeText('*')) return false;
  } else if (!cursor.takeWord('await')) return false;
  while (cursor.takeText('(')) {
    if (cursor.takeText('0') && !cursor.takeText(',')) return false;
  }
  let name = cursor.takeName();
  // Only a namespace import stands before it: one name, and no object's method.
  if (name !== 'this' && name !== 'super' && cursor.takeText('.')) name = cursor.takeName();
  if (name === undefined || !HOP.test(name)) return false;
  while (cursor.takeText(')'));
  return cursor.takeText('(') && cursor.takeText(')');
}

/** What may stand before the expression that is evaluated first: minifiers pull statements together. */
function skipToFirstExpression(cursor: Cursor): void {
  for (const word of ['const', 'let', 'var']) {
    if (!cursor.takeWord(word)) continue;
    cursor.takeName();
    cursor.takeText('=');
  }
  for (const word of ['return', 'throw', 'void', 'if', 'switch', 'for']) cursor.takeWord(word);
  while (cursor.takeText('(') || cursor.takeText('['));
}
