/**
 * No owned Socket and no call in progress ever reaches a stranger's connection, whatever eight threads do to each other's
 * numbers. The program is strangers.mjs; `node test/blocking/strangers.mjs OPERATIONS SEED` makes the same choices again.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const OPERATIONS = process.env.NETLOOM_FULL ? 1_000_000 : 40_000;
const SEED = Number(process.env.NETLOOM_SEED ?? Math.floor(Math.random() * 2 ** 31));
const LIMIT_MS = 60_000 + OPERATIONS * 2;

test.runIf(process.platform === 'linux')(
  'eight threads at random never reach a stranger',
  { timeout: LIMIT_MS },
  async () => {
    const program = fileURLToPath(new URL('./strangers.mjs', import.meta.url));
    const child = spawn(process.execPath, [program, String(OPERATIONS), String(SEED)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS - 5000,
    });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].on('data', (text) => {
        said[name] += text;
      });
    }
    const [code, signal] = await once(child, 'close');
    console.log(`${OPERATIONS} operations, seed ${SEED}: ${said.stdout.trim()}`);
    expect({ code, signal, stderr: said.stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    const totals = JSON.parse(said.stdout);
    expect(totals.left).toBe(0);
    // All of these must have happened, or nothing was shown.
    for (const what of ['opened', 'received', 'given', 'taken', 'EBADF', 'closed by number']) {
      expect(totals[what], what).toBeGreaterThan(0);
    }
    expect(totals['received by number']).toBeGreaterThan(0);
  },
);
