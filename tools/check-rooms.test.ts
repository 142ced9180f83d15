import { describe, expect, it } from 'vitest';
import { checkRooms } from './check-rooms.js';
import { manifest, SmallTree } from './small-tree.js';

/** A tree in which every arrow is right; a case adds one file or replaces one. */
const SOUND = {
  'package.json': { devDependencies: { vitest: '*' } },
  'packages/sockaddr/package.json': manifest('sockaddr'),
  'packages/sockaddr/src/index.ts': "export { htons } from './byte-order.js';\n",
  'packages/sockaddr/src/byte-order.ts': 'export const htons = 1;\n',
  'packages/sockaddr/src/byte-order.test.ts':
    "import { it } from 'vitest';\nimport { htons } from '@netloom/sockaddr';\n" +
    "const table = new URL('../../../vectors/a.json', import.meta.url);\n",
  'packages/threadpool/package.json': manifest('threadpool'),
  'packages/threadpool/src/index.ts': 'export {};\n',
  'packages/coroutines/package.json': manifest('coroutines'),
  'packages/coroutines/src/index.ts': 'export {};\n',
  'packages/winsock-native/package.json': manifest('winsock-native', [
    '@netloom/sockaddr',
    'node-gyp-build',
  ]),
  'packages/winsock-native/src/native.ts':
    "import { htons } from '@netloom/sockaddr';\nconst find = require('node-gyp-build');\n",
  'apps/demo/package.json': { ...manifest('demo', ['@netloom/sockaddr']), private: true },
  'apps/demo/main.ts': "import { htons } from '@netloom/sockaddr';\n",
  'bench/run.ts': "const demo = new URL('../apps/demo/dist/main.js', import.meta.url);\n",
};

interface Fault {
  readonly name: string;
  readonly files: Readonly<Record<string, unknown>>;
  readonly says: string;
}

const TEST = 'packages/coroutines/src/a.test.ts';
const SOURCE = 'packages/coroutines/src/a.ts';
const BENCH = 'bench/run.ts';

