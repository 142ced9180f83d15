import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { describe, expect, test } from 'vitest';
import { DEMO, Program, startServe } from './program.js';

async function listening(
  onConnection: (server: Server) => void = () => undefined,
): Promise<{ server: Server; port: number }> {
  const server = createServer(() => onConnection(server));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return { server, port: address.port };
}

describe('a port that is taken', () => {
  for (const command of [[], ['serve']]) {
    test(`demo ${command.join(' ')}: 10048, its meaning, how to find the owner, --port`, async () => {
      const { server, port } = await listening();
      await using program = Program.demo(...command, '--port', String(port));
      const { code, err } = await program.ended;
      server.close();
      expect(code).toBe(1);
      expect(err).toContain(`127.0.0.1:${port}`);
      expect(err).toMatch(/10048 WSAEADDRINUSE: \w+/);
      expect(err).toContain(`ss -ltnp 'sport = :${port}'`);
      expect(err).toContain('--port');
    });
  }
});

const canDropPrivileges = (() => {
  try {
    execFileSync('setpriv', ['--version'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

test.runIf(canDropPrivileges)(
  'a privileged port without the capability: 10013 and --port',
  async () => {
    await using program = new Program('setpriv', [
      '--bounding-set=-net_bind_service',
      '--inh-caps=-net_bind_service',
      process.execPath,
      DEMO,
      'serve',
      '--port',
      '80',
    ]);
    const { code, err } = await program.ended;
    expect(code).toBe(1);
    expect(err).toMatch(/10013 WSAEACCES/);
    expect(err).toContain('--port');
  },
);

describe('a command line that is wrong ends with 2 and names the value and the rule', () => {
  const cases: [string[], RegExp][] = [
    [['--port', '70000'], /70000.*port must be a whole number from 0 to 65535/],
    [['--port', '80x'], /80x.*port must be a whole number/],
    [['--clients', '0'], /'0'.*clients must be a whole number from 1/],
    [['--threads', '-1'], /-1.*threads must be a whole number from 1/],
    [['serve', '--threads', '1.5'], /1\.5.*threads must be/],
    [['client', '--port', ''], /port must be a whole number/],
    [['nonsense'], /nonsense|too many arguments/],
    [['--nonsense'], /unknown option '--nonsense'/],
    [['serve', '--host', '999.1.2.3'], /999\.1\.2\.3/],
  ];
  for (const [args, sentence] of cases) {
    test(`demo ${args.join(' ')}`, async () => {
      await using program = Program.demo(...args);
      const { code, err } = await program.ended;
      expect(err).toMatch(sentence);
      expect(err).not.toMatch(/\n\s+at /);
      expect(code).toBe(2);
    });
  }
});

test('a host that is not this machine: 10049 and a remedy', async () => {
  await using program = Program.demo('serve', '--port', '0', '--host', '192.0.2.1');
  const { code, err } = await program.ended;
  expect(code).toBe(1);
  expect(err).toMatch(/10049 WSAEADDRNOTAVAIL/);
});

test('nobody listens: 10061 and how to start a server', async () => {
  const { server, port } = await listening();
  await new Promise((resolve) => server.close(resolve));
  await using program = Program.demo('client', '--port', String(port), 'hello');
  const { code, err } = await program.ended;
  expect(code).toBe(1);
  expect(err).toMatch(/10061 WSAECONNREFUSED/);
  expect(err).toContain('pnpm demo serve');
});

test('a server that closes before it speaks is said so', async () => {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await using program = Program.demo('client', '--port', String(port), 'hello');
  const { code, err } = await program.ended;
  server.close();
  expect(code).toBe(1);
  expect(err).toMatch(/closed the connection before it said anything/);
});

test('a server that goes away while the client asks for its line ends the question', async () => {
  const { server, port } = await startServe();
  await using _ = server;
  await using client = Program.demo('client', '--port', String(port));
  await client.printed(/Please input/);
  server.child.kill('SIGKILL');
  const { code, err } = await client.ended;
  expect(code).toBe(1);
  expect(err).toMatch(/closed the connection before anything was sent|ECONNRESET/);
});

test('an accepting server that never speaks is told apart, with what to do', async () => {
  const { server, port } = await listening();
  await using client = Program.demo('client', '--port', String(port), 'hello');
  const { code, err } = await client.ended;
  server.close();
  expect(code).toBe(1);
  expect(err).toMatch(/accepted the connection but said nothing.*pnpm demo serve/);
});

describe('an output that cannot be written', () => {
  const shell = (command: string) => new Program('sh', ['-c', command]);
  const demo = `'${process.execPath}' '${DEMO}' --port 0`;

  test('whose reader goes away: quiet, 141', async () => {
    await using program = shell(`{ ${demo}; echo "code $?" >&2; } | head -n 1`);
    const { err } = await program.ended;
    expect(err).toBe('code 141\n');
  });

  test('to a full disk: a sentence, 1', async () => {
    await using program = shell(`${demo} >/dev/full`);
    const { code, err } = await program.ended;
    expect(err).toMatch(/^cannot write the output: .*ENOSPC/);
    expect(err).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });
});

test('an input that ends without a line is said so', async () => {
  const { server, port } = await startServe();
  await using _ = server;
  await using client = Program.demo('client', '--port', String(port));
  await client.printed(/Please input/);
  client.child.stdin?.end();
  const { code, err } = await client.ended;
  expect(code).toBe(1);
  expect(err).toMatch(/no line to send/);
});

describe('Ctrl-C', () => {
  /** Processes whose parent is or was this one: its clients. */
  function childrenOf(pid: number): string[] {
    try {
      return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
        .split('\n')
        .filter(Boolean);
    } catch {
      return [];
    }
  }

  test('while the demo waits for its clients: 130, a sentence, no client left', async () => {
    await using program = Program.demo('--port', '0', '--clients', '3');
    await program.printed(/client address/);
    const pid = program.child.pid ?? 0;
    const clients = childrenOf(pid);
    expect(clients.length).toBeGreaterThan(0);
    program.child.kill('SIGINT');
    const { code, err } = await program.ended;
    expect(code).toBe(130);
    expect(err).toMatch(/stopped before the end/);
    const alive = execFileSync('sh', ['-c', `ps -o pid= -p ${clients.join(',')} || true`], {
      encoding: 'utf8',
    });
    expect(alive.trim()).toBe('');
  });

  test('as the first thing the demo sees: no crash, nothing left', async () => {
    await using program = Program.demo('--port', '0');
    await program.printed(/server: /);
    program.child.kill('SIGINT');
    const { code } = await program.ended;
    expect(code).toBe(130);
  });

  test('serve without clients: drains, exit code 0', async () => {
    const { server } = await startServe();
    await using _ = server;
    server.child.kill('SIGINT');
    const { code, out } = await server.ended;
    expect(code).toBe(0);
    expect(out).toMatch(/0 accepted, 0 served, 0 aborted/);
  });

  test('serve with a silent client: waits, then cuts it and says so', async () => {
    const { server, port } = await startServe();
    await using _ = server;
    await using client = Program.demo('client', '--port', String(port));
    await client.printed(/Please input/);
    server.child.kill('SIGINT');
    const { code, out } = await server.ended;
    expect(code).toBe(0);
    expect(out).toMatch(/1 accepted, 0 served, 1 aborted/);
    expect((await client.ended).code).toBe(1);
  });

  test('a second Ctrl-C ends serve at once with 130', async () => {
    const { server, port } = await startServe();
    await using _ = server;
    await using client = Program.demo('client', '--port', String(port));
    await client.printed(/Please input/);
    server.child.kill('SIGINT');
    await server.printed(/no new clients/);
    server.child.kill('SIGINT');
    expect((await server.ended).code).toBe(130);
  });

  test('in the client, while it asks: 130 and a sentence', async () => {
    const { server, port } = await startServe();
    await using _ = server;
    await using client = Program.demo('client', '--port', String(port));
    await client.printed(/Please input/);
    client.child.kill('SIGINT');
    const { code, err } = await client.ended;
    expect(code).toBe(130);
    expect(err).toMatch(/SIGINT: stopped while waiting for the line to send/);
  });

  test('in the client, before a server speaks: 130 and a sentence', async () => {
    let tellConnected = () => {};
    const connected = new Promise<void>((resolve) => {
      tellConnected = resolve;
    });
    const { server, port } = await listening(() => tellConnected());
    await using client = Program.demo('client', '--port', String(port));
    await connected;
    client.child.kill('SIGINT');
    const { code, err } = await client.ended;
    server.close();
    expect(code).toBe(130);
    expect(err).toMatch(/SIGINT: stopped while (connecting|waiting for the greeting)/);
  });
});
