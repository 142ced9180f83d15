/** Blocks of addresses, `10.0.0.0/8`: the table of contents of the subpath. */

export {
  type BlockSizes,
  type Cidr,
  type CidrLike,
  cidrContains,
  cidrOf,
  compareCidr,
  formatCidr,
  type ParseCidrOptions,
  parseCidr,
} from './cidr-block.js';
export { type CidrEntry, CidrTable } from './cidr-table.js';
export type { AddressOrEnd } from './plain-address.js';