const FAULTS: readonly Fault[] = [
  {
    name: 'an import upwards',
    files: { [SOURCE]: "\nimport type { Socket } from '@netloom/winsock-native';\n" },
    says: `${SOURCE}:2 -> @netloom/winsock-native: coroutines may import no room`,
  },
  {
    name: 'an import sideways, in a test',
    files: { [TEST]: "import { ThreadPool } from '@netloom/threadpool';\n" },
    says: `${TEST}:1 -> @netloom/threadpool: coroutines may import no room`,
  },
  {
    name: 'a dynamic import upwards',
    files: { [SOURCE]: "export const f = () => import('@netloom/winsock-native');\n" },
    says: `${SOURCE}:1 -> @netloom/winsock-native: coroutines may import no room`,
  },
  {
    name: "a type written import('x')",
    files: { [SOURCE]: "export type S = import('@netloom/winsock-native').Socket;\n" },
    says: `${SOURCE}:1 -> @netloom/winsock-native: coroutines may import no room`,
  },
  {
    name: 'a re-export upwards',
    files: { [SOURCE]: "export { Socket } from '@netloom/winsock-native';\n" },
    says: `${SOURCE}:1 -> @netloom/winsock-native: coroutines may import no room`,
  },
  {
    name: 'another room by its path',
    files: { [SOURCE]: "import { htons } from '../../sockaddr/src/byte-order.js';\n" },
    says:
      `${SOURCE}:1 -> ../../sockaddr/src/byte-order.js: reaches into room sockaddr: ` +
      'across packages import @netloom/sockaddr',
  },
  {
    name: "another room's file by URL",
    files: { [SOURCE]: "new URL('../../threadpool/dist/worker-entry.js', import.meta.url);\n" },
    says:
      `${SOURCE}:1 -> ../../threadpool/dist/worker-entry.js: reaches into room threadpool: ` +
      'across packages import @netloom/threadpool',
  },
  {
    name: "another room's src/ by name",
    files: {
      'packages/winsock-native/src/a.ts': "import '@netloom/sockaddr/src/byte-order.js';\n",
    },
    says:
      'packages/winsock-native/src/a.ts:1 -> @netloom/sockaddr/src/byte-order.js: ' +
      "imports another room's src/: use @netloom/sockaddr",
  },
  {
    name: 'an entry that is not public',
    files: { 'packages/winsock-native/src/a.ts': "import '@netloom/sockaddr/cidr';\n" },
    says:
      'packages/winsock-native/src/a.ts:1 -> @netloom/sockaddr/cidr: ' +
      '@netloom/sockaddr has no entry ./cidr',
  },
  {
    name: 'a room that is allowed but not declared',
    files: {
      'packages/winsock-native/package.json': manifest('winsock-native', ['node-gyp-build']),
    },
    says:
      'packages/winsock-native/src/native.ts:1 -> @netloom/sockaddr: ' +
      '@netloom/sockaddr is not declared in packages/winsock-native/package.json',
  },
  {
    name: 'a room that is declared but not allowed',
    files: { 'packages/threadpool/package.json': manifest('threadpool', ['@netloom/sockaddr']) },
    says: 'packages/threadpool/package.json: declares @netloom/sockaddr; threadpool may import no room',
  },
  {
    name: 'a tool of the workspace in shipped source',
    files: { [SOURCE]: "import { it } from 'vitest';\n" },
    says: `${SOURCE}:1 -> vitest: vitest is not declared in packages/coroutines/package.json`,
  },
  {
    name: 'the vectors in shipped source',
    files: { [SOURCE]: "new URL('../../../vectors/a.json', import.meta.url);\n" },
    says: `${SOURCE}:1 -> ../../../vectors/a.json: leaves its room; a source file may name nothing outside`,
  },
  {
    name: "a package's own name in its source",
    files: { 'packages/sockaddr/src/a.ts': "import { htons } from '@netloom/sockaddr';\n" },
    says:
      'packages/sockaddr/src/a.ts:1 -> @netloom/sockaddr: ' +
      'inside a package import the file, not the package',
  },
  {
    name: 'a Node API in the room that runs in browsers',
    files: { 'packages/sockaddr/src/a.ts': "import { endianness } from 'node:os';\n" },
    says: 'packages/sockaddr/src/a.ts:1 -> node:os: sockaddr runs in browsers too: no Node API',
  },
  {
    name: 'an app imported by a room',
    files: { [TEST]: "import '../../../apps/demo/main.js';\n" },
    says: `${TEST}:1 -> ../../../apps/demo/main.js: nothing imports an app`,
  },
  {
    name: 'an app imported by a benchmark',
    files: { [BENCH]: "import '@netloom/demo';\n" },
    says: `${BENCH}:1 -> @netloom/demo: nothing imports an app`,
  },
  {
    name: "a room's src/ in a benchmark",
    files: { [BENCH]: "import '../packages/sockaddr/src/index.js';\n" },
    says: `${BENCH}:1 -> ../packages/sockaddr/src/index.js: reaches into packages/sockaddr: import @netloom/sockaddr`,
  },
  {
    name: 'an undeclared room in a built declaration',
    files: {
      'packages/coroutines/dist/index.d.ts': "export type S = import('@netloom/sockaddr').A;\n",
    },
    says:
      'packages/coroutines/dist/index.d.ts:1 -> @netloom/sockaddr: ' +
      '@netloom/sockaddr is not declared in packages/coroutines/package.json',
  },
  {
    name: 'export * in a door',
    files: { 'packages/sockaddr/src/index.ts': "export * from './byte-order.js';\n" },
    says: 'packages/sockaddr/src/index.ts:1: `export *` hides what is public: name each one',
  },
  {
    name: 'code in a door',
    files: { 'packages/sockaddr/src/index.ts': 'export const a = 1;\n' },
    says: 'packages/sockaddr/src/index.ts:1: index.ts holds named re-exports and nothing else',
  },
  {
    name: 'a default export',
    files: { [SOURCE]: '\nexport default function f() {}\n' },
    says: `${SOURCE}:2: default export: give it a name`,
  },
  {
    name: 'a room without a row in the table',
    files: { 'packages/newroom/package.json': manifest('newroom') },
    says: 'packages/newroom/package.json: room newroom has no row in tools/check-rooms.ts: add what it may import',
  },
];

describe('checkRooms()', () => {
  it('finds nothing where every arrow goes down, by name, and is declared', () => {
    using tree = new SmallTree(SOUND);
    expect(checkRooms(tree.root)).toEqual([]);
  });

  it.each(FAULTS)('finds $name, and says where', ({ files, says }) => {
    using tree = new SmallTree({ ...SOUND, ...files });
    expect(checkRooms(tree.root)).toEqual([says]);
  });
});
