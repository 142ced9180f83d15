/** Fences that no program runs, but that a parser can read: JSON, and whole files in C and C++. */
import type { DocSnippet } from './doc-fences.js';
import { type RunOptions, run } from './run-process.js';

/** The system's own compilers, as C programs find them. */
const COMPILERS = { c: 'cc', cpp: 'c++' } as const;

/** What is wrong with it, or `undefined`. */
export async function checkSnippet(
  { language, code }: DocSnippet,
  options: RunOptions,
): Promise<string | undefined> {
  if (language === 'json') return parseJson(code);
  const args = ['-x', language === 'c' ? 'c' : 'c++', '-fsyntax-only', '-'];
  const { stderr, end } = await run(COMPILERS[language], args, { ...options, input: code });
  if (end === undefined) return undefined;
  const first = stderr.split('\n').find((line) => line.includes('error')) ?? stderr.trim();
  return `not a whole file that compiles (a part of one: \`${language} no-run: why\`): ${first}`;
}

function parseJson(code: string): string | undefined {
  try {
    JSON.parse(code);
    return undefined;
  } catch (error) {
    return `no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
