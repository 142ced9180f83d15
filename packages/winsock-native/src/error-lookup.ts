/**
 * Error Lookup: from a number or a name of any system to what it means. The twin of Visual Studio's errlook.exe.
 *
 * Reads the tables and nothing else. Exact look-ups only; a search in the texts is another question.
 */
import { ERRNO_TABLE, type ErrnoRow, RESOLVER_TABLE, type SocketErrorCode } from './errno-table.js';
import { type Bilingual, type ErrorRow, POSIX_ONLY_ERRORS, WINDOWS_ERRORS } from './error-table.js';

/** libuv numbers its own errors on Windows from here downwards, so that they never meet a system's. */
const LIBUV_WINDOWS_FIRST = -4000;

/** Whose numbers a negative error number is read in. */
export type ErrorSystem = 'linux' | 'darwin' | 'win32';

/** All that the tables know about one error. */
export interface ErrorInfo {
  /** `WSAECONNRESET`; the POSIX name where Windows has no number for it (`EPIPE`). */
  readonly name: string;
  /** Winsock's number; for an error that Windows does not know, the nearest. */
  readonly wsaCode: number;
  /** The name of `wsaCode`: `name` itself, or the nearest one's. */
  readonly wsaName: string;
  /** Other names: `EWOULDBLOCK`, `EAI_AGAIN`, `ERROR_INVALID_HANDLE`. */
  readonly aliases: readonly string[];
  /** As in `SocketError.code`: the POSIX code, or Node's where a name was not found; `null` where there is none. */
  readonly code: SocketErrorCode | null;
  /** The numbers in `SocketError.errno` and Node's `err.errno`: negative; `null` where the system has none. */
  readonly errno: Readonly<Record<ErrorSystem, number | null>>;
  readonly meaning: Bilingual;
  readonly causes: Bilingual;
}

export interface LookupOptions {
  /** Whose numbers `-104` is read in; default: this machine's. Numbers below -4000 are always libuv's for Windows. */
  readonly system?: ErrorSystem;
}

/**
 * Finds an error by a number or by a name.
 *
 * Positive numbers are Windows' (10048), negative ones errnos as Node reports them (-104). Names are Winsock's, POSIX'
 * and their aliases, in any case of letters. Where several errors share a POSIX code (EINVAL is 10022 and 87) the one
 * that socket calls report is given.
 *
 * @returns `undefined` when no row has this number or name
 * @see winsock2 WSAGetLastError · errno(3)
 *
 * @example
 * ```ts
 * import { lookupError, WSAECONNREFUSED } from '@netloom/winsock-native';
 *
 * console.log(lookupError(WSAECONNREFUSED)?.meaning.en);
 * console.log(lookupError('ECONNREFUSED')?.wsaName, lookupError(-104, { system: 'linux' })?.code);
 * console.log(lookupError(12345));
 * ```
 *
 * ```text
 * The target refused the connection.
 * WSAECONNREFUSED ECONNRESET
 * undefined
 * ```
 */
export function lookupError(
  error: number | string,
  options: LookupOptions = {},
): ErrorInfo | undefined {
  if (typeof error === 'number') {
    return error < 0 ? byErrno(error, options.system ?? hostSystem()) : infoOf(byNumber.get(error));
  }
  if (typeof error === 'string') return infoOf(byName.get(error.toUpperCase()));
  throw new TypeError(`lookupError: error must be a number or a name: got ${String(error)}`);
}

/** The system whose error numbers this machine uses. @internal */
export function hostSystem(): ErrorSystem {
  if (process.platform === 'win32') return 'win32';
  // The BSDs number their errors as Darwin does, where it matters here.
  return process.platform === 'linux' || process.platform === 'android' ? 'linux' : 'darwin';
}

/** An errno row's number as Node gives it: negative, or `null`. @internal */
export function nodeErrno(row: ErrnoRow, system: ErrorSystem): number | null {
  if (system === 'win32') return row.libuvWindows;
  const number = row[system];
  return number === null ? null : -number;
}

/** The row of a code. @internal */
export function errnoRowOf(code: string): KnownErrnoRow | undefined {
  return errnoRows.get(code);
}

/** The row of a negative number; where two names share it, the name Node gives it. @internal */
export function errnoRowByNumber(errno: number, system: ErrorSystem): KnownErrnoRow | undefined {
  const owner = errno <= LIBUV_WINDOWS_FIRST ? 'win32' : system;
  return ALL_ROWS.find((row) => nodeErrno(row, owner) === errno);
}

/**
 * What the addon returns for an error: the system's number negated, which on Windows is Winsock's own.
 *
 * @internal
 */
export function addonErrno(code: SocketErrorCode): number {
  const row = errnoRows.get(code);
  if (row === undefined) throw new TypeError(`no error is named ${code}`);
  const system = hostSystem();
  return system === 'win32' ? -row.wsaCode : (nodeErrno(row, system) ?? -row.wsaCode);
}

/** Windows' name for a number; `undefined` when the table has none. @internal */
export function windowsNameOf(wsaCode: number): string | undefined {
  return byNumber.get(wsaCode)?.name;
}

const ALL_ROWS = [...ERRNO_TABLE, ...RESOLVER_TABLE];
type KnownErrnoRow = (typeof ALL_ROWS)[number];

const errnoRows = new Map<string, KnownErrnoRow>(ALL_ROWS.map((row) => [row.code, row]));
const resolverRows = new Map<number, KnownErrnoRow>(
  RESOLVER_TABLE.map((row) => [row.wsaCode, row]),
);
const byNumber = new Map<number, ErrorRow>(WINDOWS_ERRORS.map((row) => [row.wsaCode, row]));
const byName = new Map<string, ErrorRow>();
for (const row of [...WINDOWS_ERRORS, ...POSIX_ONLY_ERRORS] satisfies readonly ErrorRow[]) {
  byName.set(row.name, row);
  for (const alias of row.aliases) byName.set(alias, row);
}
// After the names, so that a POSIX name leads to the row that its own table calls the twin: EINVAL to 10022, not to 87.
for (const row of ALL_ROWS) {
  const twin = byNumber.get(row.wsaCode);
  if (twin !== undefined && !byName.has(row.code)) byName.set(row.code, twin);
}

function byErrno(errno: number, system: ErrorSystem): ErrorInfo | undefined {
  const row = errnoRowByNumber(errno, system);
  return row === undefined ? undefined : infoOf(byName.get(row.code));
}

function infoOf(row: ErrorRow | undefined): ErrorInfo | undefined {
  if (row === undefined) return undefined;
  const posix = row.code === null ? resolverRows.get(row.wsaCode) : errnoRows.get(row.code);
  return {
    name: row.name,
    wsaCode: row.wsaCode,
    wsaName: windowsNameOf(row.wsaCode) ?? row.name,
    aliases: row.aliases,
    code: posix?.code ?? null,
    errno: {
      linux: posix === undefined ? null : nodeErrno(posix, 'linux'),
      darwin: posix === undefined ? null : nodeErrno(posix, 'darwin'),
      win32: posix === undefined ? null : nodeErrno(posix, 'win32'),
    },
    meaning: row.meaning,
    causes: row.causes,
  };
}
