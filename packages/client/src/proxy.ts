/** Connecting through a proxy: the table of contents of the subpath. */

export { connectHttpProxy, type HttpProxyOptions } from './proxy/http-connect.js';
export { ProxyError, type ProxyErrorCode } from './proxy/proxy-error.js';
export { connectSocks5, type Socks5Options } from './proxy/socks5.js';
export type { ProxyCredentials, TunnelOptions } from './proxy/tunnel.js';
