import { execFileSync } from 'node:child_process';
import {
  AF_INET6,
  hostLayout,
  INET_ADDRSTRLEN,
  INET6_ADDRSTRLEN,
  layouts,
  PF_INET6,
  SockaddrStorage,
  SockaddrUn,
} from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';

describe('layouts', () => {
  it.each([
    ['linux', 10, 108, false, 16, 46],
    ['darwin', 30, 104, true, 16, 46],
    ['freebsd', 28, 104, true, 16, 46],
    ['netbsd', 24, 104, true, 16, 46],
    ['openbsd', 24, 104, true, 16, 46],
    ['win32', 23, 108, false, 22, 65],
  ] as const)(
    '%s: AF_INET6 is %i, sun_path has %i bytes, length field: %s',
    (system, inet6, pathSize, hasLength, text4, text6) => {
      expect(layouts[system]).toMatchObject({
        system,
        pathSize,
        hasLength,
        INET_ADDRSTRLEN: text4,
        INET6_ADDRSTRLEN: text6,
      });
      expect(layouts[system].families).toMatchObject({ AF_UNIX: 1, AF_INET: 2, AF_INET6: inet6 });
    },
  );

  it('the host has the layout of its platform, and the constants follow it', () => {
    expect(hostLayout).toBe(Reflect.get(layouts, process.platform) ?? layouts.linux);
    expect(AF_INET6).toBe(hostLayout.families.AF_INET6);
    expect(PF_INET6).toBe(AF_INET6);
    expect([INET_ADDRSTRLEN, INET6_ADDRSTRLEN]).toEqual([
      hostLayout.INET_ADDRSTRLEN,
      hostLayout.INET6_ADDRSTRLEN,
    ]);
    expect(SockaddrUn.SIZE).toBe(2 + hostLayout.pathSize);
    expect(SockaddrStorage.SIZE).toBe(hostLayout.storageSize);
  });

  /** What `hostLayout.system` is when the package is loaded with these globals. */
  function systemSeen(globals: string): string {
    const url = import.meta.resolve('@netloom/sockaddr');
    const script = `
      const log = console.log;
      Object.defineProperty(globalThis, 'process', { value: undefined, configurable: true });
      Object.defineProperty(globalThis, 'navigator', { value: undefined, configurable: true });
      ${globals}
      log((await import(${JSON.stringify(url)})).hostLayout.system);`;
    const node = process.execPath;
    return execFileSync(node, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim();
  }

  it.each([
    ['no process and no navigator, as in a bare engine', '', 'linux'],
    ['an unknown platform', `globalThis.process = { platform: 'haiku' };`, 'linux'],
    ['Windows by platform', `globalThis.process = { platform: 'win32' };`, 'win32'],
    ['a browser on macOS', `globalThis.navigator = { platform: 'MacIntel' };`, 'darwin'],
    ['a browser on Windows', `globalThis.navigator = { platform: 'Win32' };`, 'win32'],
    ['a browser on Linux', `globalThis.navigator = { platform: 'Linux x86_64' };`, 'linux'],
  ])('loads with %s', (_, globals, system) => {
    const set = globals.replace(
      /globalThis\.(\w+) = (.*);/,
      `Object.defineProperty(globalThis, '$1', { value: $2 });`,
    );
    expect(systemSeen(set)).toBe(system);
  });
});
