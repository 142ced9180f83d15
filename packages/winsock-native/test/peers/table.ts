/**
 * The list of peers' behaviours as data, and as the page docs/internals/peer-behaviours.md.
 *
 * Also reads what the list is held against: the titles of tests in a file, and the places in the sources that make a code
 * of their own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGE = new URL('../../', import.meta.url);
const DATA = new URL('../../vectors/reference/peer-behaviours.json', PACKAGE);

/** Where a test stands: its file, seen from the package, and its title. */
export interface TestAt {
  readonly file: string;
  readonly title: string;
}

/** One behaviour that tests of peers hold. With `differs`, ours is another, for that reason. */
export interface Behaviour {
  readonly call: string;
  readonly what: string;
  /** By source, the names of the tests. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
  readonly test: TestAt;
  readonly differs?: string;
}

/** Tests of a source that are not listed one by one, counted. */
export interface Group {
  readonly source: string;
  readonly about: string;
  readonly state: string;
  readonly tests: number;
}

/** A check of ours that Linux does not make, or a code that is not the kernel's own. */
export interface Check {
  readonly calls: string;
  readonly check: string;
  readonly code: number | string;
  /** What Linux does without it. */
  readonly without: string;
  readonly source: string;
  readonly test: TestAt | null;
  /** Why there is no test. */
  readonly untested?: string;
  /** Places in the sources: file, function, constant. */
  readonly at: readonly string[];
}

interface Source {
  readonly project: string;
  readonly version: string;
  readonly files: Readonly<Record<string, number>>;
}

/** All of vectors/reference/peer-behaviours.json. */
export interface PeerTable {
  readonly sources: Readonly<Record<string, Source>>;
  readonly behaviours: readonly Behaviour[];
  readonly elsewhere: readonly Group[];
  readonly checks: readonly Check[];
}

/** Reads the list. */
export function readTable(): PeerTable {
  return JSON.parse(readFileSync(DATA, 'utf8'));
}

/** Patterns of all titles in a file of tests: what a template or `%s` leaves open may be anything. */
export function titlesIn(file: string): RegExp[] {
  const text = readFileSync(fileURLToPath(new URL(file, PACKAGE)), 'utf8');
  const called =
    /\b(?:test|it)(?:\.\w+)?(?:\([^\n]*?\))?\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;
  const methods = /^ {2}async '([^']*)'\(\)/gm;
  const found = [...text.matchAll(called), ...text.matchAll(methods)];
  return found.map((match) => patternOf(match[1] ?? match[2] ?? match[3] ?? ''));
}

