/**
 * The failures that are a proxy's words. Where it passes on what the network has said to it, that is a `SocketError`.
 */

/**
 * `ERR_PROXY_AUTH`: it wants credentials, or others. `ERR_PROXY_REFUSED`: it does not connect there. `ERR_PROXY_PROTOCOL`: what
 * it says is not the protocol.
 */
export type ProxyErrorCode = 'ERR_PROXY_AUTH' | 'ERR_PROXY_REFUSED' | 'ERR_PROXY_PROTOCOL';

export class ProxyError extends Error {
  readonly code: ProxyErrorCode;
  /** The proxy, as it was given: `127.0.0.1:1080`. */
  readonly proxy: string;
  /** SOCKS' reply or HTTP's status; undefined where there is none. */
  readonly reply: number | undefined;

  /** @internal */
  constructor(
    code: ProxyErrorCode,
    proxy: string,
    happened: string,
    options: { reply?: number; cause?: unknown } = {},
  ) {
    super(`proxy ${proxy}: ${happened} (${code})`, options);
    this.name = 'ProxyError';
    this.code = code;
    this.proxy = proxy;
    this.reply = options.reply;
  }
}
