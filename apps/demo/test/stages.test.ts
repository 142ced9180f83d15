/** The commands stage, stages and experiment, as a person types them. */
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { playAll } from '../commands/play-all.js';
import { registerStage } from '../commands/stage.js';
import { commandIn } from '../commands/wording.js';
import { widthOf } from '../theatre/fold.js';
import { installed } from '../theatre/installed.js';
import { processesWith } from './processes.js';
import { DEMO, Program } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'netloom-stages-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HAN = /\p{Script=Han}/u;
/** Words in a row: a sentence, not a name. */
const ENGLISH_SENTENCE = /\b[a-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]{2,}\b/i;

describe('a wrong command line ends with 2 and a sentence, in both languages', () => {
  const cases: [string[], RegExp, RegExp][] = [
    [['stage'], /from 1 to 12: got none/, /1 到 12 之间的整数/],
    [['stage', '0'], /from 1 to 12: got 0/, /1 到 12 之间的整数，实际得到：0/],
    [['stage', '13'], /from 1 to 12: got 13/, /实际得到：13/],
    [['stage', 'x'], /from 1 to 12: got x/, /实际得到：x/],
    [['stage', '1.5'], /from 1 to 12: got 1\.5/, /实际得到：1\.5/],
    [['stage', '1', '--port', '70000'], /70000.*from 0 to 65535/, /70000.*0 到 65535 之间的整数/],
    [
      ['stage', '1', '--as', 'nobody'],
      /no program nobody; it has: server, client/,
      /没有名为 nobody/,
    ],
    [['stage', '1', '--as', 'toString'], /no program toString/, /没有名为 toString/],
    [['stage', '1', '--as', 'server', '--interactive'], /choose one/, /只能选一个/],
    [['stage', '1', '--clients', '3'], /--clients is for one program alone/, /--clients 只用于/],
    [['stage', '1', '--local-port', '3'], /--local-port is for one/, /--local-port 只用于/],
    [['stage', '1', 'word'], /word is for one program alone/, /word 只用于/],
    [['stage', '1', '--as', 'server', '--clients', '0'], /'0'.*whole number from 1/, /0 无效/],
    [['stage', '1', '--as', 'server', '--clients', 'x'], /'x'.*or all/, /x 无效.*all/],
    [['stage', '1', '--port'], /argument missing/, /缺少值/],
    [['stage', '1', '--nonsense'], /unknown option '--nonsense'/, /没有选项 --nonsense/],
    [['stages', '3'], /too many arguments/, /参数太多/],
    [['stages', '--records', '/tmp'], /--records.*--all/, /--records.*--all/],
    [['stages', '--port', '9009'], /--port.*--all/, /--port.*--all/],
    [['experiment', 'text', '--as', 'x'], /no program x; it has: none/, /一个也没有/],
    [['experiment'], /which experiment\? There are: .*text/, /要做哪个实验？现有：.*text/],
    [['experiment', 'x'], /no experiment x; there are: .*text/, /没有名为 x 的实验；现有：.*text/],
    [['nonsense'], /no command nonsense; there are: .*stage/, /没有命令 nonsense/],
  ];
  for (const [args, english, chinese] of cases) {
    test(`demo ${args.join(' ')}`, async () => {
      await using plain = Program.demo(...args);
      // Before the words, so that an option without its value stays so.
      await using inChinese = Program.demo(args[0] ?? '', '--lang=zh', ...args.slice(1));
      const [en, zh] = [await plain.ended, await inChinese.ended];
      expect(en.err).toMatch(english);
      expect(en.err).not.toMatch(/\n\s+at /);
      expect(en.code).toBe(2);
      if (args[0] === 'nonsense') return;
      expect(zh.err).toMatch(chinese);
      expect(zh.err).not.toMatch(ENGLISH_SENTENCE);
      expect(zh.code).toBe(2);
    });
  }

  test('a language that it does not speak', async () => {
    await using program = Program.demo('stage', '1', '--lang', 'fr');
    const { code, err } = await program.ended;
    expect(err).toMatch(/'fr' is invalid\. lang must be en or zh/);
    expect(code).toBe(2);
  });
});

describe('stages', () => {
  test('lists the twelve and the experiments, a line each', async () => {
    await using program = Program.demo('stages');
    const { code, out, err } = await program.ended;
    expect([code, err]).toEqual([0, '']);
    const rows = out.trim().split('\n').slice(2);
    const stages = rows.map((row) => /^ stage (\d+) +│ \S/.exec(row)?.[1]);
    expect(stages.slice(0, 12)).toEqual(Array.from({ length: 12 }, (_, at) => String(at + 1)));
    expect(rows.slice(12).every((row) => /^ experiment \w+ +│ \S/.test(row))).toBe(true);
  });

  test('--json: one object with titles in both languages, ports and programs', async () => {
    await using program = Program.demo('stages', '--json');
    const { stages, experiments } = JSON.parse((await program.ended).out);
    expect(stages).toHaveLength(12);
    expect(stages[0]).toEqual({
      number: 1,
      slug: 'plain',
      title: { en: expect.any(String), zh: expect.stringMatching(HAN) },
      port: 6000,
      programs: ['server', 'client'],
    });
    expect(experiments[0].title.zh).toMatch(HAN);
  });
});

