/**
 * Quotes: fences `ts quote` under a link line, which hold lines of a file of the repository word for word.
 *
 * Why not a program in the page: what is quoted runs where it stands, and a copy would not notice when that changes.
 * The form is pinned down in check-twins.ts.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readFences } from './markdown.js';
import { shown } from './workspace.js';

/** A link line, with the quote below it where its target names lines. */
export interface Quote {
  /** Line of the page with the link, from 1. */
  readonly line: number;
  /** The file, as the link's text names it: from the root. */
  readonly path: string;
  readonly href: string;
  /** First and last line of the file, from 1; absent: the whole file is meant. */
  readonly range: readonly [number, number] | undefined;
  readonly code: string | undefined;
}

interface QuoteOptions {
  readonly isUpdate?: boolean;
}

const LINK_LINE = /^\s*(?:[-*] )?\[`?([^\]`]+)`?\]\(([^)#\s]+)(?:#L(\d+)(?:-L(\d+))?)?\)\s*$/;
const QUOTE_INFO = /^\S+ quote$/;

/** Whether a fence is a quote. */
export function isQuote(info: string): boolean {
  return QUOTE_INFO.test(info);
}

/** The link lines of a page to files that are not pages, in reading order, with their quotes. */
export function readQuotes(markdown: string): Quote[] {
  const lines = markdown.split(/\r?\n/);
  const fences = readFences(markdown);
  const inside = new Set(
    fences.flatMap(({ line, code }) => code.split('\n').map((_, index) => line + index)),
  );
  return lines.flatMap((text, index) => {
    const [, path, href, first, last] = LINK_LINE.exec(text) ?? [];
    const line = index + 1;
    if (path === undefined || href === undefined || inside.has(line)) return [];
    if (href.includes('://') || href.endsWith('.md')) return [];
    const below = fences.find((fence) => fence.line > line && isQuote(fence.info));
    const isDirect =
      below !== undefined && lines.slice(line, below.line - 2).every((one) => one.trim() === '');
    const range: [number, number] | undefined =
      first === undefined ? undefined : [Number(first), Number(last ?? first)];
    return [{ line, path, href, range, code: isDirect ? below.code : undefined }];
  });
}

/** Compares each quote of a page with the file; gives the page with the line numbers of today, and what is wrong. */
export function checkQuotes(
  root: string,
  page: string,
  markdown: string,
  { isUpdate = false }: QuoteOptions = {},
): { markdown: string; problems: string[] } {
  const name = shown(root, page);
  const lines = markdown.split('\n');
  const quotes = readQuotes(markdown);
  const problems: string[] = [];
  for (const quote of quotes) {
    const found = compare(root, page, quote);
    if (found === undefined) continue;
    if (isUpdate && found.moved !== undefined) {
      lines[quote.line - 1] = (lines[quote.line - 1] ?? '').replace(/#L\d+(-L\d+)?/, found.moved);
    } else {
      problems.push(`${name}:${quote.line}: ${found.problem}`);
    }
  }
  const used = quotes.filter(({ code }) => code !== undefined).length;
  const all = readFences(markdown).filter(({ info }) => isQuote(info));
  if (all.length !== used) {
    const lonely = all.filter(({ line }) => !isUnderLink(markdown, line));
    for (const { line } of lonely) {
      problems.push(`${name}:${line - 1}: a quote needs a line with its link directly above`);
    }
  }
  return { markdown: lines.join('\n'), problems };
}

function isUnderLink(markdown: string, fenceLine: number): boolean {
  const above = markdown.split(/\r?\n/).slice(0, fenceLine - 2);
  return LINK_LINE.test(above.findLast((line) => line.trim() !== '') ?? '');
}

interface Difference {
  readonly problem: string;
  /** The fragment that is right now, where there is exactly one. */
  readonly moved?: string;
}

function compare(root: string, page: string, quote: Quote): Difference | undefined {
  const file = join(dirname(page), quote.href);
  if (!existsSync(file)) return { problem: `${quote.href} does not exist` };
  const path = shown(root, file);
  const isNamed = quote.path === path || `${quote.path}/` === path;
  const { range, code } = quote;
  if (range === undefined) {
    // A link to a file or a folder in a line of its own is an ordinary link unless a quote follows.
    if (code === undefined) return undefined;
    return { problem: `the link of a quote names its lines: ${path}#L1-L2` };
  }
  if (statSync(file).isDirectory()) return { problem: `${path} is a folder` };
  if (!isNamed) return { problem: `the text of the link is not the path ${path}` };
  if (code === undefined) {
    return {
      problem: `line numbers without a quote below, so that nothing notices when they move`,
    };
  }
  const [first, last] = range;
  const source = readFileSync(file, 'utf8').split(/\r?\n/);
  const here = source.slice(first - 1, last);
  if (last <= source.length && first <= last && outdent(here) === code) return undefined;
  return whereNow(path, source, code, quote);
}

function whereNow(path: string, source: readonly string[], code: string, quote: Quote): Difference {
  const count = code.split('\n').length;
  const starts = source.flatMap((_, index) =>
    outdent(source.slice(index, index + count)) === code ? [index + 1] : [],
  );
  const [start] = starts;
  const [first, last] = quote.range ?? [0, 0];
  const place = first === last ? `line ${first}` : `lines ${first} to ${last}`;
  if (start === undefined) {
    return {
      problem: `${path} does not have these lines (any more); at ${place} it says something else`,
    };
  }
  if (starts.length > 1) {
    return {
      problem: `${path} has these lines ${starts.length} times, from lines ${starts.join(', ')}, and not as ${place}: say which`,
    };
  }
  const moved = count === 1 ? `#L${start}` : `#L${start}-L${start + count - 1}`;
  return { problem: `${path} has these lines at ${moved}: pnpm check twins --update`, moved };
}

/** Without the indent that all lines share. */
function outdent(lines: readonly string[]): string {
  const full = lines.filter((line) => line.trim() !== '');
  const indents = full.map((line) => line.length - line.trimStart().length);
  const shared = Math.min(...indents, Infinity);
  return lines.map((line) => (line.trim() === '' ? '' : line.slice(shared))).join('\n');
}
