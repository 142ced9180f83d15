/** What the theatre promises whoever writes a scene: nothing unseen passes, nothing is left running, columns line up. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { play } from '../theatre/director.js';
import { within } from '../theatre/kernel.js';
import type { Actor, Language, Theatre } from '../theatre/scene.js';
import { tableLines } from '../theatre/tables.js';
import { DEMO } from './program.js';

const ENGLISH = /[a-z]{3,}/i;

interface Played {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly lines: readonly string[];
}

async function played(
  act: (theatre: Theatre, shown: () => string) => Promise<void>,
  { columns = 80, language = 'en' as Language, timeoutMs = 20_000 } = {},
): Promise<Played> {
  let out = '';
  let err = '';
  const code = await play(
    {
      name: { en: 'Test', zh: '测试' },
      scene: {
        title: { en: 'a title', zh: '标题' },
        conclusion: { en: 'The conclusion.', zh: '结论。' },
        play: (theatre) => act(theatre, () => out),
      },
      words: ['stage', '1'],
      programs: { server: () => import('../stages/01-server.js') },
      host: '127.0.0.1',
      port: 0,
    },
    {
      language,
      program: DEMO,
      timeoutMs,
      screen: { columns, write: (text) => (out += text) },
      complain: (text) => {
        err += text;
      },
    },
  );
  return { code, out, err, lines: out.split('\n') };
}

const SEEN = { en: 'it is so', zh: '确实如此' };

/** Any program, as JavaScript. */
function node(theatre: Theatre, source: string, lane = 'node'): Actor {
  return theatre.run(process.execPath, ['-e', source], { lane });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Reaped by nobody is not alive.
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

describe('what a play ends with', () => {
  test('all seen: 0, the list with its evidence, then the conclusion', async () => {
    const { code, out, err } = await played(async (theatre) => {
      theatre.expect(SEEN, true, 'the kernel says so');
    });
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toMatch(/seen +│ it is so +│ the kernel says so\n\nThe conclusion\.\n$/);
  });

  test('an expectation not seen: 1, said at once and in the list', async () => {
    const { code, out } = await played(async (theatre) => {
      theatre.expect(SEEN, true);
      theatre.expect({ en: 'pigs fly', zh: '猪会飞' }, false, 'none in the air');
    });
    expect(code).toBe(1);
    expect(out).toContain('NOT SEEN: pigs fly\n');
    expect(out).toMatch(/NOT SEEN │ pigs fly │ none in the air/);
  });

  test('a scene that expects nothing: 1', async () => {
    const { code, err } = await played(async () => {});
    expect(code).toBe(1);
    expect(err).toMatch(/has not said what was to be seen/);
  });

  test('a program that ends without the line waited for: 1, which, its code, its last words', async () => {
    const { code, err } = await played(async (theatre) => {
      const actor = node(theatre, `console.error('bind failed: 10013'); process.exit(3)`, 'server');
      await actor.printed(/listening/);
    });
    expect(code).toBe(1);
    expect(err).toMatch(/server ended \(3\) without .*listening.*last words: bind failed: 10013\n/);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('an error after something was seen: 1, and what was seen until then', async () => {
    const { code, out } = await played(async (theatre) => {
      theatre.expect(SEEN, true, 'the kernel says so');
      throw new Error('a slip in the scene');
    });
    expect(code).toBe(1);
    expect(out).toMatch(/Until then:\n[\s\S]* seen +│ it is so +│ the kernel says so\n$/);
  });

  test('a program that is not there: 1, by name', async () => {
    const { code, err } = await played(async (theatre) => {
      await theatre.run('no-such-program', []).printed(/anything/);
    });
    expect(code).toBe(1);
    expect(err).toMatch(/no-such-program could not be started: .*ENOENT/);
  });

  test('a program that fell while the scene waited for another is named', async () => {
    const { code, err } = await played(async (theatre, shown) => {
      node(theatre, `console.error('out of luck'); process.exitCode = 7`, 'server');
      await within(5000, () => /exit code 7/.exec(shown()) ?? undefined, 'end');
      await node(theatre, 'setInterval(() => {}, 1e6)', 'client').printed(/hello/, 100);
    });
    expect(code).toBe(1);
    expect(err).toMatch(
      /client has not printed .*\nMeanwhile server had ended \(7\): out of luck\n/,
    );
  });

  test('a program that ends because another was ended is not named', async () => {
    const { code, err } = await played(async (theatre) => {
      const server = node(
        theatre,
        `require('node:net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })`,
        'server',
      );
      const [port] = await server.printed(/\d+/);
      // These are ended between the two, so that the second has time to notice the first one's end.
      for (const lane of ['a', 'b', 'c', 'd', 'e']) {
        await node(theatre, `console.log('up'); setInterval(() => {}, 1e6)`, lane).printed(/up/);
      }
      const client = node(
        theatre,
        `require('node:net').connect(${port}, '127.0.0.1', () => console.log('there')).on('close', () => process.exit(3)).resume()`,
        'client',
      );
      await client.printed(/there/);
      await server.printed(/never/, 100);
    });
    expect(code).toBe(1);
    expect(err).not.toMatch(/Meanwhile/);
  });

  test('a program that is silent until the deadline: 1, what it was to print', async () => {
    const { code, err } = await played(async (theatre) => {
      await node(theatre, 'setInterval(() => {}, 1e6)').printed(/hello/, 100);
    });
    expect(code).toBe(1);
    expect(err).toMatch(/node has not printed .*hello.* within 0\.1 s/);
  });

  test('a program that fails while nobody looks: 1', async () => {
    const { code, out } = await played(async (theatre, shown) => {
      theatre.expect(SEEN, true);
      node(theatre, 'process.exitCode = 7');
      await within(5000, () => /exit code 7/.exec(shown()) ?? undefined, 'end');
    });
    expect(code).toBe(1);
    expect(out).toMatch(/NOT SEEN │ node ends well \(exit code 0\) │ 7/);
  });

  test('a program that the scene leaves running: 1, and it is ended', async () => {
    let pid = 0;
    const { code, out } = await played(async (theatre) => {
      theatre.expect(SEEN, true);
      const actor = node(theatre, `console.log('ready'); setInterval(() => {}, 1e6)`);
      await actor.printed(/ready/);
      pid = actor.pid;
    });
    expect(code).toBe(1);
    expect(out).toMatch(/NOT SEEN: node has ended when the scene is over/);
    expect(isAlive(pid)).toBe(false);
  });

  test('a program that the scene ends itself: no fault', async () => {
    const { code } = await played(async (theatre) => {
      theatre.expect(SEEN, true);
      await using actor = node(theatre, `console.log('ready'); setInterval(() => {}, 1e6)`);
      await actor.printed(/ready/);
    });
    expect(code).toBe(0);
  });

  test('an error in the scene: 1, its stack, and what it had started is ended, with what that had started', async () => {
    let grandchild = 0;
    const source = `
      const child = require('node:child_process').spawn('sleep', ['1000']);
      console.log('child ' + child.pid);
    `;
    const { code, err } = await played(async (theatre) => {
      const [, pid] = await node(theatre, source).printed(/child (\d+)/);
      grandchild = Number(pid);
      throw new Error('a slip in the scene');
    });
    expect(code).toBe(1);
    expect(err).toMatch(/a slip in the scene\n\s+at /);
    await within(5000, () => (isAlive(grandchild) ? undefined : true), 'end of the grandchild');
  });

  test('a scene that hangs: 1 at its time limit', async () => {
    const { code, err } = await played(() => new Promise(() => {}), { timeoutMs: 50 });
    expect(code).toBe(1);
    expect(err).toMatch(/has not ended within 0\.05 s/);
  });
});

describe('lanes', () => {
  /** Columns of a terminal, told apart from the code under test: Chinese characters and their marks take two. */
  const width = (text: string) =>
    [...text].reduce((sum, each) => sum + (/[\u3000-\u9fff\uff00-\uff60]/.test(each) ? 2 : 1), 0);
  const bars = (lines: readonly string[]) =>
    lines
      .filter((line) => line.includes('│'))
      .map((line) => width(line.slice(0, line.indexOf('│'))));
  const twoLanes = async (theatre: Theatre) => {
    const chinese = '这一行中文长得放不进一栏，必须折行，而且标点不能放在行首。';
    const one = node(
      theatre,
      `process.stdin.on('data', (d) => console.log(String(d).trim()))`,
      'one',
    );
    const two = node(
      theatre,
      `process.stdin.on('data', (d) => console.log(String(d).trim()))`,
      '二',
    );
    one.type(chinese);
    await one.printed(/行首/);
    two.type('short');
    await two.printed(/short/);
    one.endInput();
    two.endInput();
    await Promise.all([one.ended, two.ended]);
    theatre.expect(SEEN, true);
  };

  test('of Chinese text line up, and fit the terminal', async () => {
    const { out, lines } = await played(twoLanes, { columns: 60 });
    const shown = lines.slice(0, lines.indexOf('What was to be seen:'));
    expect(new Set(bars(shown))).toEqual(new Set([29]));
    expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(60);
    expect(out.replace(/[\s│]/g, '')).toContain('这一行中文长得放不进一栏，必须折行');
    expect(lines.filter((line) => /^ [，。]/.test(line))).toEqual([]);
  });

  test('are named line by line where columns would be too narrow', async () => {
    const { lines } = await played(twoLanes, { columns: 40 });
    expect(lines).toContainEqual(expect.stringMatching(/^ 二 {2}│ short$/));
    expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(40);
  });

  test('show a question and what was typed as one line', async () => {
    const { out } = await played(async (theatre) => {
      const source = `process.stdout.write('Name? '); process.stdin.once('data', () => process.exit())`;
      const actor = node(theatre, source);
      await actor.printed(/\? $/);
      actor.type('Ada');
      await actor.ended;
      theatre.expect(SEEN, true);
    });
    expect(out).toContain(' Name? Ada ⏎\n (ended, exit code 0)\n');
  });

  test('show control characters instead of obeying them', async () => {
    const { out } = await played(async (theatre) => {
      await node(theatre, `console.log('a\\u001b[2Jb')`).ended;
      theatre.expect(SEEN, true);
    });
    expect(out).toContain(' a\\x1b[2Jb\n');
  });
});

describe('tables', () => {
  const rows = [
    ['state', 'what it means'],
    ['ESTABLISHED', 'both have finished the handshake and may send what they want to'],
  ];

  test('give way where no word has to be cut', () => {
    const lines = tableLines(rows, 26);
    expect(lines).toContainEqual(expect.stringMatching(/^ ESTABLISHED │ both have$/));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(26);
  });

  test('become lists where they would be too narrow', () => {
    expect(tableLines(rows, 20).slice(0, 2)).toEqual(['state: ESTABLISHED', 'what it means:']);
  });
});

test('in Chinese, nothing that the theatre says is English', async () => {
  const { out, err, code } = await played(
    async (theatre) => {
      theatre.tell({ en: 'narration', zh: '解说' });
      theatre.leaveOut({ en: 'left', zh: '没有' });
      theatre.besideWindows([{ what: '1', here: '2', windows: '3' }]);
      theatre.expect(SEEN, true, '4');
      theatre.expect({ en: 'pigs fly', zh: '猪会飞' }, false);
      const actor = theatre.run(process.execPath, ['-e', '0'], { lane: '甲' });
      await actor.ended;
    },
    { language: 'zh' },
  );
  expect(code).toBe(1);
  expect(err).toBe('');
  // The system's own name stays.
  expect(out.replaceAll('Windows', '')).not.toMatch(ENGLISH);
});
