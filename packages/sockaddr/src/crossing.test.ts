import { fileURLToPath } from 'node:url';
import {
  In6Addr,
  InAddr,
  layouts,
  Sockaddr,
  SockaddrIn,
  SockaddrIn6,
  SockaddrStorage,
  SockaddrUn,
} from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';

interface Message {
  readonly module: string;
  readonly exportName: string;
  readonly data: unknown;
}

/** Calls the method that the global registry's symbol names, as whoever carries structures does. */
function call(owner: object, name: 'dehydrate' | 'revive' | 'discard', data?: unknown): unknown {
  const method: unknown = Reflect.get(owner, Symbol.for(`netloom.${name}`));
  if (typeof method !== 'function') throw new TypeError(`no ${name}`);
  return method.call(owner, data);
}

function dehydrate(structure: object): Message {
  // SAFETY: the contract of this symbol; the tests below look at every field.
  return call(structure, 'dehydrate') as Message;
}

/** The structure over the middle of a larger buffer, as received addresses are. */
function within<T extends { readonly bytes: Uint8Array }>(
  made: T,
  view: (bytes: Uint8Array) => T,
): T {
  const memory = new Uint8Array(4096);
  memory.set(made.bytes, 1000);
  return view(memory.subarray(1000, 1000 + made.bytes.length));
}

const { darwin, linux } = layouts;
const in4 = SockaddrIn.from({ address: '10.0.0.1', port: 80 }, darwin);
const in6 = SockaddrIn6.from({ address: 'fe80::1%2', port: 80 });

const structures = {
  InAddr: within(InAddr.from('10.0.0.1'), (bytes) => new InAddr(bytes)),
  In6Addr: within(In6Addr.from('2001:db8::1'), (bytes) => new In6Addr(bytes)),
  Sockaddr: within(new Sockaddr(Uint8Array.of(16, 0, 1)), (bytes) => new Sockaddr(bytes)),
  SockaddrIn: within(in4, (bytes) => new SockaddrIn(bytes, darwin)),
  SockaddrIn6: within(in6, (bytes) => new SockaddrIn6(bytes)),
  SockaddrUn: SockaddrUn.from({ abstractName: Uint8Array.of(0x61, 0) }, linux),
  SockaddrStorage: new SockaddrStorage(),
};

describe('crossing threads', () => {
  it.each(Object.entries(structures))(
    '%s arrives as it left, made by its own module',
    async (name, left) => {
      const message = structuredClone(dehydrate(left));
      expect(message.exportName).toBe(name);
      expect(fileURLToPath(message.module)).toMatch(/dist/);
      const module: Record<string, object> = await import(message.module);
      const arrived = Object(call(Object(module[name]), 'revive', message.data));
      expect(arrived.constructor.name).toBe(name);
      expect(arrived.bytes).toEqual(left.bytes);
      expect(String(arrived)).toBe(String(left));
      expect(arrived.length).toBe(Reflect.get(left, 'length'));
    },
  );

  it('sends the structure alone, not the buffer it lies in', () => {
    const data = Object(dehydrate(structures.SockaddrIn).data);
    expect(data.bytes).toBeInstanceOf(Uint8Array);
    expect(data.bytes.buffer.byteLength).toBe(16);
  });

  it('keeps the layout', () => {
    const arrived = call(SockaddrIn, 'revive', dehydrate(structures.SockaddrIn).data);
    expect(Object(arrived).layout.system).toBe('darwin');
  });

  it('has nothing to give back when it is discarded', () => {
    const { data } = dehydrate(structures.SockaddrIn);
    expect(call(SockaddrIn, 'discard', data)).toBe(undefined);
  });

  it.each([null, {}, { bytes: [1] }, { bytes: new Uint8Array(16), system: 'toString' }])(
    'refuses to be revived from %j',
    (data) => {
      expect(() => call(SockaddrIn, 'revive', data)).toThrow(/^SockaddrIn cannot be revived/);
    },
  );
});
