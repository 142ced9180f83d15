/**
 * Where a C-named function leaves its error code: the last error of this thread, which winsock-native keeps.
 *
 * This package loads nothing. winsock-native installs the setter under a name of the global symbol registry when it is
 * loaded; without it the return code is all there is to see. Codes are Winsock's, on every system.
 */
const SET_LAST_ERROR = Symbol.for('netloom.setLastError');

/** Windows' own code for InetNtop with too little room, and nothing else here; winsock2 InetNtopW, "Error code". */
export const ERROR_INVALID_PARAMETER = 87;
/** Memory that is missing or too small. */
export const WSAEFAULT = 10014;
/** What InetPtonW leaves after text that is no address; inet_pton leaves nothing. */
export const WSAEINVAL = 10022;
/** A family that the function does not know. */
export const WSAEAFNOSUPPORT = 10047;

export function setLastError(code: number): void {
  const install: unknown = Reflect.get(globalThis, SET_LAST_ERROR);
  if (typeof install === 'function') install(code);
}
