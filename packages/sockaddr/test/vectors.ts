/**
 * Reads the address vectors of the repository: facts from other projects' test suites. Never part of the package.
 */
import { readFileSync } from 'node:fs';

/** One fact: what a function of some system or language makes of an input. Its fields are described beside the files. */
export interface Row {
  readonly fn: string;
  readonly dialect: string;
  readonly family: 0 | 4 | 6;
  readonly input?: string;
  readonly bytes: string | null;
  readonly valid?: boolean;
  readonly text?: string | null;
  readonly port?: number | null;
  readonly scopeId?: number;
  readonly returns?: number;
  readonly wsaError?: number | null;
  readonly ours?: boolean;
  readonly source: string;
}

export type VectorFile =
  | 'inet_pton'
  | 'inet_ntop'
  | 'inet_aton_inet_addr'
  | 'scoped_ipv6'
  | 'sockaddr_text';

export function vectors(file: VectorFile): readonly Row[] {
  const url = new URL(`../../../vectors/${file}.json`, import.meta.url);
  // SAFETY: the files are checked in, and described by Row.
  return JSON.parse(readFileSync(url, 'utf8')) as readonly Row[];
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Collects what a C-named function leaves as last error, in winsock-native's place. */
export function watchLastError(): { take(): number | null; stop(): void } {
  const name = Symbol.for('netloom.setLastError');
  let code: number | null = null;
  Reflect.set(globalThis, name, (value: number) => {
    code = value;
  });
  return {
    take() {
      const taken = code;
      code = null;
      return taken;
    },
    stop: () => Reflect.deleteProperty(globalThis, name),
  };
}