describe('in Chinese', () => {
  test('help speaks no English', async () => {
    for (const args of [['--help'], ['stage', '--help'], ['stages', '-h'], ['experiment', '-h']]) {
      await using program = Program.demo('--lang', 'zh', ...args);
      const { code, out } = await program.ended;
      expect(code).toBe(0);
      expect(out).toMatch(HAN);
      expect(out).not.toMatch(ENGLISH_SENTENCE);
    }
  });

  test('a stage narrates no English', async () => {
    await using program = Program.demo('stage', '1', '--port', '0', '--lang', 'zh');
    const { code, out, err } = await program.ended;
    expect([code, err]).toEqual([0, '']);
    // What programs print stands in columns, and is theirs.
    const narration = out.split('\n').filter((line) => !line.includes('│'));
    expect(narration.join('\n')).not.toMatch(ENGLISH_SENTENCE);
    expect(narration.filter((line) => HAN.test(line)).length).toBeGreaterThan(5);
  });
});

test('help fits a narrow terminal', () => {
  for (const language of ['en', 'zh'] as const) {
    const command = commandIn(language, 'demo');
    registerStage(command, async () => {}, language, DEMO);
    const [stage] = command.commands;
    const help = stage?.configureOutput({ getOutHelpWidth: () => 60 }).helpInformation() ?? '';
    expect(help).toContain('--interactive');
    expect(help.split('\n').filter((line) => widthOf(line) > 60)).toEqual([]);
  }
});

test('stages 1 to 3 show what they are for', async () => {
  for (const number of ['1', '2', '3']) {
    await using program = Program.demo('stage', number, '--port', '0');
    const { code, out, err } = await program.ended;
    expect([code, err]).toEqual([0, '']);
    expect(out).not.toMatch(/NOT SEEN/);
    expect(out).toMatch(/^ seen /m);
  }
});

test('a stage whose port is taken says so, who it might be, and --port', async () => {
  await using holder = Program.demo('stage', '1', '--as', 'server', '--port', '0');
  const [, port = ''] = await holder.printed(/listening on \S+:(\d+)/);
  await using program = Program.demo('stage', '2', '--port', port);
  const { code, err } = await program.ended;
  expect(code).toBe(1);
  expect(err).toMatch(/10048/);
  expect(err).toContain(`ss -ltnp 'sport = :${port}'`);
  expect(err).toContain('--port');
});

test.runIf(installed('sh'))(
  'a client that gets something else than OK turns stage 1 red',
  async () => {
    const nc = join(folder, 'nc');
    // A planted fault: an nc that talks to the server and prints another answer.
    writeFileSync(
      nc,
      `#!/bin/sh\nexec '${process.execPath}' -e "require('node:net').connect($2, '$1', function () { this.write('x') })` +
        `.on('data', () => console.log('KO'))"\n`,
    );
    chmodSync(nc, 0o755);
    await using program = new Program(process.execPath, [DEMO, 'stage', '1', '--port', '0'], {
      env: { ...process.env, PATH: [folder, process.env.PATH].join(delimiter) },
    });
    const { code, out } = await program.ended;
    expect(out).toMatch(/NOT SEEN: nc gets OK/);
    expect(code).toBe(1);
  },
);

test('what is not installed is left out, in a line, and is no fault', async () => {
  for (const [number, missing] of [
    ['1', 'nc'],
    ['3', 'python3'],
  ] as const) {
    await using program = new Program(process.execPath, [DEMO, 'stage', number, '--port', '0'], {
      env: { ...process.env, PATH: '/nowhere' },
    });
    const { code, out } = await program.ended;
    expect(out).toMatch(new RegExp(`^Left out: .*${missing}`, 'm'));
    expect(code).toBe(0);
  }
});

