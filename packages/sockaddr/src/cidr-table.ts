/**
 * A table of blocks in which the longest one that holds an address decides: allow and deny lists, trusted proxies, limits
 * by network.
 *
 * For each family a tree by bits in which every node is a block with an entry, or a fork (path compression, as Sedgewick's
 * and BSD's radix trees): a look-up takes as many steps as blocks lie inside of each other there, at most 33 or 129, and a
 * table of n blocks has at most 2n nodes, whatever the blocks are.
 */
import { blockOf, type Cidr, type CidrLike, startsAlike, toCidr } from './cidr-block.js';
import { type AddressOrEnd, plainAddress } from './plain-address.js';

/** A block and what the table says about it. */
export interface CidrEntry<T> {
  readonly cidr: Cidr;
  readonly value: T;
}

interface Node<T> {
  readonly cidr: Cidr;
  /** Absent in a fork. */
  entry: CidrEntry<T> | undefined;
  /** What lies inside, by the first bit behind the prefix. */
  readonly inside: [zero: Node<T> | undefined, one: Node<T> | undefined];
}

/**
 * Blocks with a value each.
 *
 * @example
 * ```ts
 * import { CidrTable } from '@netloom/sockaddr/cidr';
 *
 * const rules = new CidrTable([
 *   ['10.0.0.0/8', 'allow'],
 *   ['10.66.0.0/16', 'deny'],
 *   ['10.66.0.7', 'allow'],
 * ]);
 * for (const peer of ['10.1.2.3', '::ffff:10.66.1.1', '10.66.0.7', '192.0.2.1'])
 *   console.log(peer, rules.match(peer)?.value);
 * ```
 *
 * ```text
 * 10.1.2.3 allow
 * ::ffff:10.66.1.1 deny
 * 10.66.0.7 allow
 * 192.0.2.1 undefined
 * ```
 */
export class CidrTable<T = true> {
  #ipv4: Node<T> | undefined = undefined;
  #ipv6: Node<T> | undefined = undefined;
  #size = 0;

  /**
   * @param entries - pairs of block and value; the later one of two for the same block stands
   * @throws {TypeError | RangeError} as `parseCidr`, for the first block that is none
   */
  constructor(entries: Iterable<readonly [cidr: CidrLike, value: T]> = []) {
    for (const [cidr, value] of entries) this.set(cidr, value);
  }

  /** How many blocks it has. */
  get size(): number {
    return this.#size;
  }

  /**
   * Puts a block in, or changes its value.
   *
   * @throws as `parseCidr`
   */
  set(cidr: CidrLike, value: T): this {
    const block = toCidr('CidrTable.set', cidr);
    const entry = { cidr: block, value };
    if (block.family === 4) this.#ipv4 = this.#put(this.#ipv4, entry);
    else this.#ipv6 = this.#put(this.#ipv6, entry);
    return this;
  }

  /** Takes exactly this block out, not what lies inside of it. @returns whether it was there */
  delete(cidr: CidrLike): boolean {
    const block = toCidr('CidrTable.delete', cidr);
    const before = this.#size;
    if (block.family === 4) this.#ipv4 = this.#take(this.#ipv4, block);
    else this.#ipv6 = this.#take(this.#ipv6, block);
    return this.#size < before;
  }

  /** The value of exactly this block; undefined where it is not in the table. */
  get(cidr: CidrLike): T | undefined {
    const block = toCidr('CidrTable.get', cidr);
    const found = this.#longest(block.family, block.bytes, block.prefixLength);
    return found?.cidr.prefixLength === block.prefixLength ? found.value : undefined;
  }

  /**
   * Finds the longest block that holds an address; undefined where none does.
   *
   * @throws {TypeError | RangeError} not an address
   */
  match(address: AddressOrEnd): CidrEntry<T> | undefined {
    const { family, bytes } = plainAddress('CidrTable.match', address);
    return this.#longest(family, bytes, 8 * bytes.length);
  }

