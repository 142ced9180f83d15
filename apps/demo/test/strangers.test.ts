/** Strangers that listen on a stage's port at other addresses of this machine: the kernel's rows are told apart. */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { Program } from './program.js';

async function listening(host: string, port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject).listen(port, host, resolve);
  });
  return server;
}

test.runIf(process.platform === 'linux')('stages 3 and 8 look at their own listeners', async () => {
  const first = await listening('127.0.0.2', 0);
  // SAFETY: a TCP server's address has this shape.
  const { port } = first.address() as AddressInfo;
  // Several, because the kernel's table has its own order.
  const hosts = ['127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6', '127.0.0.7'];
  const strangers = [first, ...(await Promise.all(hosts.map((host) => listening(host, port))))];
  try {
    for (const number of ['3', '8']) {
      await using program = Program.demo('stage', number, '--port', String(port));
      const { code, out, err } = await program.ended;
      expect([code, err], out).toEqual([0, '']);
    }
  } finally {
    for (const server of strangers) server.close();
  }
});
