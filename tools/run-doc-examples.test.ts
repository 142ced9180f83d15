import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPrograms } from './doc-fences.js';
import { isAsExpected, runDocExamples } from './run-doc-examples.js';
import { SmallTree } from './small-tree.js';

const REAL_OPTIONS = readFileSync(new URL('../tsconfig.base.json', import.meta.url), 'utf8');
const FENCE = '```';

/** Runs one page and gives what was found. */
async function problemsOf(page: string, timeoutMs?: number): Promise<string[]> {
  using tree = new SmallTree({
    'package.json': { type: 'module' },
    'tsconfig.base.json': REAL_OPTIONS,
    'README.md': page,
  });
  return await runDocExamples(tree.root, timeoutMs === undefined ? {} : { timeoutMs });
}

function fence(info: string, code: string): string {
  return `${FENCE}${info}\n${code}\n${FENCE}\n`;
}

describe('runDocExamples()', () => {
  it('accepts a program that prints what the page shows, with `…` for what differs each time', async () => {
    const page = fence('ts', "console.log('port', Math.random());") + fence('text', 'port …');
    expect(await problemsOf(page)).toEqual([]);
  });

  it('runs TypeScript that Node 20 cannot: types, `using`, top-level await', async () => {
    const code = `const closed: string[] = [];
{
  using one = { [Symbol.dispose]: () => void closed.push('one') };
  await Promise.resolve(one);
}
console.log(closed.join());`;
    expect(await problemsOf(fence('ts', code) + fence('text', 'one'))).toEqual([]);
  });

  it('finds output that differs', async () => {
    const [problem] = await problemsOf(
      `# Title\n\n${fence('ts', "console.log('a');")}${fence('text', 'b')}`,
    );
    expect(problem).toBe('README.md:4: prints\n    a\n  but the page shows\n    b');
  });

  it('finds a program that fails, and shows what it said', async () => {
    const [problem] = await problemsOf(fence('ts', "console.error('why'); process.exitCode = 3;"));
    expect(problem).toBe('README.md:2: ended with exit code 3\n    why');
  });

  it('finds a program that never ends', async () => {
    const [problem] = await problemsOf(fence('ts', 'setInterval(() => {}, 1000);'), 500);
    expect(problem).toContain('README.md:2: did not end within 500 ms');
  });

  it('finds a type error, at its line of the page, and does not run the program', async () => {
    const code = "console.log('never printed');\nconst port: number = 'http';";
    const problems = await problemsOf(fence('ts', code) + fence('text', 'something else'));
    expect(problems).toEqual([
      "README.md:3: TS2322: Type 'string' is not assignable to type 'number'.",
    ]);
  });

  it('runs the last of several files, and the others are modules beside it', async () => {
    const page =
      fence('ts', "// file: greeter.ts\nexport const greet = (name: string) => 'hello ' + name;") +
      'and\n\n' +
      fence(
        'ts',
        "// file: main.ts\nimport { greet } from './greeter.js';\nconsole.log(greet('x'));",
      ) +
      fence('text', 'hello x');
    expect(await problemsOf(page)).toEqual([]);
    const [problem] = await problemsOf(page.replace("greet('x')", "greet('y')"));
    expect(problem).toContain('hello y');
  });

  it('type-checks a `no-run` program without running it, and asks for the reason', async () => {
    const fails = 'process.exitCode = 1;';
    expect(await problemsOf(fence('ts no-run: needs two terminals', fails))).toEqual([]);
    expect(await problemsOf(fence('ts no-run', `// Needs two terminals.\n${fails}`))).toEqual([]);
    expect((await problemsOf(fence('ts no-run', fails)))[0]).toContain('without a reason');
    expect((await problemsOf(fence('ts no-run: x', 'nothing();')))[0]).toContain('TS2304');
  });
});

describe('readPrograms()', () => {
  it('takes a heading, and a name that comes again, as the beginning of another program', () => {
    const file = (name: string) => fence('ts', `// file: ${name}\nexport {};`);
    const page = `${file('a.ts') + file('b.ts')}## Next\n${file('c.ts')}${file('c.ts')}`;
    const names = readPrograms(page).map((program) => program.files.map(({ name }) => name));
    expect(names).toEqual([['a.ts', 'b.ts'], ['c.ts'], ['c.ts']]);
  });

  it('takes a `text` fence as output only directly below a program', () => {
    const page = `${fence('ts', 'f();')}It may look like this:\n${fence('text', 'x')}`;
    expect(readPrograms(page).map(({ expected }) => expected)).toEqual([undefined]);
    expect(readPrograms(fence('sh', 'ls') + fence('text', 'x'))).toEqual([]);
  });

  it('keeps fences inside longer fences as they are', () => {
    expect(readPrograms(`${FENCE}\`md\n${fence('ts', 'f();')}${FENCE}\`\n`)).toEqual([]);
  });
});

describe('isAsExpected()', () => {
  it.each([
    ['a\nb\n', 'a \nb', true],
    ['port …, …', 'port 1, 2', true],
    ['a.c', 'abc', false],
    ['a…', 'a\nb', false],
    ['a', 'a\na', false],
  ])('%j against %j: %s', (expected, actual, result) => {
    expect(isAsExpected(expected, actual)).toBe(result);
  });
});
