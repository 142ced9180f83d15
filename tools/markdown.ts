/**
 * What the checks read of a Markdown page: its fences, its headings with the anchors that hosts give them, its links.
 *
 * Line by line, without a parser: enough for pages of our own, which a formatter keeps in one shape.
 */

export interface Fence {
  /** Behind the opening mark: `ts no-run: reason`. */
  readonly info: string;
  readonly code: string;
  /** Line of the page on which the code begins, from 1. */
  readonly line: number;
  /** Lines of prose between the fence before and this one. */
  readonly before: readonly string[];
}

export interface Heading {
  readonly level: number;
  readonly text: string;
  /** Line of the page, from 1. */
  readonly line: number;
}

export interface Link {
  readonly text: string;
  readonly target: string;
  /** Line of the page, from 1. */
  readonly line: number;
}

/** The fences of a page, in reading order; a fence that is never closed ends with the page. */
export function readFences(markdown: string): Fence[] {
  const fences: Fence[] = [];
  let before: string[] = [];
  let open:
    | { mark: string; indent: number; info: string; line: number; code: string[] }
    | undefined;
  const close = () => {
    if (open === undefined) return;
    fences.push({ info: open.info, line: open.line, code: open.code.join('\n'), before });
    before = [];
    open = undefined;
  };
  for (const [index, line] of markdown.split(/\r?\n/).entries()) {
    if (open === undefined) {
      const [, indent, mark, info] = /^( *)(`{3,}|~{3,})\s*([^`]*)$/.exec(line) ?? [];
      if (indent === undefined || mark === undefined) {
        before.push(line);
        continue;
      }
      open = { mark, indent: indent.length, info: info?.trim() ?? '', line: index + 2, code: [] };
      continue;
    }
    const closing = line.trim();
    if (closing.startsWith(open.mark) && closing.replaceAll(open.mark.charAt(0), '') === '') {
      close();
      continue;
    }
    const { indent } = open;
    open.code.push(line.slice(Math.min(indent, line.length - line.trimStart().length)));
  }
  close();
  return fences;
}

/** The lines of a page, with those of fences empty. */
export function readProse(markdown: string): string[] {
  const lines = markdown.split(/\r?\n/);
  for (const { line, code } of readFences(markdown)) {
    const count = code === '' ? 0 : code.split('\n').length;
    for (let index = line - 2; index < line + count && index < lines.length; index++) {
      lines[index] = '';
    }
  }
  return lines;
}

/** The first line, from 1, of every block of code that is one by its indent alone. */
export function readIndentedCode(markdown: string): number[] {
  const lines = readProse(markdown);
  const found: number[] = [];
  let listIndent: number | undefined;
  let isInside = false;
  for (const [index, line] of lines.entries()) {
    const indent = line.length - line.trimStart().length;
    if (line.trim() === '') continue;
    const isAfterBlank = index === 0 || lines[index - 1]?.trim() === '';
    const item = /^(\s*)(?:[-*+]|\d+[.)])\s+/.exec(line);
    const least = (listIndent ?? 0) + 4;
    if (indent >= least && (isInside || isAfterBlank)) {
      if (!isInside) found.push(index + 1);
      isInside = true;
      continue;
    }
    isInside = false;
    if (item !== null) listIndent = item[0].length;
    else if (indent === 0 && isAfterBlank) listIndent = undefined;
  }
  return found;
}

/** Headings of the form `## Title`. */
export function readHeadings(markdown: string): Heading[] {
  return readProse(markdown).flatMap((text, index) => {
    const [, marks, title] = /^(#{1,6})\s+(.+?)\s*#*\s*$/.exec(text) ?? [];
    if (marks === undefined || title === undefined) return [];
    return [{ level: marks.length, text: title, line: index + 1 }];
  });
}

/** What can stand behind `#` in a link to this page: its headings as GitHub names them, and anchors written by hand. */
export function readAnchors(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of readHeadings(markdown)) {
    const slug = slugOf(text);
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  for (const line of readProse(markdown)) {
    for (const [, name] of line.matchAll(/<[a-z]\w*\s[^>]*?\b(?:id|name)="([^"]+)"/gi)) {
      if (name !== undefined) anchors.add(name);
    }
  }
  return anchors;
}

/** Marks gone, letters small, blanks as hyphens. */
function slugOf(heading: string): string {
  return heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/<[^>]*>/g, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** Links in brackets, references and `href`, outside fences and code spans. */
export function readLinks(markdown: string): Link[] {
  return readProse(markdown).flatMap((text, index) => {
    const line = index + 1;
    const plain = text.replaceAll(/(`+)(?!`)(.*?[^`])\1(?!`)/g, (span, mark: string) =>
      // Inside a link's text a code span is part of the text.
      span.replaceAll(/[[\]()<>]/g, mark.charAt(0)),
    );
    const inline = [...plain.matchAll(/\[([^\]]*)\]\(\s*<?([^\s<>)]*)>?(?:\s+"[^"]*")?\s*\)/g)];
    const references = [...plain.matchAll(/^\s{0,3}\[([^\]]+)\]:\s*<?([^\s<>]+)>?/g)];
    const html = [...plain.matchAll(/<(a|img)\s[^>]*?\b(?:href|src)="([^"]+)"/gi)];
    return [...inline, ...references, ...html].map(([, name = '', target = '']) => {
      return { text: name, target, line };
    });
  });
}
