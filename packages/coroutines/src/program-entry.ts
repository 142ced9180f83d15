/**
 * Which module the program began with: importing it on another thread would run its top level again.
 */

/** Extensions that `node dist/main` may leave out. */
const ENDINGS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '/index.js', '/index.mjs'];

let known: ReadonlySet<string> | undefined;

/**
 * Whether a module is the program's entry. Always false where that cannot be known (browsers, `node --eval`).
 *
 * @param module - a URL
 * @internal
 */
export function isEntryModule(module: string): boolean {
  known ??= entryUrls();
  return known.has(module.replace(/[?#].*$/s, ''));
}

function entryUrls(): ReadonlySet<string> {
  const urls = new Set<string>();
  const path = globalThis.process?.argv?.[1];
  const fs = globalThis.process?.getBuiltinModule?.('node:fs');
  const url = globalThis.process?.getBuiltinModule?.('node:url');
  if (path === undefined || fs === undefined || url === undefined) return urls;
  for (const ending of ENDINGS) {
    const candidate = path + ending;
    if (!fs.existsSync(candidate) || fs.statSync(candidate).isDirectory()) continue;
    // Node names modules by their real path, unless told otherwise; both are refused.
    urls.add(url.pathToFileURL(candidate).href);
    urls.add(url.pathToFileURL(fs.realpathSync(candidate)).href);
    break;
  }
  return urls;
}
