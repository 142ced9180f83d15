/**
 * How many are let in, and who: the options of `limits`, `allow` and `deny`, checked.
 */
import { type BlockSizes, type CidrLike, CidrTable, cidrOf } from '@netloom/sockaddr/cidr';
import type { AdmissionPlan } from './admission.js';
import { checkInteger, show } from './checks.js';
import type { Rate } from './token-bucket.js';

/** What one server, one thread or one address may take; all of it beside `maxConnections`. */
export interface ServerLimits {
  /** Live connections at a time of one address, exact; more are refused, because the backlog knows no addresses. */
  readonly perAddress?: number | undefined;
  /**
   * What counts as one address; default `{ ipv4: 32, ipv6: 64 }`: one customer commonly has a whole /64 (RFC 6177). Peers
   * without an IP address (Unix) are not counted.
   */
  readonly block?: BlockSizes | undefined;
  /** Live connections at a time on each thread of a pool, exact; at that limit as `atLimit` says. */
  readonly perThread?: number | undefined;
  /** Newcomers per second; beyond that they wait in the backlog, or with `atLimit: 'refuse'` are refused. */
  readonly rate?: Rate | undefined;
  /** Newcomers per second of one address; beyond that they are refused. */
  readonly ratePerAddress?: Rate | undefined;
}

/** The limits, complete. */
export interface LimitPlan {
  readonly perThread: number;
  readonly rate: Rate | undefined;
  /** Undefined: nothing is asked of a newcomer's address. */
  readonly admission: AdmissionPlan | undefined;
}

/** What limits there are by address. */
export interface AddressLists {
  readonly allow?: readonly CidrLike[] | undefined;
  readonly deny?: readonly CidrLike[] | undefined;
}

const DEFAULT_BLOCK: BlockSizes = { ipv4: 32, ipv6: 64 };

export function planLimits(given: ServerLimits | undefined, lists: AddressLists): LimitPlan {
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    throw new TypeError(`limits must be an object such as { perAddress: 10 }: got ${show(given)}`);
  }
  const limits = given ?? {};
  const perAddress = checkCount('limits.perAddress', limits.perAddress);
  const ratePerAddress = checkRate('limits.ratePerAddress', limits.ratePerAddress);
  const allow = checkList('allow', lists.allow);
  const deny = checkList('deny', lists.deny);
  const block = { ...DEFAULT_BLOCK, ...limits.block };
  // Refuses sizes out of range, here and not with the first newcomer.
  cidrOf('::', block);
  cidrOf('0.0.0.0', block);
  const isAsked = perAddress < Number.POSITIVE_INFINITY || (ratePerAddress ?? allow ?? deny);
  return {
    perThread: checkCount('limits.perThread', limits.perThread),
    rate: checkRate('limits.rate', limits.rate),
    admission: isAsked ? { allow, deny, perAddress, block, ratePerAddress } : undefined,
  };
}

function checkCount(name: string, count: number | undefined): number {
  if (count === undefined || count === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return checkInteger(name, count, 1, Number.MAX_SAFE_INTEGER, ' (or Infinity)');
}

function checkRate(name: string, rate: Rate | undefined): Rate | undefined {
  if (rate === undefined) return undefined;
  if (typeof rate !== 'object' || rate === null) {
    throw new TypeError(`${name} must be an object such as { perSecond: 100 }: got ${show(rate)}`);
  }
  const { perSecond, burst } = rate;
  if (!(Number.isFinite(perSecond) && perSecond > 0)) {
    throw new RangeError(`${name}.perSecond must be a number above 0: got ${show(perSecond)}`);
  }
  if (burst !== undefined && !(Number.isFinite(burst) && burst >= 1)) {
    throw new RangeError(`${name}.burst must be a number from 1: got ${show(burst)}`);
  }
  return { perSecond, burst };
}

function checkList(
  name: string,
  list: readonly CidrLike[] | undefined,
): readonly CidrLike[] | undefined {
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) {
    throw new TypeError(`${name} must be an array such as ['10.0.0.0/8']: got ${show(list)}`);
  }
  for (const [i, cidr] of list.entries()) {
    try {
      new CidrTable().set(cidr, true);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TypeError(`${name}[${i}]: ${why}`, { cause });
    }
  }
  return [...list];
}
