/**
 * Which module the program began with: importing it on another thread would run its top level again.
 */

let known: ReadonlySet<string> | undefined;

/** Asked at each launch. */
const answers = /* @__PURE__ */ new Map<string, boolean>();

/**
 * Whether a module is the program's entry. Always false where that cannot be known (browsers, `node --eval`).
 *
 * @param module - a URL
 * @internal
 */
export function isEntryModule(module: string): boolean {
  let answer = answers.get(module);
  if (answer === undefined) {
    known ??= entryUrls();
    answer = known.has(module.replace(/[?#].*$/s, ''));
    answers.set(module, answer);
  }
  return answer;
}

function entryUrls(): ReadonlySet<string> {
  const named = globalThis.process?.argv?.[1];
  // No static imports: browsers have no such modules.
  const builtin = globalThis.process?.getBuiltinModule;
  if (named === undefined || builtin === undefined) return new Set();
  const { createRequire } = builtin('node:module');
  const { realpathSync } = builtin('node:fs');
  const { pathToFileURL } = builtin('node:url');
  try {
    // `node main` and `node .` leave the extension and the file to Node's resolution.
    const path = createRequire(import.meta.url).resolve(named);
    // Node names modules by their real path, unless told otherwise; both are refused.
    return new Set([path, realpathSync(path)].map((one) => pathToFileURL(one).href));
  } catch {
    return new Set();
  }
}
