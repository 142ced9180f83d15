/** A signal in the middle of a blocking call. Its sources: vectors/reference/peer-behaviours.json. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isAsleepInPoll } from '../addon.mjs';

test.runIf(process.platform === 'linux')(
  'a signal does not end a blocking call, nor lengthen its time; its handler runs afterwards',
  { timeout: 30_000 },
  async () => {
    const script = fileURLToPath(new URL('./interrupted.mjs', import.meta.url));
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = await once(child.stdout, 'data');
      expect(String(line)).toBe('waiting\n');
      while (!isAsleepInPoll(child.pid, child.pid)) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      for (let i = 0; i < 3; i++) child.kill('SIGUSR2');
      const [answer] = await once(child.stdout, 'data');
      expect(JSON.parse(String(answer))).toEqual({
        result: -1,
        code: 10060,
        isWhole: true,
        duringCall: 0,
      });
    } finally {
      child.kill('SIGKILL');
    }
  },
);
