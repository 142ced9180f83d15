/** The page about dialects is what the vectors say, and no difference is left unexplained. */
import { describe, expect, it } from 'vitest';
import { compareAll, page } from './dialects.js';
import { vectors } from './vectors.js';

const comparisons = compareAll();
const files = [
  'inet_pton',
  'inet_ntop',
  'inet_aton_inet_addr',
  'scoped_ipv6',
  'sockaddr_text',
] as const;

describe('other dialects', () => {
  it('all rows that are not about our C-named functions are compared', () => {
    const others = files.flatMap((file) => vectors(file)).filter((row) => row.ours !== true);
    const rows = comparisons.reduce((sum, comparison) => sum + comparison.rows, 0);
    expect(rows).toBe(others.length);
    expect(rows).toBeGreaterThan(700);
  });

  it('every difference has a reason', () => {
    const differences = comparisons.flatMap((comparison) => comparison.differences);
    expect(differences.length).toBeGreaterThan(0);
    expect(differences.filter(({ reason }) => reason === undefined)).toEqual([]);
  });

  it.each([
    ['ParseAddr', 'go-netip'],
    ['Ipv6Addr::from_str', 'rust'],
    ['Ipv4Addr::from_str', 'rust'],
    ['IPv6Address', 'python-ipaddress'],
    ['net.isIP', 'node'],
    ['net.isIPv6', 'node'],
  ])('%s of %s takes what parseIp takes', (fn, dialect) => {
    const comparison = comparisons.find((each) => each.fn === fn && each.dialect === dialect);
    expect(comparison?.rows).toBeGreaterThan(20);
    expect(comparison?.differences).toEqual([]);
  });

  it('docs/internals/address-dialects.md says so', async () => {
    await expect(page(comparisons)).toMatchFileSnapshot(
      '../../../docs/internals/address-dialects.md',
    );
  });
});
