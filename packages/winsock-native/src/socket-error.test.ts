import { inspect } from 'node:util';
import { SockaddrIn, SockaddrIn6, SockaddrUn } from '@netloom/sockaddr';
import { describe, expect, test } from 'vitest';
import { hostSystem, lookupError } from './error-lookup.js';
import { SocketError } from './socket-error.js';

const peer = SockaddrIn.from({ address: '10.0.0.7', port: 5150 });

describe('SocketError', () => {
  test('says what was attempted, on what, what happened, and both codes', () => {
    const error = new SocketError({ code: 'ECONNRESET', syscall: 'recv', peer });
    expect(error.message).toBe(
      'recv from 10.0.0.7:5150: connection reset by peer (ECONNRESET, 10054)',
    );
    expect(error).toMatchObject({
      name: 'SocketError',
      code: 'ECONNRESET',
      errno: lookupError('ECONNRESET')?.errno[hostSystem()],
      wsaCode: 10054,
      wsaName: 'WSAECONNRESET',
      syscall: 'recv',
      address: '10.0.0.7',
      port: 5150,
    });
    expect(error).toBeInstanceOf(Error);
  });

  test('without a peer it has no address, no port, and says so in no word', () => {
    const error = new SocketError({ code: 'EMFILE', syscall: 'accept' });
    expect(error.message).toBe('accept: too many open files in this process (EMFILE, 10024)');
    expect(Object.keys(error)).not.toContain('address');
    expect(Object.keys(error)).not.toContain('port');
  });

  test.each([
    ['connect', 'connect to [::1]:80', SockaddrIn6.from({ address: '::1', port: 80 })],
    ['bind', 'bind to /tmp/a', SockaddrUn.from({ path: '/tmp/a' })],
    ['listen', 'listen on 10.0.0.7:5150', peer],
  ])('%s reads "%s"', (syscall, text, about) => {
    const error = new SocketError({ code: 'EACCES', syscall, peer: about });
    expect(error.message).toBe(`${text}: permission denied (EACCES, 10013)`);
  });

  test('a Unix path is its address', () => {
    const path = SockaddrUn.from({ path: '/tmp/a' });
    const error = new SocketError({ code: 'ENOENT', syscall: 'connect', peer: path });
    expect(error).toMatchObject({ address: '/tmp/a', wsaCode: 2, wsaName: 'ERROR_FILE_NOT_FOUND' });
    expect(Object.keys(error)).not.toContain('port');
  });

  test.each([
    [{ errno: lookupError('ETIMEDOUT')?.errno[hostSystem()] ?? 0 }, 'ETIMEDOUT', 10060],
    [{ errno: -4077 }, 'ECONNRESET', 10054],
    [{ wsaCode: 10048 }, 'EADDRINUSE', 10048],
    [{ errno: -10061 }, 'ECONNREFUSED', 10061],
    [{ code: 'EPIPE', wsaCode: 10057 } as const, 'EPIPE', 10057],
    [{ code: 'EBADF' } as const, 'EBADF', 10038],
    [{ code: 'EAGAIN' } as const, 'EAGAIN', 10035],
    [{ code: 'UNKNOWN' } as const, 'UNKNOWN', 31],
    [{ errno: -3999 }, 'UNKNOWN', 31],
    [{ wsaCode: 10093 }, 'UNKNOWN', 10093],
    [{ wsaCode: 11001 }, 'ENOTFOUND', 11001],
    [{ errno: -3001 }, 'EAI_AGAIN', 11002],
  ])('made from %j it is %s, %i', (which, code, wsaCode) => {
    const error = new SocketError({ ...which, syscall: 'recv' });
    expect([error.code, error.wsaCode]).toEqual([code, wsaCode]);
    expect(error.errno).toBeLessThan(0);
  });

  test('a host name stands in its message, quoted, and in a field; other failures have none', () => {
    const hostname = 'no body';
    const error = new SocketError({ code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname });
    expect(error).toMatchObject({ code: 'ENOTFOUND', wsaName: 'WSAHOST_NOT_FOUND', hostname });
    expect(error.errno).toBe(-3008);
    expect(error.message).toBe('getaddrinfo of "no body": host not found (ENOTFOUND, 11001)');
    expect('hostname' in new SocketError({ code: 'EINVAL', syscall: 'bind' })).toBe(false);
  });

  test('a detail ends its message, also in its stack', () => {
    const init = { code: 'ETIMEDOUT', syscall: 'connect', peer } as const;
    const error = new SocketError({ ...init, detail: 'timeoutMs of 5 passed' });
    expect(error.message).toBe(`${new SocketError(init).message}, timeoutMs of 5 passed`);
    expect(error.stack).toContain('timeoutMs of 5 passed');
  });

  test('keeps its cause', () => {
    const cause = new Error('first');
    expect(new SocketError({ code: 'EINVAL', syscall: 'bind', cause }).cause).toBe(cause);
    expect('cause' in new SocketError({ code: 'EINVAL', syscall: 'bind' })).toBe(false);
  });

  test('refuses to be made of nothing or of a name that is no error', () => {
    expect(() => new SocketError({ syscall: 'recv' })).toThrow(/one of code, errno and wsaCode/);
    // SAFETY: the point of the test is a value that the types refuse.
    expect(() => new SocketError({ code: 'ENOPE' as never, syscall: 'recv' })).toThrow(/ENOPE/);
  });

  test('shows its name once and its fields when it is printed', () => {
    const shown = inspect(new SocketError({ code: 'ECONNRESET', syscall: 'recv', peer }));
    expect(shown).toMatch(/^SocketError: recv from 10\.0\.0\.7:5150/);
    expect(shown).toContain("wsaName: 'WSAECONNRESET'");
    expect(shown).not.toContain("name: 'SocketError'");
  });
});
