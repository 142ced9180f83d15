import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkTwins } from './check-twins.js';
import { SmallTree } from './small-tree.js';

const FENCE = '```';
const SOURCE = 'one\ntwo\n  three\n    four\n  five\nlast\nlast\n';
const WALKTHROUGH = {
  listings: [{ id: 'L1', what: 'x', stage: 'G' }],
  calls: ['bind'],
  constants: ['INADDR_ANY'],
  structures: ['sockaddr_in'],
  classes: ['ITask'],
};

function pair(lines: string, code: string): string {
  return `[src/a.ts](../../src/a.ts${lines})\n\n${FENCE}ts quote\n${code}\n${FENCE}\n`;
}

const PAGE = `# Title

### L1 · what it is

Prose.

${pair('#L3-L5', 'three\n  four\nfive')}
### bind, \`INADDR_ANY\`

${pair('#L1', 'one')}
### sockaddr_in, ITask · both

[src/a.ts](../../src/a.ts)
`;
const CHINESE = PAGE.replace('Prose.', '说明。');

function treeOf(english: string, chinese: string): SmallTree {
  return new SmallTree({
    'docs/guide/from-c.md': english,
    'docs/guide/from-c.zh.md': chinese,
    'src/a.ts': SOURCE,
    'vectors/reference/walkthrough.json': WALKTHROUGH,
  });
}

function problemsOf(english: string, chinese: string = english): string[] {
  using tree = treeOf(english, chinese);
  return checkTwins(tree.root);
}

it('the list of the walkthrough has its 43 listings and names of every kind', () => {
  const url = new URL('../vectors/reference/walkthrough.json', import.meta.url);
  const table = JSON.parse(readFileSync(url, 'utf8'));
  const ids = table.listings.map(({ id }: { id: string }) => id);
  expect(ids).toEqual(Array.from({ length: 43 }, (_, index) => `L${index + 1}`));
  for (const kind of ['calls', 'constants', 'structures', 'classes']) {
    expect(table[kind].length, kind).toBeGreaterThan(5);
  }
});

it('checkTwins() accepts pages that cover every row, with quotes as the file has them', () => {
  expect(problemsOf(PAGE, CHINESE)).toEqual([]);
  expect(problemsOf(PAGE.replaceAll('../../src/a.ts#L1)', '../../src/a.ts#L1-L1)'))).toEqual([]);
});

it.each([
  ['a row without an entry', '### L1 ·', '#### L1 ·', 'docs/guide/from-c.md: no entry for L1: add'],
  ['a name that is no row', 'sockaddr_in, ITask', 'sockaddr_in, ITask, ITaks', 'ITaks is no name'],
  ['a second entry of a name', 'sockaddr_in, ITask', 'sockaddr_in, ITask, L1', 'L1 has an entry'],
  ['a file that is not there', '../../src/a.ts#L3', '../../src/b.ts#L3', 'b.ts does not exist'],
  ['lines beyond the end', '#L3-L5', '#L3-L50', 'src/a.ts has these lines at #L3-L5'],
  ['lines the wrong way round', '#L3-L5', '#L5-L3', 'src/a.ts has these lines at #L3-L5'],
  ['a quote that the file does not say', '\n  four', '\n  foul', 'does not have these lines'],
  ['an indent that the file does not have', '\n  four', '\nfour', 'does not have these lines'],
  ['a quote at another place', '#L3-L5', '#L2-L4', 'src/a.ts has these lines at #L3-L5'],
  ['line numbers without a quote', 'ts quote\none', 'text\none', 'without a quote below'],
  ['a quote without line numbers', 'a.ts#L1)', 'a.ts)', 'the link of a quote names its lines'],
  [
    'a text that is not the path',
    '[src/a.ts](../../src/a.ts#L1)',
    '[a](../../src/a.ts#L1)',
    'path',
  ],
  ['a quote without a link', '[src/a.ts](../../src/a.ts#L1)', 'See', 'a quote needs a line with'],
  ['an entry without code', '\n[src/a.ts](../../src/a.ts)\n', '', 'ITask links no code'],
])('checkTwins() finds %s', (_what, from, to, problem) => {
  expect(PAGE).toContain(from);
  const [first] = problemsOf(PAGE.replace(from, to), CHINESE);
  expect(first).toContain(problem);
});

