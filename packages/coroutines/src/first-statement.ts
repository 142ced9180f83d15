/**
 * Finds where a function's body begins in its source, as `Function.prototype.toString` gives it, and what its first
 * statement is. No parser: it skips what can stand before a statement, and knows nothing else of the language.
 *
 * Skipped are white space, comments, directives, `var a, b;` without values (compilers put their temporaries there),
 * and the wrapper into which esbuild and TypeScript lower `using`:
 *
 *     var _stack = [];                                                   esbuild
 *     const env_1 = { stack: [], error: void 0, hasError: false };       TypeScript
 *     try { ... the body ... } catch { ... } finally { ... }
 */

/** White space and comments. */
const BLANK = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)*/y;
const DIRECTIVE = /(?:'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")/y;
const NAME = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy;
/** What the source of a body without parameters' parentheses may begin with: `async x => …`. */
const LONE_PARAMETER = /(?:async)?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/uy;
const STACK_OF_ESBUILD = /var\s+[\w$]+\s*=\s*\[\s*\]\s*[;,]/y;
const STACK_OF_TYPESCRIPT =
  /(?:const|var)\s+[\w$]+\s*=\s*\{\s*stack\s*:\s*\[\s*\]\s*,\s*error\s*:\s*void 0\s*,\s*hasError\s*:\s*(?:false|!1)\s*\}\s*;/y;
const TRY = /try/y;

/** A place in a source. @internal */
export class Cursor {
  readonly source: string;
  at: number;

  constructor(source: string, at = 0) {
    this.source = source;
    this.at = at;
  }

  /** Skips what the sticky pattern matches here, and says what that was. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.source);
    if (match === null) return undefined;
    this.at += match[0].length;
    return match[0];
  }

  /** Skips white space and comments, then a text if it stands there. */
  takeText(text: string): boolean {
    this.take(BLANK);
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Skips white space and comments, then a word if it stands there whole. */
  takeWord(word: string): boolean {
    const before = this.at;
    this.take(BLANK);
    if (this.take(NAME) === word) return true;
    this.at = before;
    return false;
  }

  /** Skips white space and comments, then a name. */
  takeName(): string | undefined {
    this.take(BLANK);
    return this.take(NAME);
  }
}

/**
 * The place of a function's first statement, or of the expression that is an arrow function's whole body.
 *
 * @param source - what `toString()` of the function gives
 * @returns undefined where there is no body to be read (native code)
 * @internal
 */
export function firstStatement(source: string): Cursor | undefined {
  const cursor = new Cursor(source);
  if (!skipParameters(cursor)) return undefined;
  if (cursor.takeText('=>') && !cursor.takeText('{')) return cursor;
  if (source[cursor.at - 1] !== '{' && !cursor.takeText('{')) return undefined;
  skipPrologue(cursor);
  if (skipStack(cursor)) {
    skipTemporaries(cursor);
    if (!cursor.takeText('try') || !cursor.takeText('{')) return undefined;
    skipPrologue(cursor);
  }
  skipTemporaries(cursor);
  return cursor;
}

/** To behind the parenthesis that closes the parameters, or behind a lone parameter. */
function skipParameters(cursor: Cursor): boolean {
  cursor.take(BLANK);
  const start = cursor.at;
  const lone = cursor.take(LONE_PARAMETER);
  if (lone !== undefined) {
    cursor.at -= 2;
    return true;
  }
  cursor.at = start;
  // Before the parameters stand words, `*`, a private or quoted or computed method name.
  while (cursor.at < cursor.source.length) {
    cursor.take(BLANK);
    const next = cursor.source[cursor.at];
    if (next === '(') return skipBalanced(cursor);
    if (next === '[') {
      if (!skipBalanced(cursor)) return false;
    } else if (next === "'" || next === '"') {
      if (cursor.take(DIRECTIVE) === undefined) return false;
    } else cursor.at += 1;
  }
  return false;
}

function skipPrologue(cursor: Cursor): void {
  for (;;) {
    // Where esbuild moves a directive into the wrapper it leaves an empty statement.
    while (cursor.takeText(';'));
    const before = cursor.at;
    if (cursor.take(DIRECTIVE) === undefined) return;
    const isDirective =
      cursor.takeText(';') || /[\n\r}]/.test(cursor.source.slice(before, cursor.at + 1));
    if (isDirective) continue;
    cursor.at = before;
    return;
  }
}

/** The list of what `using` holds, which both compilers declare first. */
function skipStack(cursor: Cursor): boolean {
  skipTemporaries(cursor);
  cursor.take(BLANK);
  const before = cursor.at;
  const isStack =
    cursor.take(STACK_OF_ESBUILD) !== undefined || cursor.take(STACK_OF_TYPESCRIPT) !== undefined;
  if (!isStack) return false;
  const body = cursor.at;
  cursor.take(BLANK);
  const isWrapper = cursor.take(TRY) !== undefined;
  cursor.at = isWrapper ? body : before;
  return isWrapper;
}

/** `var a, b;`: nothing happens there. */
function skipTemporaries(cursor: Cursor): void {
  for (;;) {
    const before = cursor.at;
    if (!cursor.takeWord('var')) return;
    do cursor.takeName();
    while (cursor.takeText(','));
    if (cursor.takeText(';')) continue;
    cursor.at = before;
    return;
  }
}

const OPENING = '([{';
const CLOSING = ')]}';

/** From an opening bracket to behind its counterpart. */
function skipBalanced(cursor: Cursor): boolean {
  let depth = 0;
  /** The last character that was not blank: tells a division from a regular expression. */
  let last = '';
  while (cursor.at < cursor.source.length) {
    cursor.take(BLANK);
    const next = cursor.source[cursor.at] ?? '';
    if (next === "'" || next === '"') {
      if (cursor.take(DIRECTIVE) === undefined) return false;
    } else if (next === '`') {
      if (!skipTemplate(cursor)) return false;
    } else if (next === '/' && /[(,=:[!&|?{};+*%~^<>-]/.test(last)) {
      skipRegExp(cursor);
    } else {
      cursor.at += 1;
      if (OPENING.includes(next)) depth += 1;
      if (CLOSING.includes(next)) depth -= 1;
      if (depth === 0) return true;
    }
    last = next;
  }
  return false;
}

function skipTemplate(cursor: Cursor): boolean {
  cursor.at += 1;
  while (cursor.at < cursor.source.length) {
    const next = cursor.source[cursor.at];
    if (next === '\\') cursor.at += 2;
    else if (next === '$' && cursor.source[cursor.at + 1] === '{') {
      cursor.at += 1;
      if (!skipBalanced(cursor)) return false;
    } else {
      cursor.at += 1;
      if (next === '`') return true;
    }
  }
  return false;
}

function skipRegExp(cursor: Cursor): void {
  let inClass = false;
  cursor.at += 1;
  while (cursor.at < cursor.source.length) {
    const next = cursor.source[cursor.at];
    cursor.at += next === '\\' ? 2 : 1;
    if (next === '[') inClass = true;
    if (next === ']') inClass = false;
    if (next === '/' && !inClass) return;
  }
}
