import { AF_INET, AF_INET6, SockaddrIn } from '@netloom/sockaddr';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type GetAddrInfoOptions, getAddrInfo, getNameInfo } from './look-up.js';
import { native } from './native.js';
import { SocketError } from './socket-error.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The error of a promise; fails itself when there is none. */
const failureOf = (waited: Promise<unknown>): Promise<unknown> =>
  waited.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error,
  );

describe('getAddrInfo()', () => {
  it('finds the addresses of a name, with the port', async () => {
    const { addresses, canonicalName } = await getAddrInfo('localhost', {
      family: AF_INET,
      port: 80,
    });
    expect(addresses.map(String)).toEqual(['127.0.0.1:80']);
    expect(canonicalName).toBeUndefined();
  });

  it.each([
    ['127.0.0.1', '127.0.0.1:9008'],
    ['::1', '[::1]:9008'],
  ])('takes the address %s for itself', async (host, text) => {
    const { addresses } = await getAddrInfo(host, { port: 9008 });
    expect(addresses.map(String)).toEqual([text]);
  });

  it('tells the canonical name where it is asked for', async () => {
    const options = { family: AF_INET, wantsCanonicalName: true };
    expect((await getAddrInfo('localhost', options)).canonicalName).toBe('localhost');
  });

  it('answers many at a time, each its own', async () => {
    const hosts = Array.from({ length: 100 }, (_, index) => `127.0.1.${index}`);
    const found = await Promise.all(hosts.map((host) => getAddrInfo(host)));
    expect(found.map(({ addresses }) => addresses[0]?.address)).toEqual(hosts);
  });

  it('says so where there is no address of the family', async () => {
    const error = await failureOf(getAddrInfo('127.0.0.1', { family: AF_INET6 }));
    expect(error).toBeInstanceOf(SocketError);
    expect(error).toMatchObject({
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
      hostname: '127.0.0.1',
    });
  });

  it('asks for names in other scripts as the name system writes them', async () => {
    const asked = vi.spyOn(native, 'resolverAddresses').mockReturnValue(-1);
    await failureOf(getAddrInfo('bücher.example'));
    expect(new TextDecoder().decode(asked.mock.lastCall?.[0])).toBe('xn--bcher-kva.example');
  });

  it.each(['no body', 'a'.repeat(2000), 'x\0y'])('knows that %j can be no name', async (host) => {
    const asked = vi.spyOn(native, 'resolverAddresses');
    expect(await failureOf(getAddrInfo(host))).toMatchObject({ code: 'ENOTFOUND', wsaCode: 11001 });
    expect(asked).not.toHaveBeenCalled();
  });

  it("fails with the signal's reason where that has aborted before", async () => {
    const reason = new Error('enough');
    const asked = vi.spyOn(native, 'resolverAddresses');
    expect(await failureOf(getAddrInfo('localhost', { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    expect(asked).not.toHaveBeenCalled();
  });

  it('says that no thread can be had', async () => {
    // EAGAIN, as pthread_create(3) has it.
    vi.spyOn(native, 'resolverAddresses').mockReturnValue(-11);
    expect(await failureOf(getAddrInfo('localhost'))).toMatchObject({ syscall: 'getaddrinfo' });
  });

  const refused: [what: string, host: unknown, options: GetAddrInfoOptions, message: RegExp][] = [
    ['no name', '', {}, /host must be a name/],
    ['a name that is no string', 5, {}, /got 5/],
    ['a port out of range', 'localhost', { port: 70_000 }, /port .* got 70000/],
    ['a family that has no names', 'localhost', { family: 1 }, /family .* got 1/],
    ['a negative time', 'localhost', { timeoutMs: -1 }, /timeoutMs .* got -1/],
  ];
  it.each(refused)('refuses %s', async (_what, host, options, message) => {
    // SAFETY: what a JavaScript caller may pass.
    const error = await failureOf(getAddrInfo(host as string, options));
    expect(String(error)).toMatch(message);
    expect(error).not.toBeInstanceOf(SocketError);
  });
});

describe('getNameInfo()', () => {
  it('finds the name of an address and of a port', async () => {
    const address = SockaddrIn.from({ address: '127.0.0.1', port: 65_432 });
    const { host, service } = await getNameInfo(address, { requiresName: true, isDatagram: true });
    expect(host).toMatch(/localhost|^[\w.-]+$/);
    expect(service).toBe('65432');
  });

  it('refuses what is no address', async () => {
    // SAFETY: what a JavaScript caller may pass.
    const error = await failureOf(getNameInfo('127.0.0.1' as unknown as SockaddrIn));
    expect(error).toBeInstanceOf(TypeError);
  });
});
