/** The program that Bun's and Deno's lane runs, under Node. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('the package works as a program by itself, and lets its process end', async () => {
  const program = fileURLToPath(new URL('./fixtures/smoke.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 30_000 });
  expect(stdout).toBe('# pass 9\n');
});
