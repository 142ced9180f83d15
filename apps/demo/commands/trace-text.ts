/**
 * Calls for people: one after the other in columns, as C writes them, and below each the bytes that went in and came out.
 *
 *        time  process  thread     took  call
 *       2.360  server   main      22 µs  bind(19, 127.0.0.1:9008, 16) = 0
 *              name  02 00 23 30 7f 00 00 01 00 00 00 00 00 00 00 00
 */
import type { Bilingual } from '@netloom/winsock-native';
import {
  type CallRecord,
  formatCall,
  type TracedArgument,
  type TracedBytes,
  type TracedValue,
} from '@netloom/winsock-native/trace';
import { fold, widthOf } from '../theatre/fold.js';
import { inLanguage, type Language } from '../theatre/language.js';
import { tableLines } from '../theatre/tables.js';
import { clipped, duration, padEnd, padStart, TIE, wrapped } from './trace-cells.js';

export interface CallsOptions {
  /** The traced command, for the heading. */
  readonly command: string;
  readonly language: Language;
  readonly columns: number;
}

/** More of a text, or of memory, is for the other formats. */
const SHOWN_CHARACTERS = 64;
const SHOWN_BYTES = 64;

const GAP = '  ';
const TIME_WIDTH = 9;
const TOOK_WIDTH = 8;
const MOST_NAME_WIDTH = 14;
const NARROW = { columns: 60, nameWidth: 8 };
/** A call in less room than this stands on a line of its own. */
const LEAST_CALL_WIDTH = 34;

const NS_PER_MS = 1_000_000;

const WORDS = {
  none: { en: 'no socket call was made', zh: '没有任何套接字调用' },
  process: { en: 'process', zh: '进程' },
  pid: { en: 'number', zh: '进程号' },
  threads: { en: 'threads (the kernel’s numbers)', zh: '线程（内核中的编号）' },
  time: { en: 'ms', zh: '毫秒' },
  thread: { en: 'thread', zh: '线程' },
  took: { en: 'took', zh: '用时' },
  call: { en: 'call = result', zh: '调用 = 结果' },
  main: { en: 'main', zh: '主线程' },
  unfinished: { en: 'unfinished', zh: '没有返回' },
} as const satisfies Record<string, Bilingual>;

/** @param calls - sorted by their start, as `readTrace` gives them */
export function callsAsText(calls: readonly CallRecord[], options: CallsOptions): string[] {
  const page = new Page(calls, options);
  return calls.length === 0 ? page.heading() : [...page.heading(), '', ...page.rows()];
}

class Page {
  readonly #calls: readonly CallRecord[];
  readonly #options: CallsOptions;
  /** Of several processes, one after the other: these need their number beside. */
  readonly #sharedNames: ReadonlySet<string>;
  readonly #processWidth: number;
  readonly #threadWidth: number;