it('checkTwins() names the line of the page', () => {
  expect(problemsOf(PAGE.replace('#L3-L5', '#L2-L4'), CHINESE)).toEqual([
    'docs/guide/from-c.md:7: src/a.ts has these lines at #L3-L5: pnpm check twins --update',
  ]);
});

it('checkTwins() accepts a reason in place of code, in both languages', () => {
  const from = '[src/a.ts](../../src/a.ts)\n';
  expect(
    problemsOf(
      PAGE.replace(from, 'No twin: the compiler says it.\n'),
      CHINESE.replace(from, '没有对应：这是编译器的消息。\n'),
    ),
  ).toEqual([]);
  expect(problemsOf(PAGE.replace(from, 'No twin:\n'))[0]).toContain('links no code');
});

it('checkTwins() compares the languages: the same entries, the same places', () => {
  const renamed = CHINESE.replace('sockaddr_in, ITask', 'ITask, sockaddr_in');
  expect(problemsOf(PAGE, renamed)).toEqual([
    'docs/guide/from-c.zh.md: no entry with the heading `### sockaddr_in, ITask`, which docs/guide/from-c.md:23 has',
  ]);
  const [problem] = problemsOf(
    PAGE,
    CHINESE.replace(pair('#L1', 'one'), pair('#L1', 'one').repeat(2)),
  );
  expect(problem).toBe(
    'docs/guide/from-c.zh.md:15: bind, INADDR_ANY links other code than docs/guide/from-c.md:15',
  );
});

it('checkTwins() tells that a page or the list is missing', () => {
  using tree = new SmallTree({ 'docs/guide/from-c.md': PAGE, 'src/a.ts': SOURCE });
  expect(checkTwins(tree.root)).toEqual([
    'vectors/reference/walkthrough.json: is missing',
    'docs/guide/from-c.zh.md: is missing',
  ]);
});

it('--update moves line numbers, and leaves what is gone or there twice to a person', () => {
  const moved = pair('#L1-L2', 'three\n  four\nfive') + pair('#L9', 'one');
  const stays = pair('#L1', 'last') + pair('#L1', 'gone');
  using tree = treeOf(`${moved}${stays}`, '');
  tree.write({ 'README.md': 'fine\n' });
  const page = join(tree.root, 'docs/guide/from-c.md');

  const before = checkTwins(tree.root).filter((problem) => /a\.ts has|a\.ts does/.test(problem));
  expect(before).toHaveLength(4);
  expect(readFileSync(page, 'utf8')).toBe(moved + stays);

  const after = checkTwins(tree.root, { isUpdate: true });
  expect(readFileSync(page, 'utf8')).toBe(
    pair('#L3-L5', 'three\n  four\nfive') + pair('#L1', 'one') + stays,
  );
  expect(after[0]).toContain(
    'src/a.ts has these lines 2 times, from lines 6, 7, and not as line 1',
  );
  expect(after[1]).toContain('src/a.ts does not have these lines (any more); at line 1 it says');
});

it('checkTwins() compares quotes on every page, and takes no fence for a link line', () => {
  const example = `${FENCE}text\n[src/a.ts](src/a.ts#L1)\n${FENCE}\n`;
  using tree = treeOf(PAGE, CHINESE);
  tree.write({
    'README.md': `${example}[src/a.ts](src/a.ts#L2)\n\n${FENCE}ts quote\none\n${FENCE}\n`,
  });
  expect(checkTwins(tree.root)).toEqual([
    'README.md:4: src/a.ts has these lines at #L1: pnpm check twins --update',
  ]);
});
