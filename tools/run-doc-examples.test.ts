import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPage, readPrograms } from './doc-fences.js';
import { docstringsAsPage } from './docstrings.js';
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

describe('runDocExamples() of other fences', () => {
  it('runs `sh` in the root, and compares the end of what it prints', async () => {
    const page = fence('sh', 'echo first\nls package.json\necho "$((6 * 7))"');
    expect(await problemsOf(page)).toEqual([]);
    expect(await problemsOf(page + fence('text', 'package.json\n…2'))).toEqual([]);
    const [problem] = await problemsOf(page + fence('text', 'package.json\n43'));
    expect(problem).toBe(
      'README.md:2: prints\n    first\n    package.json\n    42\n  but the page shows\n    …\n    package.json\n    43',
    );
  });

  it('finds a command that fails, also when it is not the last', async () => {
    const [problem] = await problemsOf(fence('sh', 'ls nothing-here\necho fine'));
    expect(problem).toContain('README.md:2: ended with exit code');
    expect(problem).toContain('nothing-here');
  });

  it('ends commands that do not end, and what they started', async () => {
    const started = Date.now();
    const [problem] = await problemsOf(fence('sh', 'sleep 60 & sleep 60'), 100);
    expect(problem).toContain('did not end within 400 ms');
    expect(Date.now() - started).toBeLessThan(30_000);
  });

  it('gives commands a pnpm', async () => {
    expect(await problemsOf(fence('sh', 'command -v pnpm'))).toEqual([]);
  });

  it('runs `js` without checking its types', async () => {
    const page = fence('js', "const port = 1;\nconsole.log(port.nothing ?? 'none');");
    expect(await problemsOf(page + fence('text', 'none'))).toEqual([]);
    expect((await problemsOf(fence('js', 'throw new Error("why")')))[0]).toContain('why');
  });

  it.each([
    ['json', '{ "a": [1, 2] }', '{ "a": [1, 2], }', 'README.md:2: no JSON'],
    ['c', '#include <stddef.h>\nint main(void) { return 0; }', 'int main(void) { return x; }', 'x'],
    ['cpp', 'int main() { auto x = 0; return x; }', 'recv(sock, buf, 1, 0);', 'README.md:2: not a'],
  ])('reads `%s`', async (language, right, wrong, problem) => {
    expect(await problemsOf(fence(language, right))).toEqual([]);
    expect((await problemsOf(fence(language, wrong)))[0]).toContain(problem);
    expect(await problemsOf(fence(`${language} no-run: a part`, wrong))).toEqual([]);
  });

  it.each([
    ['a fence without a language', fence('', 'x'), 'README.md:1: a fence that does not say'],
    ['`text` that nothing prints', fence('text', 'x'), 'README.md:1: `text` that is not directly'],
    [
      'a second `text`',
      fence('sh', 'echo x') + fence('text', 'x').repeat(2),
      'README.md:7: `text`',
    ],
    [
      'a language that nothing checks',
      fence('yaml', 'a: b'),
      'README.md:1: nothing runs or checks',
    ],
    [
      'a marker that means nothing',
      fence('sh norun: x', 'true'),
      'README.md:1: `sh norun: x`: only',
    ],
    ['`no-run` without a reason', fence('sh no-run', 'true'), 'README.md:1: `sh no-run` without a'],
    [
      '`no-run:` without a reason',
      fence('json no-run:', '{'),
      'README.md:1: `json no-run` without',
    ],
    ['code by indent', 'x\n\n    pnpm build\n    pnpm test\n\ny\n', 'README.md:3: code by indent'],
    ['code by indent in a list', '- x\n\n      code\n', 'README.md:3: code by indent'],
  ])('finds %s', async (_what, page, problem) => {
    const problems = await problemsOf(page);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it.each([
    ['text no-run: a drawing', '+--+'],
    ['mermaid no-run: a drawing', 'graph'],
    ['sh no-run: does not end by itself', 'sleep 1000'],
    ['ts quote', 'not a program'],
  ])('accepts `%s`', async (info, code) => {
    expect(await problemsOf(fence(info, code))).toEqual([]);
  });

  it('takes `text` below commands that are not run for an example', async () => {
    expect(await problemsOf(fence('sh no-run: long', 'x') + fence('text', 'y'))).toEqual([]);
  });

  it('takes paragraphs of a list for what they are', () => {
    const page = '- one\n  more\n\n  more\n\n    more\n1. two\n\n   more\n\nend\n';
    expect(readPage(page).faults).toEqual([]);
  });

  it.each(['docs/guide/one.md', 'apps/demo/README.md', '.changeset/one.md', 'bench/x.md'])(
    'reads %s',
    async (name) => {
      using tree = new SmallTree({
        'tsconfig.base.json': REAL_OPTIONS,
        [name]: fence('json', '{'),
      });
      expect((await runDocExamples(tree.root))[0]).toContain(`${name}:2: no JSON`);
    },
  );
});

describe('runDocExamples() of docstrings', () => {
  const docstring = (text: string) =>
    `const before = 1;\n/**\n${text
      .trimEnd()
      .split('\n')
      .map((line) => ` * ${line}`.trimEnd())
      .join('\n')}\n */\nexport const after = before;\n`;

  async function problemsIn(text: string, name = 'packages/one/src/one.ts'): Promise<string[]> {
    using tree = new SmallTree({
      'tsconfig.base.json': REAL_OPTIONS,
      'packages/one/package.json': { name: 'one' },
      [name]: text,
    });
    return await runDocExamples(tree.root);
  }

  it('runs an @example, and compares what it prints', async () => {
    const example = `Adds.\n\n@example\n${fence('ts', 'console.log(1 + 1);')}${fence('text', '2')}`;
    expect(await problemsIn(docstring(example))).toEqual([]);
    expect(await problemsIn(docstring(example.replace('1 + 1', '1 + 2')))).toEqual([
      'packages/one/src/one.ts:7: prints\n    3\n  but the page shows\n    2',
    ]);
    const [problem] = await problemsIn(docstring(example.replace('1 + 1', 'x')));
    expect(problem).toContain("packages/one/src/one.ts:7: TS2304: Cannot find name 'x'");
  });

  it('keeps the fences of two docstrings apart', async () => {
    const one = docstring(fence('ts', "// file: a.ts\nexport const a = '1';"));
    const two = docstring(
      fence('ts', "// file: b.ts\nimport { a } from './a.js';\nconsole.log(a);"),
    );
    expect((await problemsIn(one + two))[0]).toContain('TS2307');
    expect((await problemsIn(one + docstring(fence('text', 'x'))))[0]).toContain('`text` that is');
  });

  it('finds an @example without a fence', async () => {
    const [problem] = await problemsIn(docstring('Adds.\n\n@example\nadd(1, 2)'));
    expect(problem).toContain('packages/one/src/one.ts:5: @example without a fence');
  });

  it('leaves tests, other folders and ordinary comments alone', async () => {
    const wrong = docstring(fence('json', '{'));
    expect(await problemsIn(wrong)).toHaveLength(1);
    expect(await problemsIn(wrong, 'packages/one/src/one.test.ts')).toEqual([]);
    expect(await problemsIn(wrong, 'packages/one/test/one.ts')).toEqual([]);
    expect(await problemsIn(wrong.replace('/**', '/*'))).toEqual([]);
  });

  it('finds code by indent, but for drawings at the top of a file', async () => {
    const drawing = '/**\n * Two sides.\n *\n *     a --> b\n */\n';
    expect(await problemsIn(drawing)).toEqual([]);
    expect(await problemsIn(`${drawing}${docstring('Adds.\n\n    add(1, 2)')}`)).toEqual([
      'packages/one/src/one.ts:10: code by indent: make it a fence that says its language',
    ]);
  });

  it('keeps line numbers', () => {
    expect(docstringsAsPage('a\n/** One line. */\n  /**\n   * x\n   *   y\n   */\nb')).toBe(
      '\n# docstring\n# docstring\nx\n  y\n\n',
    );
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
    ['a\n…\nd', 'a\nb\nc\nd', true],
    ['a\n…\nd', 'a\nd', true],
    ['a\n…\nd', 'a\nb', false],
    ['…\nb', 'a\nb\nc', false],
  ])('%j against %j: %s', (expected, actual, result) => {
    expect(isAsExpected(expected, actual)).toBe(result);
  });
});
