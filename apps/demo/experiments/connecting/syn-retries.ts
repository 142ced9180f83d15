/**
 * How long connect waits where nobody answers, computed as the Linux kernel does it: tcp_timer.c, ip-sysctl.rst.
 *
 * The first SYN is repeated after a second, then tcp_syn_linear_timeouts times after another second each (0 before Linux 6.5),
 * then at intervals that double. When a timer fires the kernel gives up if the SYN was repeated often enough (retries and linear
 * ones together), or if as much time has passed as that many retries would take with doubled intervals alone.
 */
import { setting } from '../../theatre/kernel.js';
import type { Theatre } from '../../theatre/scene.js';

/** The kernel's TCP_TIMEOUT_INIT. */
const FIRST_INTERVAL_S = 1;

/** Seconds from the first SYN until connect fails. */
export function secondsUntilTimeout(retries: number, linear: number): number {
  const doubledAlone = (2 ** (retries + 1) - 1) * FIRST_INTERVAL_S;
  let interval = FIRST_INTERVAL_S;
  let seconds = 0;
  for (let repeated = 0; ; repeated += 1) {
    seconds += interval;
    if (repeated >= retries + linear || seconds >= doubledAlone) return seconds;
    if (repeated >= linear) interval *= 2;
  }
}

/** This kernel's linear ones. */
export function linearTimeouts(): number {
  return setting('net.ipv4.tcp_syn_linear_timeouts') ?? 0;
}

/** The time that nobody waits for here. */
export function systemDefault(theatre: Theatre): void {
  const retries = setting('net.ipv4.tcp_syn_retries');
  if (retries === undefined) {
    theatre.leaveOut({
      en: 'the default patience of connect: no net.ipv4.tcp_syn_retries here',
      zh: 'connect 默认等多久：这里没有 net.ipv4.tcp_syn_retries',
    });
    return;
  }
  const linear = linearTimeouts();
  const seconds = secondsUntilTimeout(retries, linear);
  theatre.tell({
    en:
      `Without TCP_SYNCNT it would be net.ipv4.tcp_syn_retries = ${retries} and net.ipv4.tcp_syn_linear_timeouts = ${linear}: ` +
      `${seconds} s by the same rule. Computed, not waited for.`,
    zh:
      `不设 TCP_SYNCNT 时，按 net.ipv4.tcp_syn_retries = ${retries}、net.ipv4.tcp_syn_linear_timeouts = ${linear}，` +
      `依同样的规则要等 ${seconds} 秒。这是算出来的，没有真等。`,
  });
}
