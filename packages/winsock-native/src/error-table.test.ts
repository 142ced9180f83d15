import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERRNO_TABLE, type ErrnoRow } from './errno-table.js';
import { type ErrorRow, POSIX_ONLY_ERRORS, WINDOWS_ERRORS } from './error-table.js';
import * as codes from './wsa-codes.js';

interface ReferenceError {
  code: number;
  name: string;
  aliases?: string[];
  posix: string | null;
  meaning_en: string;
  meaning_zh: string;
  typical_cause_en: string;
  typical_cause_zh: string;
}

interface ReferenceErrno {
  name: string;
  linux: number | null;
  darwin: number | null;
  libuv_win32: number | null;
  wsa_code: number | null;
}

function reference(file: string): unknown {
  const url = new URL(`../../../vectors/reference/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

// SAFETY: the reference files are part of the repository, and the counts below fail when their form changes.
const wsa = reference('wsa-errors.json') as {
  errors: ReferenceError[];
  related_system_codes: ReferenceError[];
};
// SAFETY: as above.
const errnoMap = reference('errno-map.json') as { errno: ReferenceErrno[] };

const rows: readonly ErrorRow[] = WINDOWS_ERRORS;
const errnoRows: readonly ErrnoRow[] = ERRNO_TABLE;

describe('the error table', () => {
  const expected = [...wsa.errors, ...wsa.related_system_codes];

  test('the reference lists 97 Winsock errors and 13 system codes around them', () => {
    expect([wsa.errors.length, wsa.related_system_codes.length]).toEqual([97, 13]);
  });

  test.each(expected.map((row) => [row.code, row.name, row] as const))(
    'has %i %s with names, POSIX code and texts of the reference',
    (code, name, row) => {
      const ours = rows.find((candidate) => candidate.wsaCode === code);
      expect(ours?.name).toBe(name);
      expect(ours?.aliases).toEqual(expect.arrayContaining(row.aliases ?? []));
      if (row.posix === null) expect(ours?.code).toBe(null);
      else expect([ours?.code, ...(ours?.aliases ?? [])]).toContain(row.posix);
      expect(ours?.meaning).toEqual({ en: row.meaning_en, zh: row.meaning_zh });
      expect(ours?.causes).toEqual({ en: row.typical_cause_en, zh: row.typical_cause_zh });
    },
  );

  test('is sorted by number and has no number, name or alias twice', () => {
    const numbers = rows.map((row) => row.wsaCode);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    const names = [...rows, ...POSIX_ONLY_ERRORS].flatMap((row) => [row.name, ...row.aliases]);
    expect(names).toEqual([...new Set(names)]);
  });

  test('says everything in both languages', () => {
    for (const row of [...rows, ...POSIX_ONLY_ERRORS] as readonly ErrorRow[]) {
      for (const text of [row.meaning, row.causes]) {
        expect(text.en, row.name).toMatch(/^[\x20-\x7e]+\.$/);
        expect(text.zh, row.name).toMatch(/[\u4e00-\u9fff].*。$/);
      }
    }
  });

  test('every row named WSA… is exported as a constant, and nothing else is', () => {
    const named = rows.filter((row) => row.name.startsWith('WSA'));
    expect(Object.fromEntries(named.map((row) => [row.name, row.wsaCode]))).toEqual({ ...codes });
  });
});

describe('the errno table', () => {
  test('has the 70 rows of the reference, with the numbers of each system', () => {
    const numbers = errnoRows.map(({ code, linux, darwin, libuvWindows }) => {
      return { name: code, linux, darwin, libuv_win32: libuvWindows };
    });
    expect(numbers).toEqual(
      errnoMap.errno.map(({ name, linux, darwin, libuv_win32 }) => {
        return { name, linux, darwin, libuv_win32 };
      }),
    );
    expect(numbers.length).toBe(70);
  });

  test("gives the reference's Winsock code, and a Windows code in the table where there is none", () => {
    for (const { name, wsa_code } of errnoMap.errno) {
      const ours = errnoRows.find((row) => row.code === name)?.wsaCode;
      if (wsa_code !== null) expect(ours, name).toBe(wsa_code);
      else expect(rows.map((row) => row.wsaCode)).toContain(ours);
    }
  });

  // DESIGN: an errno without a Winsock twin becomes Windows' system code.
  test.each([
    ['ENOENT', 2],
    ['ENOTDIR', 3],
    ['EROFS', 19],
    ['EIO', 1117],
    ['ENODEV', 20],
    ['ENAMETOOLONG', 10063],
  ])('%s is %i on Windows', (code, wsaCode) => {
    expect(errnoRows.find((row) => row.code === code)?.wsaCode).toBe(wsaCode);
  });
});
