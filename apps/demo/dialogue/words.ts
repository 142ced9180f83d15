/** The sentences that several commands print. */

import type { ConnectionInfo } from '@netloom/server';
import { SockaddrIn, SockaddrIn6 } from '@netloom/sockaddr';
import { inLanguage, type Language } from '../theatre/language.js';
import type { Thread } from './greeter.js';

/** The tutorial's line about a client: `client address: 127.0.0.1, port: 50432`. */
export function clientLine({ peer }: ConnectionInfo): string {
  if (peer instanceof SockaddrIn || peer instanceof SockaddrIn6) {
    return `client address: ${peer.address}, port: ${peer.port}`;
  }
  return `client address: ${peer ?? 'unknown'}`;
}

/** `thread 3 (kernel id 4711)`. */
export function threadName({ threadId, kernelThreadId }: Thread, language: Language): string {
  return inLanguage(language, {
    en: `thread ${threadId} (kernel id ${kernelThreadId})`,
    zh: `线程 ${threadId}（内核线程号 ${kernelThreadId}）`,
  });
}
