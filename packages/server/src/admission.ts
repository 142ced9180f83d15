/**
 * Who is let in beside the total: lists of addresses, so many at a time and so many per second of each. Made only where
 * something of it is configured; a connection of a server without costs nothing here.
 *
 * Judged after `accept`, because only then is it known who has come: who is not let in is refused, and cannot wait.
 */
import type { SockaddrLike } from '@netloom/sockaddr';
import {
  type AddressOrEnd,
  type BlockSizes,
  type CidrLike,
  CidrTable,
  cidrOf,
  formatCidr,
} from '@netloom/sockaddr/cidr';
import { type Rate, TokenBucket } from './token-bucket.js';

/**
 * Why a newcomer was refused: `limit`: `maxConnections` or `perThread`; `address`: `perAddress`; `denied`: `allow` and
 * `deny`; `rate`: one of the rates; `memory`: `bufferedBytes`.
 */
export type RefusalReason = 'limit' | 'address' | 'denied' | 'rate' | 'memory';

export interface AdmissionPlan {
  /** Undefined: everybody is allowed. */
  readonly allow: readonly CidrLike[] | undefined;
  readonly deny: readonly CidrLike[] | undefined;
  /** Infinity: no limit. */
  readonly perAddress: number;
  readonly block: BlockSizes;
  readonly ratePerAddress: Rate | undefined;
}

/** So many buckets are kept before those that are full again are forgotten: what newcomers can make grow has a limit. */
const MANY_BUCKETS = 4096;

export class Admission {
  readonly #plan: AdmissionPlan;
  /** The longest block that holds an address decides. */
  readonly #rules: CidrTable<boolean> | undefined;
  readonly #live = new Map<string, number>();
  readonly #buckets = new Map<string, TokenBucket>();
  #forgetAt = MANY_BUCKETS;

  constructor(plan: AdmissionPlan) {
    this.#plan = plan;
    if (plan.allow === undefined && plan.deny === undefined) return;
    this.#rules = new CidrTable();
    // Both may name the same block: then it is denied.
    for (const cidr of plan.allow ?? []) this.#rules.set(cidr, true);
    for (const cidr of plan.deny ?? []) this.#rules.set(cidr, false);
  }

  /** For how many addresses a rate is remembered: those that have used theirs lately. */
  get rateCount(): number {
    return this.#buckets.size;
  }

  /** What counts as this peer's address; undefined: it has none (Unix), and no limit by address applies. */
  keyOf(peer: SockaddrLike | undefined): string | undefined {
    const end = endOf(peer);
    return end === undefined ? undefined : formatCidr(cidrOf(end, this.#plan.block));
  }

  /** Says why not; undefined: it may come in, and is to be told with {@link enter}. */
  refusalOf(
    peer: SockaddrLike | undefined,
    key: string | undefined,
    nowMs: number,
  ): RefusalReason | undefined {
    const end = endOf(peer);
    if (end === undefined || key === undefined) return undefined;
    if (!this.#isAllowed(end)) return 'denied';
    if ((this.#live.get(key) ?? 0) >= this.#plan.perAddress) return 'address';
    return this.#hasToken(key, nowMs) ? undefined : 'rate';
  }

  enter(key: string | undefined): void {
    if (key !== undefined) this.#live.set(key, (this.#live.get(key) ?? 0) + 1);
  }

  leave(key: string | undefined): void {
    if (key === undefined) return;
    const count = (this.#live.get(key) ?? 0) - 1;
    if (count > 0) this.#live.set(key, count);
    else this.#live.delete(key);
  }

  #isAllowed(end: AddressOrEnd): boolean {
    const rule = this.#rules?.match(end);
    return rule === undefined ? this.#plan.allow === undefined : rule.value;
  }

  #hasToken(key: string, nowMs: number): boolean {
    const rate = this.#plan.ratePerAddress;
    if (rate === undefined) return true;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#forgetFull(nowMs);
      bucket = new TokenBucket(rate, nowMs);
      this.#buckets.set(key, bucket);
    }
    return bucket.tryTake(nowMs);
  }

  /** At doubling sizes, so that a flood from many addresses does not walk the table each time. */
  #forgetFull(nowMs: number): void {
    if (this.#buckets.size < this.#forgetAt) return;
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(nowMs)) this.#buckets.delete(key);
    this.#forgetAt = Math.max(MANY_BUCKETS, 2 * this.#buckets.size);
  }
}

function endOf(peer: SockaddrLike | undefined): AddressOrEnd | undefined {
  // By shape: the structure may be of another copy of that package.
  return peer !== undefined && ('sin_addr' in peer || 'sin6_addr' in peer) ? peer : undefined;
}
