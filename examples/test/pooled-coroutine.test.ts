/** The example that does by hand what `pnpm demo` does: three clients, three pool threads, called on the main thread. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const server = fileURLToPath(new URL('../dist/pooled-coroutine/server.js', import.meta.url));

test('three clients: workerAsync is called on the main thread, and after its switch runs on three pool threads', async () => {
  const child = spawn(process.execPath, [server, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  try {
    let out = '';
    const waiting: {
      pattern: RegExp;
      resolve: (match: RegExpMatchArray[]) => void;
      count: number;
    }[] = [];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
      for (const one of waiting) {
        const matches = [...out.matchAll(one.pattern)];
        if (matches.length >= one.count) one.resolve(matches);
      }
    });
    const printed = (pattern: RegExp, count = 1) =>
      new Promise<RegExpMatchArray[]>((resolve) => waiting.push({ pattern, resolve, count }));

    const [listening] = await printed(
      /listening on 127\.0\.0\.1:(\d+), main thread 0 \(kernel id (\d+)\)/g,
    );
    const [, port, mainId] = listening ?? [];
    expect(mainId).toBe(String(child.pid));

    // The node:net client knows nothing of netloom; all three have the greeting before any of them types.
    const clients = await Promise.all(
      [1, 2, 3].map(async (number) => {
        const socket = connect(Number(port), '127.0.0.1');
        const greeting = Buffer.alloc(36);
        for (let filled = 0; filled < greeting.length; ) {
          const [part] = (await once(socket, 'data')) as [Buffer];
          filled += part.copy(greeting, filled);
        }
        expect(greeting.toString('utf16le')).toBe('Welcome to server!');
        return { socket, number };
      }),
    );
    const messages = printed(/^ThisIs([123])$/gm, 3);
    for (const { socket, number } of clients) {
      socket.end(Buffer.from(`ThisIs${number}`, 'utf16le'));
      await once(socket, 'close');
    }
    await messages;
    const called = [...out.matchAll(/workerAsync called on thread (\d+) \(kernel id (\d+)\)/g)];
    const after = [
      ...out.matchAll(
        /client address: 127\.0\.0\.1, port: \d+, on thread (\d+) \(kernel id (\d+)\)/g,
      ),
    ];
    expect(called.map(([, , id]) => id)).toEqual([mainId, mainId, mainId]);
    expect(new Set(after.map(([, , id]) => id)).size).toBe(3);
    expect(after.every(([, node, id]) => node !== '0' && id !== mainId)).toBe(true);
  } finally {
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }
});
