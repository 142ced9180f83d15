/** Addresses as bytes and as text: the table of contents. */

// Numbers

export {
  htond,
  htonf,
  htonl,
  htonll,
  htons,
  ntohd,
  ntohf,
  ntohl,
  ntohll,
  ntohs,
} from './byte-order.js';

// Text, as in C

export type { AddressMemory, AddressStructure } from './address-memory.js';
export { INADDR_NONE, inet_addr, inet_aton, inet_ntoa } from './inet-addr.js';
export { InetNtopW, inet_ntop } from './inet-ntop.js';
export { InetPtonW, inet_pton } from './inet-pton.js';

// Structures

export type { Dehydrated } from './crossing.js';
export { InAddr, type InAddrBytes, type InAddrUnion, type InAddrWords } from './in-addr.js';
export { In6Addr, type In6AddrUnion, type In6AddrWords } from './in6-addr.js';
export { type Families, hostLayout, type Layout, layouts, type SystemName } from './layout.js';
export { type Sizeable, sizeof } from './sizeof.js';
export { Sockaddr, type SockaddrLike, sockaddrFrom } from './sockaddr.js';
export { SockaddrIn, type SockaddrInOptions } from './sockaddr-in.js';
export { SockaddrIn6, type SockaddrIn6Options } from './sockaddr-in6.js';
export { SockaddrStorage } from './sockaddr-storage.js';
export { SockaddrUn, type SockaddrUnOptions } from './sockaddr-un.js';

// Text, ours

export { type Endpoint, formatEndpoint, parseEndpoint } from './endpoint.js';
export { compareIp, formatIp, type Ip, type IpLike, isIp, isIpv4, isIpv6, parseIp } from './ip.js';

// What kind of address it is

export {
  IN6_ARE_ADDR_EQUAL,
  IN6_IS_ADDR_LINKLOCAL,
  IN6_IS_ADDR_LOOPBACK,
  IN6_IS_ADDR_MC_GLOBAL,
  IN6_IS_ADDR_MC_LINKLOCAL,
  IN6_IS_ADDR_MC_NODELOCAL,
  IN6_IS_ADDR_MC_ORGLOCAL,
  IN6_IS_ADDR_MC_SITELOCAL,
  IN6_IS_ADDR_MULTICAST,
  IN6_IS_ADDR_SITELOCAL,
  IN6_IS_ADDR_UNSPECIFIED,
  IN6_IS_ADDR_V4COMPAT,
  IN6_IS_ADDR_V4MAPPED,
} from './in6-predicates.js';
export {
  isBroadcast,
  isDocumentation,
  isIpv4Mapped,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isPrivate,
  isShared,
  isUnspecified,
} from './predicates.js';

// Constants

export {
  AF_APPLETALK,
  AF_BLUETOOTH,
  AF_BTH,
  AF_CAN,
  AF_HYPERV,
  AF_INET,
  AF_INET6,
  AF_IPX,
  AF_IRDA,
  AF_LINK,
  AF_NETBIOS,
  AF_NETLINK,
  AF_PACKET,
  AF_SYSTEM,
  AF_UNIX,
  AF_UNSPEC,
  AF_VSOCK,
  INADDR_ALLHOSTS_GROUP,
  INADDR_ALLRTRS_GROUP,
  INADDR_ANY,
  INADDR_BROADCAST,
  INADDR_LOOPBACK,
  INADDR_MAX_LOCAL_GROUP,
  INADDR_UNSPEC_GROUP,
  INET_ADDRSTRLEN,
  INET6_ADDRSTRLEN,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IGMP,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_RAW,
  IPPROTO_RM,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  in6addr_any,
  in6addr_loopback,
  PF_APPLETALK,
  PF_BLUETOOTH,
  PF_BTH,
  PF_CAN,
  PF_INET,
  PF_INET6,
  PF_IPX,
  PF_IRDA,
  PF_LINK,
  PF_NETBIOS,
  PF_NETLINK,
  PF_PACKET,
  PF_SYSTEM,
  PF_UNIX,
  PF_UNSPEC,
  PF_VSOCK,
} from './constants.js';
