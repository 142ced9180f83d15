/**
 * Checks the table of twins, docs/guide/from-c.md and from-c.zh.md: every row of the walkthrough has an entry in both
 * languages, and what an entry quotes is what the file says at the place that its link names.
 *
 * The form of an entry, the same in both pages:
 *
 *     ### L24 · accept with addrlen 0
 *
 *     Prose.
 *
 *     [apps/demo/stages/03-faults.ts](../../apps/demo/stages/03-faults.ts#L31-L36)
 *
 *     ```ts quote
 *     const addrlen = { value: 0 };
 *     …
 *     ```
 *
 * - Heading of level 3: the names, then optionally ` · ` and words. A name is a listing's id (`L24`), or a call,
 *   constant, structure or class, exactly as in vectors/reference/walkthrough.json. Several that share an entry are
 *   parted by commas: `### WSAStartup, MAKEWORD, WSADATA · start-up`; backquotes around a name do not count. Each name
 *   has exactly one entry a page. Other headings of level 3 are not allowed; other levels are free.
 * - A pair: a line with nothing but a link, whose text is the file's path from the root and whose target ends in
 *   `#L31-L36` (or `#L31`), then, after empty lines at the most, a fence `ts quote` (or `js quote`, `cpp quote` …)
 *   with exactly these lines, less the indent that they all share. Any number of pairs an entry, prose between them.
 * - A whole program may stand there as a link line without line numbers and without a quote.
 * - Where there is no twin (a compiler's message), a line that begins with `No twin:` (`没有对应：`) says why.
 * - Entries with the same names link the same places in the same order in both languages.
 *
 * `pnpm check twins --update` moves line numbers to where the quoted lines are now; a quote that the file does not
 * have any more, or has twice, is told and left for a person. Quotes on other pages are checked in the same way.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHeadings, readProse } from './markdown.js';
import { checkQuotes, readQuotes } from './quotes.js';
import { listPages } from './workspace.js';

const WALKTHROUGH = 'vectors/reference/walkthrough.json';
const ENGLISH = 'docs/guide/from-c.md';
const CHINESE = 'docs/guide/from-c.zh.md';
const NO_TWIN = /^(No twin:|没有对应：)\s*\S/;

export interface TwinOptions {
  /** Writes line numbers that moved into the pages. */
  readonly isUpdate?: boolean;
}

/** The part of the walkthrough's table that the pages must cover. */
interface Walkthrough {
  readonly listings: readonly { readonly id: string }[];
  readonly calls: readonly string[];
  readonly constants: readonly string[];
  readonly structures: readonly string[];
  readonly classes: readonly string[];
}

interface Entry {
  readonly names: readonly string[];
  readonly line: number;
  /** What its pairs and whole programs link, without line numbers: those are the quotes' affair. */
  readonly places: readonly string[];
  readonly hasReason: boolean;
}

/** Checks both pages and every quote; an empty list means that all is there and true. */
export function checkTwins(root: string, options: TwinOptions = {}): string[] {
  const problems = listPages(root).flatMap((page) => {
    const { markdown, problems } = checkQuotes(root, page, readFileSync(page, 'utf8'), options);
    if (options.isUpdate) writeIfChanged(page, markdown);
    return problems;
  });
  const missing = [WALKTHROUGH, ENGLISH, CHINESE].filter((name) => !existsSync(join(root, name)));
  if (missing.length > 0) return [...problems, ...missing.map((name) => `${name}: is missing`)];

  const wanted = readNames(root);
  const [english, chinese] = [ENGLISH, CHINESE].map((page) => {
    const entries = readEntries(root, page);
    problems.push(...checkEntries(page, entries, wanted));
    return entries;
  });
  if (english !== undefined && chinese !== undefined) {
    problems.push(...checkSamePlaces(english, chinese));
  }
  return problems;
}

function writeIfChanged(page: string, markdown: string): void {
  if (markdown !== readFileSync(page, 'utf8')) writeFileSync(page, markdown);
}

function readNames(root: string): Set<string> {
  // SAFETY: a table of our own; a list that is not there fails at once in the spread below.
  const table = JSON.parse(readFileSync(join(root, WALKTHROUGH), 'utf8')) as Walkthrough;
  const listings = table.listings.map(({ id }) => id);
  const { calls, constants, structures, classes } = table;
  return new Set([...listings, ...calls, ...constants, ...structures, ...classes]);
}

function readEntries(root: string, page: string): Entry[] {
  const markdown = readFileSync(join(root, page), 'utf8');
  const headings = readHeadings(markdown);
  const lines = readProse(markdown);
  const quotes = readQuotes(markdown);
  return headings.flatMap((heading, index) => {
    if (heading.level !== 3) return [];
    const end = headings.slice(index + 1).find(({ level }) => level <= 3)?.line ?? Infinity;
    const isInside = (line: number) => line > heading.line && line < end;
    const [names = ''] = heading.text.split(' · ');
    return [
      {
        names: names.split(/,\s*/).map((name) => name.replaceAll('`', '').trim()),
        line: heading.line,
        places: quotes.filter(({ line }) => isInside(line)).map(({ path }) => path),
        hasReason: lines.slice(heading.line, end - 1).some((line) => NO_TWIN.test(line)),
      },
    ];
  });
}

function checkEntries(
  page: string,
  entries: readonly Entry[],
  wanted: ReadonlySet<string>,
): string[] {
  const problems: string[] = [];
  const seen = new Map<string, number>();
  for (const { names, line, places, hasReason } of entries) {
    const where = `${page}:${line}`;
    for (const name of names) {
      const before = seen.get(name);
      if (!wanted.has(name)) problems.push(`${where}: ${name} is no name of ${WALKTHROUGH}`);
      if (before !== undefined)
        problems.push(`${where}: ${name} has an entry already, line ${before}`);
      seen.set(name, before ?? line);
    }
    if (places.length === 0 && !hasReason) {
      problems.push(
        `${where}: ${names.join(', ')} links no code: add a link line with its quote, or \`No twin:\` (\`没有对应：\`) and why`,
      );
    }
  }
  for (const name of wanted) {
    if (!seen.has(name)) problems.push(`${page}: no entry for ${name}: add \`### ${name}\``);
  }
  return problems;
}

/** A reader who switches languages finds the same code. */
function checkSamePlaces(english: readonly Entry[], chinese: readonly Entry[]): string[] {
  const others = new Map(chinese.map((entry) => [entry.names.join(', '), entry]));
  return english.flatMap(({ names, line, places }) => {
    const key = names.join(', ');
    const other = others.get(key);
    if (other === undefined) {
      return [`${CHINESE}: no entry with the heading \`### ${key}\`, which ${ENGLISH}:${line} has`];
    }
    if (places.join() === other.places.join()) return [];
    return [`${CHINESE}:${other.line}: ${key} links other code than ${ENGLISH}:${line}`];
  });
}
