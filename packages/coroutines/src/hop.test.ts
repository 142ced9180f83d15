import { expect, it } from 'vitest';
import { isHopSource } from './hop.js';

const FIRST = [
  ['a generator', 'function* () { yield* resumeBackground(); }'],
  ['an async function', 'async function work(a, b) { await resumeBackground(); }'],
  ['an async arrow', 'async (a) => { await resumeBackground() }'],
  ['a lone parameter', 'async a => { await resumeBackground(); }'],
  ['an arrow without braces', 'async () => await resumeBackground()'],
  ['a method', '*work(a) { yield* resumeBackground(); }'],
  ['a computed method', "async *['wo(rk']() { yield* resumeBackground(); }"],
  ['comments', 'function* () { // one {\n /* two */ yield/**/* /*three*/ resumeBackground(); }'],
  [
    'comments before the parameters',
    'function* /* ( */ work(/* ) */) { yield* resumeBackground(); }',
  ],
  ['directives', 'function* () { "use strict"; \'use "x"\'\n yield* resumeBackground(); }'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template.
  ['strings in defaults', "function* (a = ') {', b = `){${'}'})`) { yield* resumeBackground(); }"],
  [
    'a regular expression in defaults',
    'function* (a = /[)/]{/, b = 4 / 2) { yield* resumeBackground(); }',
  ],
  ['destructuring', 'function* ({ a, b: [c] } = {}, ...d) { yield* resumeBackground(); }'],
  ['a namespace', 'function* () { yield* netloom.resumeBackground(); }'],
  ['what CommonJS makes of it', 'function* () { yield* (0, coroutines_1.resumeBackground)(); }'],
  ['a bundler that renames', 'function* () { yield* resumeBackground2(); }'],
  ['a declared result', 'function* () { const here = yield* resumeBackground(); }'],
  ['no spaces', 'function*(){yield*resumeBackground();work()}'],
  ['statements pulled together', 'function*(){return yield*resumeBackground(),work()}'],
  ['pulled into a list', 'function*(){return[yield*resumeBackground(),a]}'],
  ['pulled into a condition', 'function*(){if(yield*resumeBackground(),a)work()}'],
  ['temporaries of a compiler', 'function* () { var _a, _b; yield* resumeBackground(); }'],
] as const;

for (const [what, source] of FIRST) {
  it(`a hop that comes first is found: ${what}`, () => {
    expect(isHopSource(source)).toBe(true);
  });
}

const NOT_FIRST = [
  ['a statement before it', 'function* () { log(); yield* resumeBackground(); }'],
  ['a value before it', 'function* () { var a = f(); yield* resumeBackground(); }'],
  ['a try of the program', 'function* () { try { yield* resumeBackground(); } finally {} }'],
  [
    'a list and a try of the program',
    'function* () { var a = []; try { work(); yield* resumeBackground(); } finally {} }',
  ],
  ['an inner function', 'function* () { const f = function* () { yield* resumeBackground(); }; }'],
  ['only mentioned', 'function* () { resumeBackground; }'],
  ['not waited for', 'function* () { resumeBackground(); }'],
  ['a plain yield', 'function* () { yield resumeBackground(); }'],
  ['in a comment', 'function* () { /* yield* resumeBackground(); */ }'],
  ['in a string', "function* () { 'yield* resumeBackground()'; }"],
  ['in a default', 'function* (a = "{ yield* resumeBackground()") { work(); }'],
  ['another name', 'function* () { yield* resumeBackgroundSoon(); }'],
  ['a member of it', 'function* () { yield* resumeBackground.now(); }'],
  ['an object’s own method', 'function* () { yield* this.resumeBackground(); }'],
  ['a parent’s method', '*work() { yield* super.resumeBackground(); }'],
  ['a method of a part', 'function* () { yield* player.video.resumeBackground(); }'],
  ['a method that may be missing', 'function* () { yield* player?.resumeBackground(); }'],
  ['a private method', '*work() { yield* player.#resumeBackground(); }'],
  ['behind a condition', 'function* () { if (a) yield* resumeBackground(); }'],
  ['no body', 'function () { [native code] }'],
  ['cut off', 'function* (a = "'],
] as const;

for (const [what, source] of NOT_FIRST) {
  it(`what does not come first is left to be refused where it is reached: ${what}`, () => {
    expect(isHopSource(source)).toBe(false);
  });
}
