/** The scenes of stages 4 to 7, in what `stages --all` does not show: stopped half-way, and twice within a minute. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tcpRows, within } from '../theatre/kernel.js';
import { DEMO, Program } from './program.js';

const MARK = 'NETLOOM_TEST_MARK';

/** The processes of one run, by the mark that their environment inherits. */
function marked(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${MARK}=${mark}`);
    } catch {
      // Ended meanwhile, or somebody else's: not one of ours that still runs.
      return false;
    }
  });
}

describe('Ctrl-C leaves nothing', () => {
  const phases: [words: string, when: string, printed: RegExp][] = [
    ['stage 4 --port 0', 'while the server waits in accept', /listening on/],
    ['stage 4 --port 0', 'while the client waits for a line', /Somebody types/],
    ['stage 6 --port 0', 'while a client waits in the queue', /Which client waits where/],
    ['stage 7 --port 0', 'while a SYN is sent again and again', /Left alone/],
    ['experiment text', 'in the middle', /^2\. Two segments/m],
  ];
  for (const [words, when, printed] of phases) {
    test(`${words}, ${when}`, async () => {
      const mark = randomUUID();
      const scratch = mkdtempSync(join(tmpdir(), 'netloom-test-'));
      await using program = new Program(process.execPath, [DEMO, ...words.split(' ')], {
        env: { ...process.env, [MARK]: mark, TMPDIR: scratch },
      });
      await program.printed(printed);
      expect(marked(mark)).toContain(String(program.child.pid));
      const since = performance.now();
      program.child.kill('SIGINT');
      const { code, err } = await program.ended;
      expect(code).toBe(130);
      // Less than what a scene may wait for the kernel: nobody waits that out.
      expect(performance.now() - since).toBeLessThan(10_000);
      expect(err).toMatch(/SIGINT/);
      await within(5000, () => (marked(mark).length === 0 ? true : undefined), 'end of all');
      for (const [, port] of program.out.matchAll(/listening on \S+:(\d+)/g)) {
        expect(tcpRows({ localPort: Number(port), state: 'LISTEN' })).toEqual([]);
      }
      expect(readdirSync(scratch)).toEqual([]);
      rmdirSync(scratch);
    });
  }
});

test('stage 5 twice within a minute: the second run steps aside and says why', async () => {
  const ports: number[] = [];
  for (const run of [1, 2]) {
    await using program = Program.demo('stage', '5', '--port', '0');
    const { code, out } = await program.ended;
    expect(code, out).toBe(0);
    const [, port] = /client address: 127\.0\.0\.1, port: +(\d+)/.exec(out) ?? [];
    ports.push(Number(port));
    if (run === 2) {
      expect(out).toMatch(new RegExp(`Port ${ports[0]} cannot be bound \\(10048 WSAEADDRINUSE\\)`));
      expect(out).toMatch(/left it in TIME_WAIT for another\s\d+\.\d s/);
    }
  }
  expect(ports[0]).toBeGreaterThanOrEqual(10_000);
  expect(ports[1]).toBeGreaterThan(ports[0] ?? Number.NaN);
});
