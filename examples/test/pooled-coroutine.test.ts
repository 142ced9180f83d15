/** The example that does by hand what `pnpm demo` does, on real threads and with clients that know nothing of netloom. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../dist/pooled-coroutine/server.js', import.meta.url));
/** Of /proc/PID/stat: a hundredth of a second each. */
const TICK_MS = 10;
/** A program that hangs is ended before the test's own time is up, so that none outlives it. */
const TIMEOUT_MS = 60_000;

/** The running example; it must end in order when it is told to. */
class Example implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  readonly #watchers = new Set<() => void>();
  out = '';
  #hasEnded = false;

  constructor() {
    this.#child = spawn(process.execPath, [PROGRAM, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), TIMEOUT_MS);
    this.#ended = once(this.#child, 'close').finally(() => {
      clearTimeout(timer);
      this.#hasEnded = true;
      for (const watcher of this.#watchers) watcher();
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.out += text;
      for (const watcher of this.#watchers) watcher();
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves with the matches once the output has that many; rejects when the program ends without. */
  printed(pattern: RegExp, count = 1): Promise<RegExpMatchArray[]> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const matches = [...this.out.matchAll(pattern)];
        if (matches.length < count && !this.#hasEnded) return;
        this.#watchers.delete(look);
        if (matches.length >= count) resolve(matches);
        else reject(new Error(`ended without ${pattern}: ${this.out}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  async listening(): Promise<{ port: number; mainId: string }> {
    const [line] = await this.printed(
      /listening on 127\.0\.0\.1:(\d+), main thread 0 \(kernel id (\d+)\)/g,
    );
    return { port: Number(line?.[1]), mainId: line?.[2] ?? '' };
  }

  /** CPU time of the whole process so far. */
  cpuMs(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    expect(await this.#ended).toEqual([0, null]);
  }
}

/** Connects and reads the greeting. */
async function greetedClient(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  const greeting = Buffer.alloc(36);
  for (let filled = 0; filled < greeting.length; ) {
    const [part] = (await once(socket, 'data')) as [Buffer];
    filled += part.copy(greeting, filled);
  }
  expect(greeting.toString('utf16le')).toBe('Welcome to server!');
  return socket;
}

test('three clients: workerAsync is called on the main thread, and after its switch runs on three pool threads', async () => {
  await using example = new Example();
  const { port, mainId } = await example.listening();
  expect(mainId).toBe(String(example.pid));

  // All three have the greeting before any of them types.
  const clients = await Promise.all([1, 2, 3].map(() => greetedClient(port)));
  for (const [index, socket] of clients.entries()) {
    socket.end(Buffer.from(`ThisIs${index + 1}`, 'utf16le'));
    await once(socket, 'close');
  }
  await example.printed(/^ThisIs([123])$/gm, 3);
  const called = await example.printed(
    /workerAsync called on thread (\d+) \(kernel id (\d+)\)/g,
    3,
  );
  const after = await example.printed(
    /client address: 127\.0\.0\.1, port: \d+, on thread (\d+) \(kernel id (\d+)\)/g,
    3,
  );
  expect(called.map(([, , id]) => id)).toEqual([mainId, mainId, mainId]);
  expect(new Set(after.map(([, , id]) => id)).size).toBe(3);
  expect(after.every(([, node, id]) => node !== '0' && id !== mainId)).toBe(true);
});

test('clients one after the other are served, one that resets harms nobody, and waiting costs no CPU', async () => {
  await using example = new Example();
  const { port } = await example.listening();
  for (const line of ['first', 'second']) {
    // Each comes while the accept loop waits: the one before has been served to the end.
    const socket = await greetedClient(port);
    socket.end(Buffer.from(line, 'utf16le'));
    await once(socket, 'close');
    await example.printed(new RegExp(`^${line}$`, 'gm'));
  }
  const rude = await greetedClient(port);
  rude.resetAndDestroy();

  // The reset is worked off before the clock starts: one more client is served behind it.
  const last = await greetedClient(port);
  last.end(Buffer.from('last', 'utf16le'));
  await once(last, 'close');
  await example.printed(/^last$/gm);

  const before = example.cpuMs();
  const began = performance.now();
  // A stretch of time is what is measured here; a loop that spins uses all of it.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const share = (example.cpuMs() - before) / (performance.now() - began);
  expect(share).toBeLessThan(0.5);
});
