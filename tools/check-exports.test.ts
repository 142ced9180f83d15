import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkExports } from './check-exports.js';
import { manifest, SmallTree } from './small-tree.js';

const ROOM = 'packages/sockaddr';

const BUILT = {
  [`${ROOM}/package.json`]: manifest('sockaddr'),
  [`${ROOM}/dist/index.d.ts`]: `
    declare function htons(n: number): number;
    declare class InAddr {}
    declare const AF_INET = 2;
    interface Layout { readonly size: number }
    type Family = typeof AF_INET;
    declare class Hidden {}
    export { AF_INET, type Family, type Hidden, InAddr, type Layout, htons };
  `,
  [`${ROOM}/dist/index.js`]:
    'export const AF_INET = 2; export class InAddr {}; export function htons() {}',
};

const PIN = `.
  const AF_INET
  type Family
  type-only class Hidden
  class InAddr
  interface Layout
  function htons
`;

it('checkExports() writes kind and name of every public name with --update, and then finds nothing', async () => {
  using tree = new SmallTree(BUILT);
  expect(await checkExports(tree.root, { isUpdate: true })).toEqual([]);
  expect(readFileSync(join(tree.root, ROOM, 'exports.txt'), 'utf8')).toBe(PIN);
  expect(await checkExports(tree.root)).toEqual([]);
});

it('checkExports() shows a name that came and one that went, and the command that accepts them', async () => {
  using tree = new SmallTree({
    ...BUILT,
    [`${ROOM}/exports.txt`]: PIN.replace('function htons', 'function ntohs'),
  });
  expect(await checkExports(tree.root)).toEqual([
    `${ROOM}/exports.txt differs from what @netloom/sockaddr exports:\n` +
      '    -   function ntohs\n    +   function htons\n' +
      '    accept with: pnpm check exports --update',
  ]);
});

it('checkExports() finds a value that is declared and not there, and one that is there and not declared', async () => {
  using tree = new SmallTree({
    ...BUILT,
    [`${ROOM}/exports.txt`]: PIN,
    [`${ROOM}/dist/index.js`]:
      'export const AF_INET = 2; export class InAddr {}; export const sly = 1;',
  });
  expect(await checkExports(tree.root)).toEqual([
    `${ROOM}/dist/index.js: htons is a value in the declarations only: export the class itself, or an interface`,
    `${ROOM}/dist/index.js: sly is not declared`,
  ]);
});

it('checkExports() asks for a build where there is none', async () => {
  using tree = new SmallTree({ [`${ROOM}/package.json`]: manifest('sockaddr') });
  expect((await checkExports(tree.root))[0]).toBe(
    `${ROOM}/dist/index.d.ts: not there; run \`pnpm build\` first`,
  );
});
