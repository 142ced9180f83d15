/**
 * Constants of addresses under C's names, with this host's numbers: <netinet/in.h>, RFC 3493 §3; winsock2 ws2def.h, ws2ipdef.h.
 *
 * Those of sockets (SOL_, SO_, SOCK_, MSG_) belong to winsock-native. A name that is typed `number | undefined` is undefined
 * where the system does not define it.
 */
import { In6Addr } from './in6-addr.js';
import { hostLayout } from './layout.js';

const { families } = hostLayout;

/** No family: whatever there is. */
export const AF_UNSPEC: number = families.AF_UNSPEC;
/** Unix sockets: names in the file system. */
export const AF_UNIX: number = families.AF_UNIX;
/** IPv4. */
export const AF_INET: number = families.AF_INET;
/** IPv6: 10 on Linux, 23 on Windows, 30 on macOS. */
export const AF_INET6: number = families.AF_INET6;
/** AppleTalk, where a provider exists. */
export const AF_APPLETALK: number = families.AF_APPLETALK;
/** Novell's IPX, where a provider exists. */
export const AF_IPX: number = families.AF_IPX;
/** Bluetooth under Linux' name. */
export const AF_BLUETOOTH: number | undefined = families.AF_BLUETOOTH;
/** Bluetooth under Windows' name. */
export const AF_BTH: number | undefined = families.AF_BTH;
/** Controller area network (Linux). */
export const AF_CAN: number | undefined = families.AF_CAN;
/** Hyper-V sockets (Windows). */
export const AF_HYPERV: number | undefined = families.AF_HYPERV;
/** Infrared. */
export const AF_IRDA: number | undefined = families.AF_IRDA;
/** Link-layer addresses (BSD, macOS; Windows knows the number). */
export const AF_LINK: number | undefined = families.AF_LINK;
/** NetBIOS (Windows, where a provider exists; macOS). */
export const AF_NETBIOS: number | undefined = families.AF_NETBIOS;
/** The kernel's configuration and events (Linux). */
export const AF_NETLINK: number | undefined = families.AF_NETLINK;
/** Link-layer frames (Linux). */
export const AF_PACKET: number | undefined = families.AF_PACKET;
/** The kernel's control sockets (macOS). */
export const AF_SYSTEM: number | undefined = families.AF_SYSTEM;
/** Between a virtual machine and its host. */
export const AF_VSOCK: number | undefined = families.AF_VSOCK;

/** The same number as {@link AF_UNSPEC}: protocol families and address families never came apart. */
export const PF_UNSPEC: number = AF_UNSPEC;
/** The same number as {@link AF_UNIX}. */
export const PF_UNIX: number = AF_UNIX;
/** The same number as {@link AF_INET}. */
export const PF_INET: number = AF_INET;
/** The same number as {@link AF_INET6}. */
export const PF_INET6: number = AF_INET6;
/** The same number as {@link AF_APPLETALK}. */
export const PF_APPLETALK: number = AF_APPLETALK;
/** The same number as {@link AF_IPX}. */
export const PF_IPX: number = AF_IPX;
/** The same number as {@link AF_BLUETOOTH}. */
export const PF_BLUETOOTH: number | undefined = AF_BLUETOOTH;
/** The same number as {@link AF_BTH}. */
export const PF_BTH: number | undefined = AF_BTH;
/** The same number as {@link AF_CAN}. */
export const PF_CAN: number | undefined = AF_CAN;
/** The same number as {@link AF_IRDA}. */
export const PF_IRDA: number | undefined = AF_IRDA;
/** The same number as {@link AF_LINK}. */
export const PF_LINK: number | undefined = AF_LINK;
/** The same number as {@link AF_NETBIOS}. */
export const PF_NETBIOS: number | undefined = AF_NETBIOS;
/** The same number as {@link AF_NETLINK}. */
export const PF_NETLINK: number | undefined = AF_NETLINK;
/** The same number as {@link AF_PACKET}. */
export const PF_PACKET: number | undefined = AF_PACKET;
/** The same number as {@link AF_SYSTEM}. */
export const PF_SYSTEM: number | undefined = AF_SYSTEM;
/** The same number as {@link AF_VSOCK}. */
export const PF_VSOCK: number | undefined = AF_VSOCK;

/** Bytes that hold any IPv4 text and its NUL: 16; on Windows 22, which includes a port. */
export const INET_ADDRSTRLEN: number = hostLayout.INET_ADDRSTRLEN;
/** Bytes that hold any IPv6 text and its NUL: 46; on Windows 65, which includes brackets, zone and port. */
export const INET6_ADDRSTRLEN: number = hostLayout.INET6_ADDRSTRLEN;

/** 0.0.0.0, every local address, in host order as all INADDR_ constants: `htonl(INADDR_ANY)`. */
export const INADDR_ANY = 0;
/** 127.0.0.1 */
export const INADDR_LOOPBACK = 0x7f00_0001;
/** 255.255.255.255 */
export const INADDR_BROADCAST = 0xffff_ffff;
/** 224.0.0.0 */
export const INADDR_UNSPEC_GROUP = 0xe000_0000;
/** 224.0.0.1, all hosts of the link. */
export const INADDR_ALLHOSTS_GROUP = 0xe000_0001;
/** 224.0.0.2, all routers of the link. */
export const INADDR_ALLRTRS_GROUP = 0xe000_0002;
/** 224.0.0.255, the last group that routers do not forward. */
export const INADDR_MAX_LOCAL_GROUP = 0xe000_00ff;

/** `::`, every local address. A constant in C; its bytes are memory here, so assign it and do not write to it. */
export const in6addr_any: In6Addr = /* @__PURE__ */ new In6Addr();
/** `::1`. A constant in C; its bytes are memory here, so assign it and do not write to it. */
export const in6addr_loopback: In6Addr = /* @__PURE__ */ new In6Addr(
  /* @__PURE__ */ Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
);

/** IP itself; as the protocol of a socket: the default of family and type. */
export const IPPROTO_IP = 0;
/** Control messages of IPv4. */
export const IPPROTO_ICMP = 1;
/** Group membership of IPv4. */
export const IPPROTO_IGMP = 2;
/** TCP. */
export const IPPROTO_TCP = 6;
/** UDP. */
export const IPPROTO_UDP = 17;
/** IPv6. */
export const IPPROTO_IPV6 = 41;
/** Control messages of IPv6. */
export const IPPROTO_ICMPV6 = 58;
/** SCTP. */
export const IPPROTO_SCTP = 132;
/** Raw IP packets. */
export const IPPROTO_RAW = 255;
/** Reliable multicast (Windows; with SOCK_RDM only). */
export const IPPROTO_RM: number | undefined = hostLayout.system === 'win32' ? 113 : undefined;
