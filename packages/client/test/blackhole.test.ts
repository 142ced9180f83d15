/** Happy Eyeballs with addresses that really swallow what is sent to them, in a network namespace of the test's own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const LIMIT_MS = 90_000;
const program = fileURLToPath(new URL('fixtures/blackhole.mjs', import.meta.url));
/** What is sent there comes back by the loopback interface, is for nobody here, and is dropped without a word. */
const NETWORK = [
  'ip link set lo up',
  'ip addr add 192.0.2.1/32 dev lo',
  'ip route add 192.0.2.0/24 dev lo',
  'ip -6 route add 2001:db8::/64 dev lo',
].join(' && ');

function inNamespace(command: string) {
  return spawnSync('unshare', ['-n', 'sh', '-c', `${NETWORK} && ${command}`], {
    encoding: 'utf8',
    timeout: LIMIT_MS - 5000,
  });
}

const isPossible = process.platform === 'linux' && inNamespace('true').status === 0;

it.skipIf(!isPossible)(
  'gets past blackholed addresses to the one that lives, and lists them where none does',
  { timeout: LIMIT_MS },
  () => {
    const { status, stdout, stderr } = inNamespace(`exec '${process.execPath}' '${program}'`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { message, ...seen } = JSON.parse(stdout);
    expect(seen).toEqual({
      peer: '192.0.2.1',
      waited: true,
      left: 0,
      code: 'ETIMEDOUT',
      leftAtLast: 0,
    });
    expect(message).toContain('timeoutMs of 700 passed');
    for (const address of ['2001:db8::9', '192.0.2.9']) expect(message).toContain(address);
  },
);
