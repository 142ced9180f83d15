/**
 * Which family to begin with where a name has addresses of both: destination address selection, RFC 6724 §6.
 *
 * Within a family the system's resolver has sorted already, and knows more than a program can (which source addresses are
 * deprecated, temporary, a tunnel's: rules 3, 4 and 7). Between families the rules that remain are asked here; rule 9 is
 * for addresses of one family, and a tie leaves IPv6 first.
 */
import {
  isLinkLocal,
  isLoopback,
  isMulticast,
  type SockaddrIn,
  type SockaddrIn6,
} from '@netloom/sockaddr';
import { CidrTable } from '@netloom/sockaddr/cidr';
import type { IpFamily } from './happy-eyeballs.js';

type End = SockaddrIn | SockaddrIn6;

interface Policy {
  readonly precedence: number;
  readonly label: number;
}

/** RFC 6724 §2.1, the default policy table; IPv4 stands for its `::ffff:0:0/96`. */
const POLICIES = new CidrTable<Policy>([
  ['::1', { precedence: 50, label: 0 }],
  ['::/0', { precedence: 40, label: 1 }],
  ['0.0.0.0/0', { precedence: 35, label: 4 }],
  ['2002::/16', { precedence: 30, label: 2 }],
  ['2001::/32', { precedence: 5, label: 5 }],
  ['fc00::/7', { precedence: 3, label: 13 }],
  ['::/96', { precedence: 1, label: 3 }],
  ['fec0::/10', { precedence: 1, label: 11 }],
  ['3ffe::/16', { precedence: 1, label: 12 }],
]);

const LINK_LOCAL_SCOPE = 2;
const SITE_LOCAL_SCOPE = 5;
const GLOBAL_SCOPE = 14;

/**
 * Says which of two destinations of different families comes first.
 *
 * @param sourceOf - the address that the system would come from; undefined where it has no way to the destination
 */
export function preferredFamily(
  to4: End,
  to6: End,
  sourceOf: (to: End) => End | undefined,
): IpFamily {
  const from4 = sourceOf(to4);
  const from6 = sourceOf(to6);
  // Rule 1: avoid unusable destinations.
  if (from4 === undefined || from6 === undefined) return from4 === undefined ? 6 : 4;
  // Rule 2: prefer matching scope.
  const matches4 = scopeOf(to4) === scopeOf(from4);
  const matches6 = scopeOf(to6) === scopeOf(from6);
  if (matches4 !== matches6) return matches4 ? 4 : 6;
  // Rule 5: prefer matching label.
  const fits4 = policyOf(to4).label === policyOf(from4).label;
  const fits6 = policyOf(to6).label === policyOf(from6).label;
  if (fits4 !== fits6) return fits4 ? 4 : 6;
  // Rule 6: prefer higher precedence.
  const { precedence: precedence4 } = policyOf(to4);
  const { precedence: precedence6 } = policyOf(to6);
  if (precedence4 !== precedence6) return precedence4 > precedence6 ? 4 : 6;
  // Rule 8: prefer smaller scope. Rule 10: otherwise leave them as they are.
  return scopeOf(to4) < scopeOf(to6) ? 4 : 6;
}

function policyOf(end: End): Policy {
  const policy = POLICIES.match(end)?.value;
  if (policy === undefined) throw new TypeError(`no policy for ${end}: it is no IP address`);
  return policy;
}

/** RFC 6724 §3.1 and §3.2: scopes as those of multicast; IPv4's loopback and automatic addresses are link-local. */
function scopeOf(end: End): number {
  const { bytes } = 'sin6_addr' in end ? end.sin6_addr : end.sin_addr;
  if (isMulticast(bytes)) return bytes.length === 16 ? (bytes[1] ?? 0) & 0x0f : GLOBAL_SCOPE;
  if (isLoopback(bytes) || isLinkLocal(bytes)) return LINK_LOCAL_SCOPE;
  const isSiteLocal = bytes.length === 16 && bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0xc0;
  return isSiteLocal ? SITE_LOCAL_SCOPE : GLOBAL_SCOPE;
}
