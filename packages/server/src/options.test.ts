import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { coroutine } from '@netloom/coroutines';
import { SOMAXCONN } from '@netloom/winsock-native';
import { describe, expect, test } from 'vitest';
import { planServer, type ServerOptions } from './options.js';

const handler = { module: 'file:///srv/handler.js', export: 'serve' };
const here = { port: 0, strategy: 'coroutine', handler: () => {} } as const;

function plan(options: Record<string, unknown>) {
  return planServer({ port: 0, handler, ...options } as ServerOptions);
}

describe('createServer refuses, naming the option, the rule and the value:', () => {
  const rows: readonly [string, Record<string, unknown>, RegExp][] = [
    ['a port out of range', { port: 70000 }, /port must be an integer from 0 to 65535.*70000/],
    ['no port', { port: undefined }, /port must be an integer.*undefined/],
    ['a port as text', { port: '80' }, /port must be an integer.*"80"/],
    [
      'a name as host',
      { host: 'example.org' },
      /host must be an IPv4 or IPv6 address.*"example.org"/,
    ],
    ['a number as host', { host: 7 }, /host must be an IPv4.*7/],
    ['half a thread', { threads: 2.5 }, /threads must be an integer from 1 to 1024.*2.5/],
    ['no thread', { threads: 0 }, /threads must be an integer from 1/],
    ['a negative backlog', { backlog: -1 }, /backlog must be an integer from 0 to 65535.*-1/],
    ['a limit of none', { maxConnections: 0 }, /maxConnections must be an integer from 1.*0/],
    [
      'another word at the limit',
      { atLimit: 'shed' },
      /atLimit must be 'wait' or 'refuse'.*"shed"/,
    ],
    [
      'an unknown strategy',
      { strategy: 'fast' },
      /strategy must be 'pooled-coroutine' or 'coroutine'/,
    ],
    [
      'a timeout below 0',
      { connection: { receiveTimeoutMs: -1 } },
      /connection.receiveTimeoutMs.*-1/,
    ],
    ['a limit by address of none', { limits: { perAddress: 0 } }, /limits.perAddress must be.*0/],
    ['a limit that is no object', { limits: 5 }, /limits must be an object.*5/],
    ["half a thread's share", { limits: { perThread: 1.5 } }, /limits.perThread must be.*1.5/],
    ['a size of blocks', { limits: { block: { ipv6: 129 } } }, /ipv6.*129/],
    ['a rate of none', { limits: { rate: { perSecond: 0 } } }, /limits.rate.perSecond.*above 0.*0/],
    [
      'a burst of none',
      { limits: { ratePerAddress: { perSecond: 1, burst: 0 } } },
      /limits.ratePerAddress.burst must be a number from 1.*0/,
    ],
    [
      'a block with bits behind it',
      { deny: ['10.0.0.0/8', '10.1.2.3/8'] },
      /deny\[1\].*10.0.0.0\/8/,
    ],
    ['a list that is none', { allow: '10.0.0.0/8' }, /allow must be an array.*10.0.0.0/],
    ['a refusal without words', { refusal: 'politely' }, /refusal must be 'reset' or.*politely/],
    ['no options of connections', { connection: 5 }, /connection must be an object.*5/],
    ['ipv6Only without IPv6', { ipv6Only: true }, /ipv6Only needs an IPv6 host/],
    ['no AbortSignal', { signal: {} }, /signal must be an AbortSignal/],
    ['no handler', { handler: undefined }, /handler must be a function, or \{ module, export \}/],
    ['a handler without a name', { handler: { module: handler.module } }, /name of an export/],
    [
      'a handler by a relative path',
      { handler: { module: './h.js', export: 'serve' } },
      /new URL\('\.\/h/,
    ],
  ];
  test.each(rows)('%s', (_what, options, says) => {
    expect(() => plan(options)).toThrow(says);
  });

  test.each(['serial', 'thread-per-connection', 'thread-pool'])(
    'strategy %s, which is not there yet, with those that are',
    (strategy) => {
      expect(() => plan({ strategy })).toThrow(
        /not there yet: this version has 'pooled-coroutine' or 'coroutine'/,
      );
    },
  );

  test('threads where there is no pool', () => {
    expect(() => planServer({ ...here, threads: 2 })).toThrow(/threads belongs to.*pooled/);
  });

  test('a closure for a pool, showing the two files to write', () => {
    expect(() => plan({ handler: () => {} })).toThrow(
      /only this thread knows[\s\S]*handler\.js[\s\S]*server\.js[\s\S]*new URL/,
    );
  });

  test('a coroutine without a name for a pool', () => {
    expect(() => plan({ handler: coroutine(async () => {}) })).toThrow(/only this thread knows/);
  });

  test('a handler in the entry module for a pool, whose top level would run on every thread', () => {
    const main = pathToFileURL(process.argv[1] ?? '').href;
    expect(() => plan({ handler: { module: main, export: 'serve' } })).toThrow(/entry module/);
    expect(
      plan({ strategy: 'coroutine', handler: { module: main, export: 'serve' } }),
    ).toBeDefined();
  });

  test.each([
    ['its directory, as `node .` does', (dir: string) => dir],
    ['its path without extension, as `node main` does', (dir: string) => join(dir, 'main')],
    ['a link to it', (dir: string) => join(dir, 'link.js')],
  ])('a handler in the entry module that was named by %s', (_how, named) => {
    const dir = mkdtempSync(join(tmpdir(), 'netloom-entry-'));
    const [node = '', before = ''] = process.argv;
    try {
      writeFileSync(join(dir, 'package.json'), '{ "type": "module", "main": "./main.js" }');
      writeFileSync(join(dir, 'main.js'), '');
      symlinkSync(join(dir, 'main.js'), join(dir, 'link.js'));
      const module = pathToFileURL(join(dir, 'main.js'));
      expect(plan({ handler: { module, export: 'serve' } })).toBeDefined();
      process.argv.splice(0, 2, node, named(dir));
      expect(() => plan({ handler: { module, export: 'serve' } })).toThrow(/entry module/);
    } finally {
      process.argv.splice(0, 2, node, before);
      rmSync(dir, { recursive: true });
    }
  });

  test('a coroutine that begins with the switch of threads where everything runs on this one', () => {
    const hopping = coroutine('file:///srv/h.js', 'h', { start: 'background' }, async () => {});
    expect(() => planServer({ ...here, handler: hopping })).toThrow(/begins with resumeBackground/);
  });
});

test('what is left out has its default', () => {
  const { address, backlog, strategy, threads, maxConnections, atLimit, reusePort } = plan({});
  expect(String(address)).toBe('127.0.0.1:0');
  expect({ backlog, strategy, threads, maxConnections, atLimit, reusePort }).toEqual({
    backlog: SOMAXCONN,
    strategy: 'pooled-coroutine',
    threads: 10,
    maxConnections: Number.POSITIVE_INFINITY,
    atLimit: 'wait',
    reusePort: false,
  });
});

test('all handlers on this thread are one thread, whose share is the limit', () => {
  expect(planServer(here).threads).toBe(1);
});

test.each([
  ['::1', '[::1]:80'],
  ['0.0.0.0', '0.0.0.0:80'],
  ['localhost', '127.0.0.1:80'],
])('host %s is the address %s', (host, address) => {
  expect(String(plan({ host, port: 80 }).address)).toBe(address);
});

test.each([
  ['a URL', new URL('file:///srv/h.js')],
  ['its text', 'file:///srv/h.js'],
  ['an absolute path', '/srv/h.js'],
])('the module of a handler may be given as %s', (_form, module) => {
  expect(plan({ handler: { module, export: 'serve' } }).handler.named).toEqual({
    module: 'file:///srv/h.js',
    exportName: 'serve',
  });
});

test('a named coroutine knows where a pool finds it', () => {
  const named = coroutine('file:///srv/h.js', 'serve', async () => {});
  expect(plan({ handler: named }).handler).toEqual({
    local: undefined,
    named: { module: 'file:///srv/h.js', exportName: 'serve' },
  });
});
