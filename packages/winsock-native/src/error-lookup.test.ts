import { getSystemErrorName } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ERRNO_TABLE } from './errno-table.js';
import { lookupError } from './error-lookup.js';

describe('lookupError()', () => {
  test('tells number, names on each system, meaning and causes in both languages', () => {
    expect(lookupError(10048)).toEqual({
      name: 'WSAEADDRINUSE',
      wsaCode: 10048,
      wsaName: 'WSAEADDRINUSE',
      aliases: [],
      code: 'EADDRINUSE',
      errno: { linux: -98, darwin: -48, win32: -4091 },
      meaning: { en: expect.stringContaining('address'), zh: expect.stringContaining('地址') },
      causes: { en: expect.any(String), zh: expect.any(String) },
    });
  });

  test.each([
    ['WSAEADDRINUSE', 10048],
    ['wsaeaddrinuse', 10048],
    ['ECONNREFUSED', 10061],
    ['EWOULDBLOCK', 10035],
    ['EAGAIN', 10035],
    ['EOPNOTSUPP', 10045],
    ['ENOTSUP', 10045],
    ['EAI_AGAIN', 11002],
    ['ENOTFOUND', 11001],
    ['ERROR_INVALID_HANDLE', 6],
    ['ENOENT', 2],
  ])('finds %s by name: %i', (name, wsaCode) => {
    expect(lookupError(name)?.wsaCode).toBe(wsaCode);
  });

  // Several rows share these POSIX codes; the one that socket calls report wins.
  test.each([
    ['EINVAL', 'WSAEINVAL'],
    ['EBADF', 'WSAEBADF'],
    ['ECONNABORTED', 'WSAECONNABORTED'],
    ['ECONNRESET', 'WSAECONNRESET'],
    ['ETIMEDOUT', 'WSAETIMEDOUT'],
    ['EMSGSIZE', 'WSAEMSGSIZE'],
  ])('%s leads to %s', (code, name) => {
    expect(lookupError(code)?.name).toBe(name);
  });

  test('an error that Windows has no number for is a row of its own, with the nearest number', () => {
    expect(lookupError('EPIPE')).toMatchObject({
      name: 'EPIPE',
      code: 'EPIPE',
      wsaCode: 10058,
      wsaName: 'WSAESHUTDOWN',
      errno: { linux: -32, darwin: -32, win32: -4047 },
    });
    expect(lookupError(10058)?.name).toBe('WSAESHUTDOWN');
  });

  test.each([
    [-104, 'linux', 'ECONNRESET'],
    [-54, 'darwin', 'ECONNRESET'],
    [-4077, 'win32', 'ECONNRESET'],
    [-4077, 'linux', 'ECONNRESET'],
    [-11, 'linux', 'EAGAIN'],
    [-35, 'darwin', 'EAGAIN'],
    [-95, 'linux', 'ENOTSUP'],
    [-102, 'darwin', 'ENOTSUP'],
    [-3008, 'linux', 'ENOTFOUND'],
    [-3008, 'win32', 'ENOTFOUND'],
  ] as const)('reads %i as a number of %s: %s', (errno, system, code) => {
    expect(lookupError(errno, { system })?.code).toBe(code);
  });

  test.each([0, 1, 104, 99999, -1000, 'ENOSUCHERROR', '', '__proto__'])(
    'knows nothing of %j',
    (unknown) => {
      expect(lookupError(unknown)).toBe(undefined);
    },
  );

  test('refuses what is neither number nor name', () => {
    // SAFETY: the point of the test is a value that the types refuse.
    expect(() => lookupError(null as never)).toThrow(TypeError);
  });

  test("negative numbers of this machine have Node's names", () => {
    for (const row of ERRNO_TABLE) {
      const own = lookupError(row.code)?.errno;
      const errno = process.platform === 'win32' ? own?.win32 : own?.linux;
      if (errno == null || process.platform === 'darwin') continue;
      // ECOMM and a few others are unknown to libuv, which then calls them so.
      const name = getSystemErrorName(errno);
      if (name.startsWith('Unknown')) continue;
      expect(lookupError(errno)?.code).toBe(name);
    }
  });
});
