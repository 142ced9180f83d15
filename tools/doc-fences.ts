/**
 * Cuts out of a Markdown page what can be run or checked, and says which fences can not.
 *
 * - `ts`, `js`: a program. Fences whose first line is `// file: name.ts` and that stand together are the files of one
 *   program, of which the last is started.
 * - `sh`: commands, started in the root of the repository.
 * - `text` directly below one of these is what it prints; below commands, what they print at the end.
 * - `json`, `c`, `cpp`: read by a parser.
 * - `ts quote`: lines of a file; check-twins compares them.
 * - `no-run: reason` behind any language: not run. `ts` is type-checked all the same.
 *
 * The language comes first, so that hosts colour it; they do not show what stands behind.
 */
import { type Fence, readFences, readIndentedCode } from './markdown.js';
import { isQuote } from './quotes.js';

export interface ProgramFile {
  /** `main.ts` where the fence does not say. */
  readonly name: string;
  readonly code: string;
  /** Line of the page on which the code begins, from 1. */
  readonly line: number;
}

export interface DocProgram {
  /** The last one is started. */
  readonly files: readonly ProgramFile[];
  /** What it prints; absent where the page does not show it. */
  readonly expected: string | undefined;
  /** Absent: it is run. Otherwise why not; empty where the page gives no reason. */
  readonly notRun: string | undefined;
}

/** Commands of an `sh` fence. */
export interface DocCommands {
  readonly code: string;
  readonly line: number;
  readonly expected: string | undefined;
}

/** Something a parser reads. */
export interface DocSnippet {
  readonly language: 'json' | 'c' | 'cpp';
  readonly code: string;
  readonly line: number;
}

export interface DocFault {
  readonly line: number;
  readonly fault: string;
}

export interface DocPage {
  readonly programs: readonly DocProgram[];
  readonly commands: readonly DocCommands[];
  readonly snippets: readonly DocSnippet[];
  /** What is neither run nor says why. */
  readonly faults: readonly DocFault[];
}

const FILE_LINE = /^\/\/ file: (\S+)\s*$/;
const PROGRAM_LANGUAGES = ['ts', 'js'];
const SNIPPET_LANGUAGES = ['json', 'c', 'cpp'] as const;

/** The programs of one page, in reading order. */
export function readPrograms(markdown: string): readonly DocProgram[] {
  return readPage(markdown).programs;
}

/** All fences of one page, in reading order within each kind. */
export function readPage(markdown: string): DocPage {
  const programs: DocProgram[] = [];
  const commands: DocCommands[] = [];
  const snippets: DocSnippet[] = [];
  const faults: DocFault[] = readIndentedCode(markdown).map((line) => {
    return { line, fault: 'code by indent: make it a fence that says its language' };
  });
  let files: ProgramFile[] = [];
  let notRun: string | undefined;
  /** Takes a `text` fence that stands directly below. */
  let takeOutput: ((expected: string) => void) | undefined;

  const end = (expected?: string) => {
    if (files.length > 0) programs.push({ files, expected, notRun });
    files = [];
    notRun = undefined;
  };

  for (const fence of readFences(markdown)) {
    const { line, code } = fence;
    const [language = '', mark] = fence.info.split(/[\s:]+/);
    const isNotRun = mark === 'no-run';
    const followsDirectly = fence.before.every((one) => one.trim() === '');
    if (language === 'text' && followsDirectly && takeOutput !== undefined && !isNotRun) {
      takeOutput(code);
      takeOutput = undefined;
      continue;
    }
    takeOutput = undefined;
    if (isQuote(fence.info)) {
      end();
      continue;
    }
    if (mark !== undefined && !isNotRun) {
      faults.push({
        line: line - 1,
        fault: `\`${fence.info}\`: only no-run and quote have a meaning`,
      });
    }
    if (!PROGRAM_LANGUAGES.includes(language)) {
      end();
      if (isNotRun) {
        if (reasonOf(fence) === '') faults.push(withoutReason(line - 1, language));
        // Below commands that are not run stands an example of what they print.
        if (language === 'sh') takeOutput = () => {};
      } else if (language === 'sh') {
        const at = commands.push({ code, line, expected: undefined }) - 1;
        takeOutput = (expected) => {
          commands[at] = { code, line, expected };
        };
      } else {
        const known = SNIPPET_LANGUAGES.find((one) => one === language);
        if (known === undefined) faults.push({ line: line - 1, fault: whyNot(language) });
        else snippets.push({ language: known, code, line });
      }
      continue;
    }
    const name = FILE_LINE.exec(code.split('\n', 1)[0] ?? '')?.[1];
    const isNewSection = fence.before.some((one) => /^#{1,6} /.test(one));
    const isTaken = files.some((file) => file.name === name);
    const isWhole = files[0]?.name === 'main.ts' || files[0]?.name === 'main.js';
    if (name === undefined || isNewSection || isTaken || isWhole) end();
    if (isNotRun) {
      notRun = reasonOf(fence);
      if (notRun === '') faults.push(withoutReason(line - 1, language));
    }
    files.push({ name: name ?? `main.${language}`, code, line });
    takeOutput = end;
    if (name === undefined && isNotRun) end();
  }
  end();
  return { programs, commands, snippets, faults: faults.sort((a, b) => a.line - b.line) };
}

function withoutReason(line: number, language: string): DocFault {
  return { line, fault: `\`${language} no-run\` without a reason: say why behind it` };
}

function whyNot(language: string): string {
  if (language === '') return 'a fence that does not say its language';
  if (language === 'text') {
    return '`text` that is not directly below a program: show what prints it, or say `text no-run: why`';
  }
  return `nothing runs or checks \`${language}\`: say \`${language} no-run: why\``;
}

/** Behind `no-run`, in the comment that begins the code, or in a line of prose above that begins with "Not run". */
function reasonOf(fence: Fence): string {
  const inInfo = /^\S+\s+no-run[\s:(]*(.*?)\)?$/.exec(fence.info)?.[1];
  const inCode = fence.code
    .split('\n')
    .slice(0, 2)
    .filter((line) => !FILE_LINE.test(line))
    .map((line) => /^(?:\/\/|#) *(.+)/.exec(line)?.[1])[0];
  const above = fence.before.findLast((line) => line.trim() !== '');
  const inProse = above !== undefined && /^\W*not run\b/i.test(above) ? above : undefined;
  return inInfo || inCode || inProse || '';
}
