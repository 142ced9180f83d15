/**
 * Winsock's error codes as plain constants, the same numbers on every system, read from the error table.
 *
 * Source: winsock2 "Windows Sockets Error Codes".
 */
import { WINDOWS_ERRORS } from './error-table.js';

type WindowsErrorName = (typeof WINDOWS_ERRORS)[number]['name'];

const codes = new Map<WindowsErrorName, number>(
  WINDOWS_ERRORS.map((row) => [row.name, row.wsaCode]),
);

export const WSA_INVALID_HANDLE = codeOf('WSA_INVALID_HANDLE');
export const WSA_NOT_ENOUGH_MEMORY = codeOf('WSA_NOT_ENOUGH_MEMORY');
export const WSA_INVALID_PARAMETER = codeOf('WSA_INVALID_PARAMETER');
export const WSA_OPERATION_ABORTED = codeOf('WSA_OPERATION_ABORTED');
export const WSA_IO_INCOMPLETE = codeOf('WSA_IO_INCOMPLETE');
export const WSA_IO_PENDING = codeOf('WSA_IO_PENDING');
export const WSAEINTR = codeOf('WSAEINTR');
export const WSAEBADF = codeOf('WSAEBADF');
export const WSAEACCES = codeOf('WSAEACCES');
export const WSAEFAULT = codeOf('WSAEFAULT');
export const WSAEINVAL = codeOf('WSAEINVAL');
export const WSAEMFILE = codeOf('WSAEMFILE');
export const WSAEWOULDBLOCK = codeOf('WSAEWOULDBLOCK');
export const WSAEINPROGRESS = codeOf('WSAEINPROGRESS');
export const WSAEALREADY = codeOf('WSAEALREADY');
export const WSAENOTSOCK = codeOf('WSAENOTSOCK');
export const WSAEDESTADDRREQ = codeOf('WSAEDESTADDRREQ');
export const WSAEMSGSIZE = codeOf('WSAEMSGSIZE');
export const WSAEPROTOTYPE = codeOf('WSAEPROTOTYPE');
export const WSAENOPROTOOPT = codeOf('WSAENOPROTOOPT');
export const WSAEPROTONOSUPPORT = codeOf('WSAEPROTONOSUPPORT');
export const WSAESOCKTNOSUPPORT = codeOf('WSAESOCKTNOSUPPORT');
export const WSAEOPNOTSUPP = codeOf('WSAEOPNOTSUPP');
export const WSAEPFNOSUPPORT = codeOf('WSAEPFNOSUPPORT');
export const WSAEAFNOSUPPORT = codeOf('WSAEAFNOSUPPORT');
export const WSAEADDRINUSE = codeOf('WSAEADDRINUSE');
export const WSAEADDRNOTAVAIL = codeOf('WSAEADDRNOTAVAIL');
export const WSAENETDOWN = codeOf('WSAENETDOWN');
export const WSAENETUNREACH = codeOf('WSAENETUNREACH');
export const WSAENETRESET = codeOf('WSAENETRESET');
export const WSAECONNABORTED = codeOf('WSAECONNABORTED');
export const WSAECONNRESET = codeOf('WSAECONNRESET');
export const WSAENOBUFS = codeOf('WSAENOBUFS');
export const WSAEISCONN = codeOf('WSAEISCONN');
export const WSAENOTCONN = codeOf('WSAENOTCONN');
export const WSAESHUTDOWN = codeOf('WSAESHUTDOWN');
export const WSAETOOMANYREFS = codeOf('WSAETOOMANYREFS');
export const WSAETIMEDOUT = codeOf('WSAETIMEDOUT');
export const WSAECONNREFUSED = codeOf('WSAECONNREFUSED');
export const WSAELOOP = codeOf('WSAELOOP');
export const WSAENAMETOOLONG = codeOf('WSAENAMETOOLONG');
export const WSAEHOSTDOWN = codeOf('WSAEHOSTDOWN');
export const WSAEHOSTUNREACH = codeOf('WSAEHOSTUNREACH');
export const WSAENOTEMPTY = codeOf('WSAENOTEMPTY');
export const WSAEPROCLIM = codeOf('WSAEPROCLIM');
export const WSAEUSERS = codeOf('WSAEUSERS');
export const WSAEDQUOT = codeOf('WSAEDQUOT');
export const WSAESTALE = codeOf('WSAESTALE');
export const WSAEREMOTE = codeOf('WSAEREMOTE');
export const WSASYSNOTREADY = codeOf('WSASYSNOTREADY');
export const WSAVERNOTSUPPORTED = codeOf('WSAVERNOTSUPPORTED');
export const WSANOTINITIALISED = codeOf('WSANOTINITIALISED');
export const WSAEDISCON = codeOf('WSAEDISCON');
export const WSAENOMORE = codeOf('WSAENOMORE');
export const WSAECANCELLED = codeOf('WSAECANCELLED');
export const WSAEINVALIDPROCTABLE = codeOf('WSAEINVALIDPROCTABLE');
export const WSAEINVALIDPROVIDER = codeOf('WSAEINVALIDPROVIDER');
export const WSAEPROVIDERFAILEDINIT = codeOf('WSAEPROVIDERFAILEDINIT');
export const WSASYSCALLFAILURE = codeOf('WSASYSCALLFAILURE');
export const WSASERVICE_NOT_FOUND = codeOf('WSASERVICE_NOT_FOUND');
export const WSATYPE_NOT_FOUND = codeOf('WSATYPE_NOT_FOUND');
export const WSA_E_NO_MORE = codeOf('WSA_E_NO_MORE');
export const WSA_E_CANCELLED = codeOf('WSA_E_CANCELLED');
export const WSAEREFUSED = codeOf('WSAEREFUSED');
export const WSAHOST_NOT_FOUND = codeOf('WSAHOST_NOT_FOUND');
export const WSATRY_AGAIN = codeOf('WSATRY_AGAIN');
export const WSANO_RECOVERY = codeOf('WSANO_RECOVERY');
export const WSANO_DATA = codeOf('WSANO_DATA');
export const WSA_QOS_RECEIVERS = codeOf('WSA_QOS_RECEIVERS');
export const WSA_QOS_SENDERS = codeOf('WSA_QOS_SENDERS');
export const WSA_QOS_NO_SENDERS = codeOf('WSA_QOS_NO_SENDERS');
export const WSA_QOS_NO_RECEIVERS = codeOf('WSA_QOS_NO_RECEIVERS');
export const WSA_QOS_REQUEST_CONFIRMED = codeOf('WSA_QOS_REQUEST_CONFIRMED');
export const WSA_QOS_ADMISSION_FAILURE = codeOf('WSA_QOS_ADMISSION_FAILURE');
export const WSA_QOS_POLICY_FAILURE = codeOf('WSA_QOS_POLICY_FAILURE');
export const WSA_QOS_BAD_STYLE = codeOf('WSA_QOS_BAD_STYLE');
export const WSA_QOS_BAD_OBJECT = codeOf('WSA_QOS_BAD_OBJECT');
export const WSA_QOS_TRAFFIC_CTRL_ERROR = codeOf('WSA_QOS_TRAFFIC_CTRL_ERROR');
export const WSA_QOS_GENERIC_ERROR = codeOf('WSA_QOS_GENERIC_ERROR');
export const WSA_QOS_ESERVICETYPE = codeOf('WSA_QOS_ESERVICETYPE');
export const WSA_QOS_EFLOWSPEC = codeOf('WSA_QOS_EFLOWSPEC');
export const WSA_QOS_EPROVSPECBUF = codeOf('WSA_QOS_EPROVSPECBUF');
export const WSA_QOS_EFILTERSTYLE = codeOf('WSA_QOS_EFILTERSTYLE');
export const WSA_QOS_EFILTERTYPE = codeOf('WSA_QOS_EFILTERTYPE');
export const WSA_QOS_EFILTERCOUNT = codeOf('WSA_QOS_EFILTERCOUNT');
export const WSA_QOS_EOBJLENGTH = codeOf('WSA_QOS_EOBJLENGTH');
export const WSA_QOS_EFLOWCOUNT = codeOf('WSA_QOS_EFLOWCOUNT');
export const WSA_QOS_EUNKNOWNPSOBJ = codeOf('WSA_QOS_EUNKNOWNPSOBJ');
export const WSA_QOS_EPOLICYOBJ = codeOf('WSA_QOS_EPOLICYOBJ');
export const WSA_QOS_EFLOWDESC = codeOf('WSA_QOS_EFLOWDESC');
export const WSA_QOS_EPSFLOWSPEC = codeOf('WSA_QOS_EPSFLOWSPEC');
export const WSA_QOS_EPSFILTERSPEC = codeOf('WSA_QOS_EPSFILTERSPEC');
export const WSA_QOS_ESDMODEOBJ = codeOf('WSA_QOS_ESDMODEOBJ');
export const WSA_QOS_ESHAPERATEOBJ = codeOf('WSA_QOS_ESHAPERATEOBJ');
export const WSA_QOS_RESERVED_PETYPE = codeOf('WSA_QOS_RESERVED_PETYPE');
export const WSA_SECURE_HOST_NOT_FOUND = codeOf('WSA_SECURE_HOST_NOT_FOUND');
export const WSA_IPSEC_NAME_POLICY_ERROR = codeOf('WSA_IPSEC_NAME_POLICY_ERROR');

function codeOf(name: WindowsErrorName): number {
  const code = codes.get(name);
  if (code === undefined) throw new Error(`the error table has no row named ${name}`);
  return code;
}