function patternOf(title: string): RegExp {
  const parts = title.split(/\$\{[^}]*\}|%s|\$\w+/);
  const literal = parts.map((part) =>
    part.replaceAll(/\\(.)/g, '$1').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${literal.join('.+')}$`);
}

/** Every place where a call under a C name makes a code of its own: `file function constant`. */
export function sitesInSources(): string[] {
  const native = new URL('native/', PACKAGE);
  const names = readdirSync(native, { recursive: true, encoding: 'utf8' });
  const sites = new Set<string>();
  for (const name of names.filter((each) => each.endsWith('.cc'))) {
    const text = readFileSync(new URL(name, native), 'utf8');
    addSites(sites, name.replaceAll('\\', '/'), text, /\bkWsa[A-Z]\w*/g);
  }
  const src = new URL('src/', PACKAGE);
  for (const name of ['startup', 'lifecycle', 'transfer', 'messages', 'names', 'options', 'wait']) {
    const text = readFileSync(new URL(`${name}.ts`, src), 'utf8');
    addSites(sites, `src/${name}.ts`, text, /(?<=\breturn )WSAE?[A-Z]{3,}\b/g);
  }
  return [...sites].sort();
}

function addSites(sites: Set<string>, name: string, text: string, constant: RegExp): void {
  let where = '(none)';
  for (const line of text.split('\n')) {
    where = /^(?:export function |[A-Za-z][\w:<>]* )(\w+)\(/.exec(line)?.[1] ?? where;
    for (const [found] of line.matchAll(constant)) sites.add(`${name} ${where} ${found}`);
  }
}

/** The page, generated. */
export function pageOf({ sources, behaviours, elsewhere, checks }: PeerTable): string {
  const lines = [
    '# What do the tests of other socket libraries hold, and ours?',
    '',
    '<!-- Generated from vectors/reference/peer-behaviours.json by packages/winsock-native/test/peers/table.ts; write it anew with: vitest run --project @netloom/winsock-native -u -->',
    '',
    'Others have published what they expect of sockets, as tests. This page lists, call by call, what of that concerns the calls',
    'that netloom has: whose test it is, and which test of ours holds the same, or why ours differs. Where Linux and Winsock',
    'differ, the rule is: what the kernel says, translated into Winsock’s code; Winsock’s own behaviour only where the second',
    'table says so. A test named here exists: a test sees to it, and that no check in the sources is missing from that table.',
    '',
    '## How many',
    '',
    'A test of theirs may hold several behaviours, a behaviour may stand in the tests of several. “Elsewhere” are tests of calls',
    'that netloom has not, or has in another package.',
    '',
    '| source | read | their tests | listed here | elsewhere | behaviours held | behaviours that differ |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  for (const [key, { project, version, files }] of Object.entries(sources)) {
    const rows = behaviours.filter((row) => key in row.sources);
    const differ = rows.filter((row) => row.differs !== undefined).length;
    const total = Object.values(files).reduce((sum, count) => sum + count, 0);
    const others = sumOf(elsewhere.filter((group) => group.source === key));
    const read = `${Object.keys(files).join(', ')}; ${version}`;
    const cells = [project, read, total, listedOf(behaviours, key).size, others];
    lines.push(row([...cells, rows.length - differ, differ]));
  }
  lines.push(
    '',
    '## Behaviour by behaviour',
    '',
    'Tests of ours are seen from packages/winsock-native.',
    '',
  );
  lines.push('| call | behaviour | held by others in | our test | where ours differs |');
  lines.push('| --- | --- | --- | --- | --- |');
  for (const { call, what, sources: from, test, differs } of behaviours) {
    lines.push(row([code(call), what, fromOf(sources, from), testOf(test), differs ?? '']));
  }
  lines.push(
    '',
    '## Elsewhere',
    '',
    '| source | about | tests | state |',
    '| --- | --- | --- | --- |',
  );
  for (const { source, about, tests, state } of elsewhere) {
    lines.push(row([sources[source]?.project ?? source, about, tests, state]));
  }
  lines.push('', '## Every check that is not the kernel’s', '');
  lines.push(
    'What calls under C names refuse, or name, themselves; everything else is the kernel’s answer, translated. A wrong',
  );
  lines.push(
    'JavaScript type, or a number that does not fit the C type, throws before all of them.',
    '',
  );
  lines.push('| calls | what is refused | code | Linux without it | documented in | our test |');
  lines.push('| --- | --- | --- | --- | --- | --- |');
  for (const { calls, check, code: number, without, source, test, untested } of checks) {
    const held = test === null ? `none: ${untested}` : testOf(test);
    lines.push(row([calls, check, number, without, source, held]));
  }
  return `${lines.join('\n')}\n`;
}

/** The tests of a source that some behaviour names. */
export function listedOf(behaviours: readonly Behaviour[], source: string): Set<string> {
  return new Set(behaviours.flatMap((each) => each.sources[source] ?? []));
}

/** How many tests some groups stand for. */
export function sumOf(groups: readonly Group[]): number {
  return groups.reduce((sum, group) => sum + group.tests, 0);
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function fromOf(sources: PeerTable['sources'], from: Behaviour['sources']): string {
  const each = Object.entries(from).map(
    ([key, names]) => `${sources[key]?.project ?? key}: ${names.map(code).join(', ')}`,
  );
  return each.join('; ');
}

function testOf({ file, title }: TestAt): string {
  return `${code(file.replace(/^test\//, '').replace(/\.test\.\w+$/, ''))}: ${title}`;
}