  /** Whether any block holds the address. @throws as `match` */
  has(address: AddressOrEnd): boolean {
    return this.match(address) !== undefined;
  }

  /** All entries, in the order of `compareCidr`. */
  *[Symbol.iterator](): Generator<CidrEntry<T>, void, undefined> {
    yield* entriesIn(this.#ipv4);
    yield* entriesIn(this.#ipv6);
  }

  #longest(family: 4 | 6, bytes: Uint8Array, bits: number): CidrEntry<T> | undefined {
    let found: CidrEntry<T> | undefined;
    let node = family === 4 ? this.#ipv4 : this.#ipv6;
    while (node !== undefined) {
      const { prefixLength } = node.cidr;
      if (prefixLength > bits || !startsAlike(node.cidr.bytes, bytes, prefixLength)) break;
      found = node.entry ?? found;
      node = node.inside[bitAt(bytes, prefixLength)];
    }
    return found;
  }

  /** @returns the node that stands here now */
  #put(node: Node<T> | undefined, entry: CidrEntry<T>): Node<T> {
    const { cidr } = entry;
    if (node === undefined) return this.#leaf(entry);
    const common = commonBits(node.cidr, cidr);
    if (common === node.cidr.prefixLength) {
      if (common === cidr.prefixLength) {
        if (node.entry === undefined) this.#size += 1;
        node.entry = entry;
        return node;
      }
      const side = bitAt(cidr.bytes, common);
      node.inside[side] = this.#put(node.inside[side], entry);
      return node;
    }
    const leaf = this.#leaf(entry);
    if (common === cidr.prefixLength) {
      leaf.inside[bitAt(node.cidr.bytes, common)] = node;
      return leaf;
    }
    const fork: Node<T> = {
      cidr: blockOf(cidr.family, cidr.bytes, common),
      entry: undefined,
      inside: [undefined, undefined],
    };
    fork.inside[bitAt(node.cidr.bytes, common)] = node;
    fork.inside[bitAt(cidr.bytes, common)] = leaf;
    return fork;
  }

  #leaf(entry: CidrEntry<T>): Node<T> {
    this.#size += 1;
    return { cidr: entry.cidr, entry, inside: [undefined, undefined] };
  }

  /** @returns the node that stands here now: none, its only child, or itself */
  #take(node: Node<T> | undefined, cidr: Cidr): Node<T> | undefined {
    if (node === undefined || commonBits(node.cidr, cidr) < node.cidr.prefixLength) return node;
    if (node.cidr.prefixLength === cidr.prefixLength) {
      if (node.entry !== undefined) this.#size -= 1;
      node.entry = undefined;
    } else {
      const side = bitAt(cidr.bytes, node.cidr.prefixLength);
      node.inside[side] = this.#take(node.inside[side], cidr);
    }
    const [zero, one] = node.inside;
    if (node.entry !== undefined || (zero !== undefined && one !== undefined)) return node;
    return zero ?? one;
  }
}

function* entriesIn<T>(node: Node<T> | undefined): Generator<CidrEntry<T>, void, undefined> {
  if (node === undefined) return;
  if (node.entry !== undefined) yield node.entry;
  yield* entriesIn(node.inside[0]);
  yield* entriesIn(node.inside[1]);
}

/** How many leading bits two blocks share, at most as many as the shorter prefix has. */
function commonBits(a: Cidr, b: Cidr): number {
  const most = Math.min(a.prefixLength, b.prefixLength);
  for (let at = 0; 8 * at < most; at++) {
    const difference = (a.bytes[at] ?? 0) ^ (b.bytes[at] ?? 0);
    if (difference !== 0) return Math.min(most, 8 * at + Math.clz32(difference) - 24);
  }
  return most;
}

function bitAt(bytes: Uint8Array, bit: number): 0 | 1 {
  return ((bytes[bit >>> 3] ?? 0) & (0x80 >>> (bit & 7))) === 0 ? 0 : 1;
}
