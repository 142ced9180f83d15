/**
 * `errors`: Error Lookup. From a number, a name or some words to what the error is called on each system, what it means
 * and why it usually happens. The tutorial uses Visual Studio's errlook.exe for this; the tables are winsock-native's.
 */
import { type Bilingual, type ErrorInfo, lookupError, searchErrors } from '@netloom/winsock-native';
import type { Command } from 'commander';
import { fold } from '../theatre/fold.js';
import { inLanguage, LANGUAGES, type Language } from '../theatre/language.js';
import { type Screen, standardOutput } from '../theatre/screen.js';
import { tableLines } from '../theatre/tables.js';
import { langOption } from './options.js';
import { EXIT_FAILED, EXIT_USAGE, Problem } from './problem.js';
import { clipped } from './trace-cells.js';

export interface ErrorsOptions {
  /** Absent: both languages. */
  readonly lang?: Language;
  readonly json?: boolean;
}

/** As many are shown in full; more of them as a list. */
const MOST_IN_FULL = 3;
const INDENT = '  ';
/** Of a longer question (a whole log) only the beginning is said back, in columns. */
const MOST_OF_QUERY = 60;
/** Stands where a system has no number or no name. */
const NONE = '—';
/** From here downwards numbers are Node's own: of failed look-ups of names (-3008), and of all errors on Windows. */
const NODE_FIRST = -3000;

const WORDS = {
  description: {
    en: 'what an error means: by number, name or words, of any system',
    zh: '查错误的含义：按编号、名称或词语，各系统皆可',
  },
  what: {
    en: '10048, 0x2740, -104, ECONNREFUSED, WSAEFAULT, timed out …',
    zh: '10048、0x2740、-104、ECONNREFUSED、WSAEFAULT、超时……',
  },
  lang: { en: 'one language instead of both', zh: '只用一种语言，而不是两种' },
  json: { en: 'one JSON object instead of text', zh: '输出一个 JSON 对象而不是文本' },
  missing: {
    en: 'errors: say what to look up, for example: pnpm demo errors 10048, errors ECONNREFUSED, errors timed out',
    zh: 'errors：请给出要查的内容，例如：pnpm demo errors 10048、errors ECONNREFUSED、errors 超时',
  },
  system: { en: 'system', zh: '系统' },
  number: { en: 'number', zh: '编号' },
  name: { en: 'name', zh: '名称' },
  meaning: { en: 'meaning', zh: '含义' },
  node: { en: "Node's err.errno", zh: 'Node 的 err.errno' },
  code: { en: "Node's err.code: ", zh: 'Node 的 err.code：' },
  nearest: { en: 'nearest: ', zh: '最接近：' },
  aliases: { en: 'Other names: ', zh: '别名：' },
  causes: { en: 'Usual causes:', zh: '常见原因：' },
  inFull: {
    en: 'In full, for example: pnpm demo errors ',
    zh: '查看全部内容，例如：pnpm demo errors ',
  },
} as const satisfies Record<string, Bilingual>;

/** Adds the command to the demo's; `finish` turns what it throws into a sentence and an exit code. */
export function registerErrors(
  program: Command,
  finish: (command: Promise<number>) => Promise<void>,
  language: Language,
): void {
  const say = (text: Bilingual) => inLanguage(language, text);
  const lang = langOption(language);
  lang.description = say(WORDS.lang);
  program
    .command('errors')
    .description(say(WORDS.description))
    .argument('[what...]', say(WORDS.what))
    .addOption(lang)
    .option('--json', say(WORDS.json), false)
    .action((words: string[], options: ErrorsOptions) => finish(errors(words, options)));
}

/** Looks up and prints. @returns 0, or 1 when nothing was found */
export async function errors(
  words: readonly string[],
  options: ErrorsOptions = {},
  screen: Screen = standardOutput,
): Promise<number> {
  const query = words.join(' ').trim();
  const page = new Page(options.lang === undefined ? LANGUAGES : [options.lang], screen);
  if (query === '') throw new Problem(page.inAll(WORDS.missing), EXIT_USAGE);
  const found = search(words, query);
  if (options.json === true) {
    screen.write(`${JSON.stringify({ query, found }, undefined, 2)}\n`);
    return found.length > 0 ? 0 : EXIT_FAILED;
  }
  if (found.length === 0) throw new Problem(page.folded(notFound(shown(query))));
  if (found.length > 1 && !isList(words)) page.headings(countOf(shown(query), found.length));
  if (found.length > MOST_IN_FULL) {
    page.list(found);
    page.paragraph(`${page.inFirst(WORDS.inFull)}${found[0]?.name}`);
  } else {
    for (const [index, info] of found.entries()) {
      if (index > 0) screen.write('\n');
      page.error(info, query);
    }
  }
  return 0;
}

const NUMBER = /^[+-]?(\d+|0x[\da-f]+)$/i;

/** Several numbers or names are looked up one by one, anything else as one text. */
function search(words: readonly string[], query: string): ErrorInfo[] {
  if (!isList(words)) return searchErrors(query);
  const found = words.flatMap((word) => searchErrors(word));
  return [...new Map(found.map((info) => [info.name, info])).values()];
}

function isList(words: readonly string[]): boolean {
  const isKnown = (word: string) => NUMBER.test(word) || lookupError(word) !== undefined;
  return words.length > 1 && words.every(isKnown);
}

