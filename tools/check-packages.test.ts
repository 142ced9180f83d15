import { expect, it } from 'vitest';
import { checkPackages } from './check-packages.js';
import { manifest, SmallTree } from './small-tree.js';

const ROOM = 'packages/sockaddr';

const SOUND = {
  [`${ROOM}/package.json`]: { ...manifest('sockaddr'), license: 'MIT' },
  [`${ROOM}/README.md`]: '# sockaddr\n',
  [`${ROOM}/dist/index.js`]: 'export {};\n',
  [`${ROOM}/dist/index.d.ts`]: 'export {};\n',
};

it('checkPackages() finds nothing in a sound package', async () => {
  using tree = new SmallTree(SOUND);
  expect(await checkPackages(tree.root)).toEqual([]);
});

it('checkPackages() finds vectors and tests that would ship, and a missing README', async () => {
  const { [`${ROOM}/README.md`]: _, ...without } = SOUND;
  using tree = new SmallTree({
    ...without,
    [`${ROOM}/package.json`]: { ...manifest('sockaddr'), files: ['dist', 'vectors'] },
    [`${ROOM}/dist/a.test.js`]: '',
    [`${ROOM}/vectors/a.json`]: '[]',
  });
  expect(await checkPackages(tree.root)).toEqual([
    `${ROOM}: would ship dist/a.test.js: tests are not published`,
    `${ROOM}: would ship vectors/a.json: test vectors are not published`,
    `${ROOM}/README.md: every package has one`,
  ]);
});

it("checkPackages() passes on publint's word on an entry that is not there", async () => {
  using tree = new SmallTree({
    ...SOUND,
    [`${ROOM}/package.json`]: {
      ...manifest('sockaddr'),
      exports: { '.': { types: './dist/index.d.ts', default: './dist/gone.js' } },
    },
  });
  const problems = await checkPackages(tree.root);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain('the file does not exist');
});
