/**
 * The docstrings of a source file as a Markdown page with the same line numbers: what stands between them is left empty,
 * and each begins with a heading, so that the fences of one are never taken for those of the next.
 */
const OPEN = /^\s*\/\*\*(.*)$/;

/** What a file says of itself at its top; drawings stand there by their indent. */
const HEADER = /^\/\*\*(?:(?!```|~~~)[\s\S])*?\*\//;

/** The page; its fences are those of the docstrings. */
export function docstringsAsPage(source: string): string {
  let isInside = false;
  return source
    .replace(HEADER, (header) => header.replaceAll(/[^\n]/g, ''))
    .split(/\r?\n/)
    .map((line) => {
      const opening = isInside ? undefined : OPEN.exec(line)?.[1];
      if (opening !== undefined) {
        isInside = !opening.includes('*/');
        return '# docstring';
      }
      if (!isInside) return '';
      if (line.includes('*/')) {
        isInside = false;
        return '';
      }
      return line.replace(/^\s*\* ?/, '');
    })
    .join('\n');
}

/** Lines, from 1, of each `@example` whose next line that is not empty begins no fence with a language. */
export function examplesWithoutFence(source: string): number[] {
  const lines = docstringsAsPage(source).split('\n');
  return lines.flatMap((line, index) => {
    if (!/^@example\b/.test(line)) return [];
    const next = lines.slice(index + 1).find((one) => one.trim() !== '');
    return next !== undefined && /^(`{3,}|~{3,})\w/.test(next) ? [] : [index + 1];
  });
}