/** What was asked, as it can be said back: in one line, and with nothing that a terminal would obey. */
function shown(query: string): string {
  const start = query.slice(0, 2 * MOST_OF_QUERY);
  const harmless = start.replaceAll(
    /\p{Cc}/gu,
    (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return clipped(harmless, MOST_OF_QUERY);
}

function countOf(query: string, count: number): Bilingual {
  return {
    en: `${count} errors fit “${query}”, the likeliest first`,
    zh: `“${query}”有 ${count} 个结果，最可能的在前`,
  };
}

function notFound(query: string): Bilingual {
  return {
    en:
      `nothing found for “${query}”. Try a number of any system (10048, 0x2740, 104 or -104), a name or a part of one ` +
      '(ECONNREFUSED, WSAEFAULT, ADDRINUSE), or fewer and simpler words in English or Chinese (timed out, refused, 超时)',
    zh:
      `没有找到“${query}”。可以试试：任一系统的编号（10048、0x2740、104 或 -104）、名称或其一部分` +
      '（ECONNREFUSED、WSAEFAULT、ADDRINUSE），或更少、更简单的中英文词语（超时、拒绝、timed out）',
  };
}

/** What is printed, in one language or in both. */
class Page {
  readonly #languages: readonly Language[];
  readonly #screen: Screen;

  constructor(languages: readonly Language[], screen: Screen) {
    this.#languages = languages;
    this.#screen = screen;
  }

  inAll(text: Bilingual): string {
    return this.#languages.map((language) => inLanguage(language, text)).join('\n');
  }

  folded(text: Bilingual): string {
    return fold(this.inAll(text), this.#screen.columns).join('\n');
  }

  /** Labels and headers would be too wide in both. */
  inFirst(text: Bilingual): string {
    return inLanguage(this.#languages[0] ?? 'en', text);
  }

  headings(text: Bilingual): void {
    for (const line of this.inAll(text).split('\n')) this.paragraph(line);
    this.#line('');
  }

  paragraph(text: string, indent = ''): void {
    for (const line of fold(text, this.#screen.columns - indent.length)) this.#line(indent + line);
  }

  /** All that is known of one error. */
  error(info: ErrorInfo, query: string): void {
    this.#line(info.name === info.wsaName ? `${info.wsaCode} ${info.name}` : info.name);
    this.paragraph(this.inAll(info.meaning), INDENT);
    this.#line('');
    const header = [WORDS.system, WORDS.number, WORDS.name, WORDS.node].map((one) =>
      this.inFirst(one),
    );
    this.#table([header, ...this.#systems(info, query)]);
    this.#line('');
    if (info.code !== null) this.paragraph(`${this.inFirst(WORDS.code)}'${info.code}'`, INDENT);
    if (info.aliases.length > 0) {
      this.paragraph(`${this.inFirst(WORDS.aliases)}${info.aliases.join(', ')}`, INDENT);
    }
    this.paragraph(this.inFirst(WORDS.causes), INDENT);
    this.paragraph(this.inAll(info.causes), INDENT + INDENT);
  }

  /** One row an error. */
  list(found: readonly ErrorInfo[]): void {
    const header = [WORDS.number, WORDS.name, WORDS.meaning].map((one) => this.inFirst(one));
    const rows = found.map((info) => [
      info.name === info.wsaName ? String(info.wsaCode) : NONE,
      info.code === null || info.code === info.name ? info.name : `${info.name}\n${info.code}`,
      this.inAll(info.meaning),
    ]);
    this.#table([header, ...rows]);
    this.#line('');
  }

  #systems(info: ErrorInfo, query: string): string[][] {
    const asked = NUMBER.test(query) ? Math.abs(Number(query)) : undefined;
    const mark = (number: number | null) => {
      if (number === null) return NONE;
      return number === asked ? `${number} ←` : String(number);
    };
    const markOfNode = (errno: number | null) => {
      const isAsked = errno !== null && errno <= NODE_FIRST && -errno === asked;
      return isAsked ? `${errno} ←` : String(errno ?? NONE);
    };
    const { linux, darwin, win32 } = info.errno;
    const isWindows = info.name === info.wsaName;
    const hexadecimal = `(0x${info.wsaCode.toString(16).toUpperCase()})`;
    const windows = isWindows
      ? `${mark(info.wsaCode)} ${hexadecimal}`
      : `${this.inFirst(WORDS.nearest)}${info.wsaCode}`;
    const resolver = info.aliases.find((alias) => alias.startsWith('EAI_'));
    const unix = (system: string, errno: number | null) => {
      const isOwn = errno !== null && errno > NODE_FIRST;
      const name = isOwn ? info.code : (resolver ?? null);
      return [system, mark(isOwn ? -errno : null), name ?? NONE, markOfNode(errno)];
    };
    return [
      ['Windows', windows, info.wsaName, markOfNode(win32)],
      unix('Linux', linux),
      unix('macOS', darwin),
    ];
  }

  #table(rows: readonly (readonly string[])[]): void {
    for (const line of tableLines(rows, this.#screen.columns - INDENT.length)) {
      this.#line(INDENT + line);
    }
  }

  #line(text: string): void {
    this.#screen.write(`${text.trimEnd()}\n`);
  }
}