  constructor(calls: readonly CallRecord[], options: CallsOptions) {
    this.#calls = calls;
    this.#options = options;
    // Thousands of calls have a few names: a call of Math.max takes no more arguments than the stack holds.
    const widest = (texts: readonly string[]) => Math.max(...[...new Set(texts)].map(widthOf));
    const pids = new Map<string, Set<number>>();
    for (const { process, pid } of calls) {
      pids.set(process, (pids.get(process) ?? new Set()).add(pid));
    }
    this.#sharedNames = new Set([...pids].filter(([, of]) => of.size > 1).map(([name]) => name));
    const names = calls.map((call) => this.#process(call));
    this.#processWidth = widest([this.#say(WORDS.process), ...names]);
    const threads = calls.map((call) => this.#thread(call));
    this.#threadWidth = widest([this.#say(WORDS.thread), ...threads]);
  }

  /** How many calls, and whose numbers are whose. */
  heading(): string[] {
    const { columns, command } = this.#options;
    const calls = this.#calls;
    if (calls.length === 0) return fold(`${command}: ${this.#say(WORDS.none)}`, columns);
    const pids = [...new Set(calls.map((call) => call.pid))];
    const processes = pids.map((pid) => calls.filter((call) => call.pid === pid));
    const header = [WORDS.process, WORDS.pid, WORDS.threads].map((word) => this.#say(word));
    const rows = processes.map((ofOne) => [
      ofOne[0]?.process ?? '',
      String(ofOne[0]?.pid ?? ''),
      [
        ...new Set(
          ofOne
            .toSorted((a, b) => a.threadId - b.threadId)
            .map((call) => `${this.#thread(call)}${TIE}${call.kernelThreadId}`),
        ),
      ].join(', '),
    ]);
    const table = tableLines([header, ...rows], columns).map((line) => line.replaceAll(TIE, ' '));
    return [...fold(this.#sums(processes.length), columns), '', ...table];
  }

  get #mostNameWidth(): number {
    return this.#options.columns < NARROW.columns ? NARROW.nameWidth : MOST_NAME_WIDTH;
  }

  #sums(processes: number): string {
    const { command } = this.#options;
    const calls = this.#calls.length;
    // To have nothing to give yet is no failure.
    const failed = this.#calls.filter(
      (call) => call.error !== undefined && call.result !== 'WOULD_BLOCK',
    ).length;
    const open = this.#calls.filter((call) => call.durationNs === undefined).length;
    const parts: Bilingual[] = [
      {
        en: `Socket calls of ${command}: ${calls}, by ${processes} process${processes === 1 ? '' : 'es'}`,
        zh: `${command} 的套接字调用：${processes} 个进程，共 ${calls} 次`,
      },
      ...(failed === 0 ? [] : [{ en: `${failed} gave an error`, zh: `${failed} 次返回错误` }]),
      ...(open === 0
        ? []
        : [
            {
              en: `${open} had not returned when the process ended`,
              zh: `${open} 次在进程结束时还没有返回`,
            },
          ]),
    ];
    return parts.map((part) => this.#say(part)).join(this.#say({ en: '; ', zh: '；' }));
  }

  rows(): string[] {
    const titles = [WORDS.time, WORDS.process, WORDS.thread, WORDS.took].map((w) => this.#say(w));
    const [time = '', process = '', thread = '', took = ''] = titles;
    const header = this.#row({ time, process, thread, took, call: [this.#say(WORDS.call)] });
    const firstNs = this.#calls[0]?.startNs ?? 0n;
    return [...header, ...this.#calls.flatMap((call) => this.#callLines(call, firstNs))];
  }

  #callLines(record: CallRecord, firstNs: bigint): string[] {
    const { startNs, durationNs, args } = record;
    const text = formatCall({ ...record, args: args.map(shortened) }).replace(
      / {2}unfinished$/,
      `${GAP}${this.#say(WORDS.unfinished)}`,
    );
    const lines = this.#row({
      time: (Number(startNs - firstNs) / NS_PER_MS).toFixed(3),
      process: this.#process(record),
      thread: this.#thread(record),
      took: durationNs === undefined ? '…' : duration(durationNs),
      call: wrapped(text, this.#callWidth),
    });
    const memory = args.flatMap(memoryOf);
    const labelWidth = Math.max(0, ...memory.map(({ label }) => widthOf(label)));
    return [...lines, ...memory.flatMap((each) => this.#hexLines(each, labelWidth))];
  }

  get #prefixWidth(): number {
    const widths = [TIME_WIDTH, this.#processWidth, this.#threadWidth, TOOK_WIDTH];
    return widths.reduce((sum, width) => sum + width + GAP.length, 0);
  }

  get #isNarrow(): boolean {
    return this.#options.columns - this.#prefixWidth < LEAST_CALL_WIDTH;
  }

  get #callWidth(): number {
    const { columns } = this.#options;
    return columns - (this.#isNarrow ? GAP.length : this.#prefixWidth);
  }

  /** The fixed columns, and beside them the call; below them where there is too little room. */
  #row(cells: {
    readonly time: string;
    readonly process: string;
    readonly thread: string;
    readonly took: string;
    readonly call: readonly string[];
  }): string[] {
    const prefix = [
      padStart(cells.time, TIME_WIDTH),
      padEnd(cells.process, this.#processWidth),
      padEnd(cells.thread, this.#threadWidth),
      padStart(cells.took, TOOK_WIDTH),
    ].join(GAP);
    if (this.#isNarrow) return [prefix, ...cells.call.map((line) => GAP + line)];
    const blank = ' '.repeat(widthOf(prefix));
    return cells.call.map((line, at) => `${at === 0 ? prefix : blank}${GAP}${line}`);
  }

  #hexLines({ label, bytes }: Memory, labelWidth: number): string[] {
    const indent = ' '.repeat(this.#isNarrow ? GAP.length : TIME_WIDTH + GAP.length);
    const room = this.#options.columns - indent.length - labelWidth - GAP.length;
    const perLine = [32, 16, 8, 4].find((count) => 3 * count - 1 <= room) ?? 4;
    const pairs = bytes.hex.match(/../g)?.slice(0, SHOWN_BYTES) ?? [];
    const lines: string[] = [];
    for (let at = 0; at < pairs.length; at += perLine) {
      lines.push(pairs.slice(at, at + perLine).join(' '));
    }
    const isCut = bytes.length > pairs.length;
    const rest = this.#say({
      en: `… ${bytes.length} bytes in all`,
      zh: `…… 共 ${bytes.length} 字节`,
    });
    return [...lines, ...(isCut ? [rest] : [])].map(
      (line, at) => `${indent}${padEnd(at === 0 ? label : '', labelWidth)}${GAP}${line}`,
    );
  }

  /** Its whole name stands above; here there is room for its beginning. */
  #process({ process, pid }: CallRecord): string {
    const number = this.#sharedNames.has(process) ? ` ${pid}` : '';
    return clipped(process, this.#mostNameWidth - number.length) + number;
  }

  #thread({ threadId }: CallRecord): string {
    return threadId === 0 ? this.#say(WORDS.main) : `#${threadId}`;
  }

  #say(text: Bilingual): string {
    return inLanguage(this.#options.language, text);
  }
}

interface Memory {
  readonly label: string;
  readonly bytes: TracedBytes;
}

/** What went in and what came out, the second under an arrow where both are there and differ. */
function memoryOf({ name, in: before, out: after }: TracedArgument): Memory[] {
  const given = before?.bytes;
  const taken = after?.bytes;
  const isSame = given?.hex === taken?.hex && given?.length === taken?.length;
  const label = given === undefined ? name : `→ ${name}`;
  return [
    ...(given === undefined ? [] : [{ label: name, bytes: given }]),
    ...(taken === undefined || isSame ? [] : [{ label, bytes: taken }]),
  ].filter(({ bytes }) => bytes.length > 0);
}

function shortened({ name, in: before, out: after }: TracedArgument): TracedArgument {
  return {
    name,
    ...(before === undefined ? {} : { in: shortValue(before) }),
    ...(after === undefined ? {} : { out: shortValue(after) }),
  };
}

/** A quoted text, cut; its bytes stand below. */
function shortValue(value: TracedValue): TracedValue {
  const characters = [...value.text];
  const isLongText = value.bytes !== undefined && characters.length > SHOWN_CHARACTERS;
  if (!isLongText || !/^L?"/.test(value.text)) return value;
  return { ...value, text: `${characters.slice(0, SHOWN_CHARACTERS).join('')}"…` };
}
