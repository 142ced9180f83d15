/**
 * Cuts the programs out of a Markdown page.
 *
 * A `ts` fence is a program. Fences whose first line is `// file: name.ts` and that stand together are the files of one
 * program, of which the last is started. A `text` fence directly below a program is what it prints.
 */
import { type Fence, readFences } from './markdown.js';
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

const FILE_LINE = /^\/\/ file: (\S+)\s*$/;

/** The programs of one page, in reading order. */
export function readPrograms(markdown: string): DocProgram[] {
  const programs: DocProgram[] = [];
  let files: ProgramFile[] = [];
  let notRun: string | undefined;
  const end = (expected?: string) => {
    if (files.length > 0) programs.push({ files, expected, notRun });
    files = [];
    notRun = undefined;
  };
  for (const fence of readFences(markdown)) {
    const language = fence.info.split(/\s+/)[0];
    const isNotRun = /^\S+\s+no-run\b/.test(fence.info);
    const followsDirectly = fence.before.every((line) => line.trim() === '');
    if (language === 'text' && followsDirectly) {
      end(fence.code);
      continue;
    }
    // A quote is compared with its file, by check-twins.
    if (language !== 'ts' || isQuote(fence.info)) {
      end();
      continue;
    }
    const name = FILE_LINE.exec(fence.code.split('\n', 1)[0] ?? '')?.[1];
    const isNewSection = fence.before.some((line) => /^#{1,6} /.test(line));
    const isTaken = files.some((file) => file.name === name);
    if (name === undefined || isNewSection || isTaken || files[0]?.name === 'main.ts') end();
    if (isNotRun) notRun = reasonOf(fence);
    files.push({ name: name ?? 'main.ts', code: fence.code, line: fence.line });
    if (name === undefined && isNotRun) end();
  }
  end();
  return programs;
}

/** Behind `no-run`, in the comment that begins the code, or in a line of prose above that begins with "Not run". */
function reasonOf(fence: Fence): string {
  const inInfo = /^\S+\s+no-run[\s:(]*(.*?)\)?$/.exec(fence.info)?.[1];
  const inCode = fence.code
    .split('\n')
    .slice(0, 2)
    .filter((line) => !FILE_LINE.test(line))
    .map((line) => /^\/\/ *(.+)/.exec(line)?.[1])[0];
  const above = fence.before.findLast((line) => line.trim() !== '');
  const inProse = above !== undefined && /^\W*not run\b/i.test(above) ? above : undefined;
  return inInfo || inCode || inProse || '';
}