describe('--all', () => {
  const title = { en: 'a title', zh: '标题' };
  const all = async (...items: string[][]) => {
    const records = join(folder, `records-${items.flat().join('-')}`, 'deeper');
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const code = await playAll(
      items.map((words, at) => ({ words, title, file: `${at}.txt` })),
      { folder: records, json: true, language: 'en', program: DEMO },
    );
    log.mockRestore();
    return { code, record: (at: number) => readFileSync(join(records, `${at}.txt`), 'utf8') };
  };

  test('keeps what each printed, with the command and the exit code', async () => {
    const { code, record } = await all(['stage', '3', '--port', '0']);
    expect(code).toBe(0);
    expect(record(0)).toMatch(/^\$ pnpm demo stage 3 --port 0\nStage 3: /);
    expect(record(0)).toMatch(/ seen /);
    expect(record(0)).toMatch(/\nexit code 0, [\d.]+ s\n$/);
  });

  test('says at the end what was left out', async () => {
    const { PATH } = process.env;
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      process.env.PATH = '/nowhere';
      await playAll([{ words: ['stage', '1', '--port', '0'], title, file: 'left-out.txt' }], {
        folder,
        json: true,
        language: 'en',
        program: DEMO,
      });
      const { outcomes } = JSON.parse(String(log.mock.calls.at(-1)?.[0]));
      expect(outcomes[0].leftOut).toEqual(['Left out: nc is not installed here']);
    } finally {
      process.env.PATH = PATH;
      log.mockRestore();
    }
  });

  test('--port goes to each of them', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const items = [{ words: ['stage', '4'], title, file: 'port.txt' }];
    await playAll(items, { folder, json: true, language: 'en', program: DEMO, port: 0 });
    log.mockRestore();
    expect(readFileSync(join(folder, 'port.txt'), 'utf8')).toMatch(
      /^\$ pnpm demo stage 4 --port 0\n[\s\S]*exit code 0/,
    );
  });

  test('one that fails: the others are played all the same, the exit code is 1', async () => {
    const { code, record } = await all(['stage', '13'], ['stages']);
    expect(code).toBe(1);
    expect(record(0)).toMatch(/got 13[\s\S]*exit code 2/);
    expect(record(1)).toMatch(/exit code 0/);
  });

  test('a folder that cannot be made is said', async () => {
    await using program = Program.demo('stages', '--all', '--records', '/dev/null/x');
    const { code, err } = await program.ended;
    expect(err).toMatch(/folder for the records cannot be made/);
    expect(code).toBe(1);
  });
});

describe('Ctrl-C leaves no process behind', () => {
  /** A free one, by which the processes of this test can be told, too. */
  let number = '';
  const port = () => number;
  beforeEach(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    // SAFETY: a TCP server that listens.
    number = String((server.address() as AddressInfo).port);
    server.close();
    await once(server, 'close');
  });

  for (const [when, pattern] of [
    ['as the first thing', /Stage 3/],
    ['while the server listens', /listening on/],
    ['while a client is connected', /connected/],
  ] as const) {
    test(`of a stage, ${when}: 130`, async () => {
      await using program = Program.demo('stage', '3', '--port', port());
      await program.printed(pattern);
      program.child.kill('SIGINT');
      const { code, err } = await program.ended;
      expect(code).toBe(130);
      expect(err).toMatch(/SIGINT: stopped before the end/);
      expect(processesWith(port())).toEqual([]);
    });
  }

  test('nor SIGTERM: 143', async () => {
    await using program = Program.demo('stage', '3', '--port', port());
    await program.printed(/listening on/);
    program.child.kill('SIGTERM');
    expect((await program.ended).code).toBe(143);
    expect(processesWith(port())).toEqual([]);
  });

  test('nor a reader that goes away', async () => {
    await using program = new Program('sh', [
      '-c',
      // Of stage 1, whose server sits in accept and would not notice that it is alone.
      `'${process.execPath}' '${DEMO}' stage 1 --port ${port()} | head -n 1`,
    ]);
    expect((await program.ended).out).toMatch(/^Stage 1: [^\n]*\n$/);
    // Killed as the stage's last act, which cannot wait: the kernel takes them down a moment later.
    await expect.poll(() => processesWith(port()), { timeout: 10_000 }).toEqual([]);
  });

  test('of --all: 130, and the rest is not played', async () => {
    const records = join(folder, 'stopped');
    await using program = Program.demo('stages', '--all', '--records', records, '--lang', 'zh');
    await program.printed(/listening on|bind failed/);
    program.child.kill('SIGINT');
    const { code, err } = await program.ended;
    expect(code).toBe(130);
    expect(err).toMatch(/其余的不再运行/);
    expect(processesWith(records)).toEqual([]);
    // The stage itself was told, unless it had failed by then because somebody else has its port.
    expect(readFileSync(join(records, '01-plain.txt'), 'utf8')).toMatch(/提前停止|10048/);
  });

  test('an --interactive server that serves one client says so, and ends', async () => {
    await using program = Program.demo('stage', '4', '--interactive', '--port', port());
    await program.printed(/listening on/);
    await using client = Program.demo('stage', '4', '--as', 'client', '--port', port());
    client.write('ThisIs4\n');
    await client.ended;
    const { code, out, err } = await program.ended;
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/serves one client and ends/);
    expect(out).not.toMatch(/until Ctrl-C/);
  });

  test('of --interactive: 130', async () => {
    await using program = Program.demo('stage', '3', '--interactive', '--port', port());
    await program.printed(/once a client waits/);
    expect(program.out).toMatch(new RegExp(`pnpm demo stage 3 --as client --port ${port()}`));
    program.child.kill('SIGINT');
    const { code, err } = await program.ended;
    expect(code).toBe(130);
    expect(err).toMatch(/SIGINT: the server has been ended/);
    expect(processesWith(port())).toEqual([]);
  });
});
