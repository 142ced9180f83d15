import { expect, it } from 'vitest';
import { checkLinks } from './check-links.js';
import { readAnchors } from './markdown.js';
import { SmallTree } from './small-tree.js';

const TREE = {
  'docs/two.md':
    '# Two\n\n## Über `accept`: 第二 part\n\n## Same\n\n## Same\n\n<a id="by-hand"></a>\n',
  'src/a.ts': 'one\ntwo\n',
  'src/deep/b.ts': '',
};

function problemsOf(markdown: string): string[] {
  const files = { ...TREE, 'docs/one.md': markdown };
  using tree = new SmallTree({ ...files, 'docs/ignored.md': '' });
  return checkLinks(tree.root, Object.keys(files));
}

it.each([
  '[a file](../src/a.ts)',
  '[a folder](../src) and [with a slash](../src/deep/) and [the root](..)',
  '[lines](../src/a.ts#L1-L2) and [one](../src/a.ts#L2)',
  '[a page](two.md) [a heading](two.md#same) [its second](two.md#same-1) [by hand](two.md#by-hand)',
  '[marks and other letters](two.md#über-accept-第二-part)',
  '[encoded](two.md#%C3%BCber-accept-%E7%AC%AC%E4%BA%8C-part)',
  '# Here\n\n[this page](#here)',
  '[other hosts](https://example.org/nothing#x) and <https://example.org> and [mail](mailto:a@b)',
  '`[code](nothing.md)` and ``[more ` code](nothing.md)``',
  '```text\n[a fence](nothing.md)\n```',
  'a [word] in brackets (and more)',
  '[a title](two.md "Two")',
])('checkLinks() accepts %s', (markdown) => {
  expect(problemsOf(markdown)).toEqual([]);
});

it.each([
  ['[x](nothing.md)', 'nothing.md: there is no docs/nothing.md'],
  ['[x](ignored.md)', 'ignored.md: there is no docs/ignored.md'],
  ['[x](Two.md)', 'Two.md: there is no docs/Two.md'],
  ['[x](../../out.md)', '../../out.md: there is no ../out.md'],
  ['[x](two.md#three)', 'two.md#three: docs/two.md has no heading #three'],
  ['[x](two.md#same-2)', 'two.md#same-2: docs/two.md has no heading #same-2'],
  ['[x](#nowhere)', '#nowhere: docs/one.md has no heading #nowhere'],
  ['[x](../src/a.ts#L3)', '../src/a.ts#L3: src/a.ts has lines 1 to 2'],
  ['[x](../src/a.ts#L2-L1)', '../src/a.ts#L2-L1: src/a.ts has lines 1 to 2'],
  ['[x](../src/a.ts#two)', '../src/a.ts#two: only #L1 or #L1-L2 leads into src/a.ts'],
  ['[x](../src#L1)', '../src#L1: a folder has no headings and no lines'],
  ['[x](/src/a.ts)', '/src/a.ts: hosts disagree on where / is: make it relative'],
  ['[x]()', ': a link without a target'],
  ['[`code` in it](nothing.md)', 'nothing.md: there is no docs/nothing.md'],
  ['![x](nothing.png)', 'nothing.png: there is no docs/nothing.png'],
  ['[x](<nothing.md>)', 'nothing.md: there is no docs/nothing.md'],
  ['[x]: nothing.md', 'nothing.md: there is no docs/nothing.md'],
  ['<a href="nothing.md">x</a>', 'nothing.md: there is no docs/nothing.md'],
  ['| a | [x](nothing.md) |', 'nothing.md: there is no docs/nothing.md'],
])('checkLinks() finds %s', (markdown, problem) => {
  expect(problemsOf(`first\n\n${markdown}`)).toEqual([`docs/one.md:3: ${problem}`]);
});

it('readAnchors() takes no comment of a program for a heading', () => {
  expect([...readAnchors('# One `x_y`\n\n```sh\n# two\n```\n\nThree\n')]).toEqual(['one-x_y']);
});
