/** The list of peers' behaviours is whole: each has a test that exists or a reason, and no check of ours is missing. */
import { describe, expect, test } from 'vitest';
import { listedOf, pageOf, readTable, sitesInSources, sumOf, titlesIn } from './table.js';

const table = readTable();

describe("the list of peers' behaviours", () => {
  test('names only tests that exist', () => {
    const named = [...table.behaviours, ...table.checks].flatMap(({ test: at }) => at ?? []);
    const titles = new Map(named.map(({ file }) => [file, titlesIn(file)]));
    const missing = named.filter(
      ({ file, title }) => !titles.get(file)?.some((pattern) => pattern.test(title)),
    );
    expect(missing).toEqual([]);
  });

  test('has no row without a source, nor a check without test or reason', () => {
    for (const { what, sources, differs } of table.behaviours) {
      const names = Object.entries(sources);
      expect(names.length, what).toBeGreaterThan(0);
      for (const [source, tests] of names) {
        expect(table.sources, what).toHaveProperty(source);
        expect(tests.length, what).toBeGreaterThan(0);
      }
      expect(differs, what).not.toBe('');
    }
    for (const { check, source, test: at, untested } of table.checks) {
      expect(source, check).not.toBe('');
      expect(at === null, check).toBe(untested !== undefined);
    }
  });

  test('accounts for every test of a source, once', () => {
    for (const [source, { files }] of Object.entries(table.sources)) {
      const published = Object.values(files).reduce((sum, count) => sum + count, 0);
      const groups = table.elsewhere.filter((group) => group.source === source);
      expect(listedOf(table.behaviours, source).size + sumOf(groups), source).toBe(published);
    }
  });

  test('has every place in the sources that makes a code of its own, and no other', () => {
    const listed = new Set(table.checks.flatMap(({ at }) => at));
    expect([...listed].sort()).toEqual(sitesInSources());
  });

  test('docs/internals/peer-behaviours.md says so', async () => {
    await expect(pageOf(table)).toMatchFileSnapshot(
      '../../../../docs/internals/peer-behaviours.md',
    );
  });
});
