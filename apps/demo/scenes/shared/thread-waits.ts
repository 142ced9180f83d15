/** In which system call the kernel has put a thread to sleep: proc_pid_syscall(5), proc_pid_wchan(5). */
import { readFileSync } from 'node:fs';
import { Problem } from '../../commands/problem.js';
import { within } from '../../theatre/kernel.js';

/** Numbers of the calls in which threads of Node wait; they differ by processor: asm/unistd.h. */
const CALLS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  x64: { 7: 'poll', 271: 'ppoll', 232: 'epoll_wait', 281: 'epoll_pwait', 202: 'futex' },
  arm64: { 73: 'ppoll', 22: 'epoll_pwait', 98: 'futex' },
};

/** Long enough for a busy machine: a thread is seen awake only while it works. */
const LOOK_MS = 5000;

/** Where a thread is. */
export interface ThreadWait {
  readonly kernelId: number;
  /** The system call that it sleeps in; `running` when it does not sleep, `ended` when it is no more. */
  readonly call: string;
  /** The kernel's function that put it to sleep; `-` where the kernel keeps that to itself. */
  readonly wchan: string;
}

/** A blocking call of ours sleeps in poll, a little at a time; nothing else on such a thread does. */
export function isBlocked({ call }: ThreadWait): boolean {
  return call === 'poll' || call === 'ppoll';
}

/** The event loop sleeps in epoll. */
export function isInEventLoop({ call }: ThreadWait): boolean {
  return call === 'epoll_wait' || call === 'epoll_pwait';
}

export function threadWait(pid: number, kernelId: number): ThreadWait {
  const folder = `/proc/${pid}/task/${kernelId}`;
  const [number] = (read(`${folder}/syscall`) ?? 'ended').split(' ');
  const call =
    number === 'ended' || number === 'running'
      ? number
      : (CALLS[process.arch]?.[Number(number)] ?? `system call ${number}`);
  const wchan = read(`${folder}/wchan`);
  return { kernelId, call, wchan: wchan === undefined || wchan === '0' ? '-' : wchan };
}

/** Looks until all of these threads are as is expected, or the time has passed; either way, says how they are. */
export async function threadWaits(
  pid: number,
  kernelIds: readonly number[],
  expected: (wait: ThreadWait) => boolean,
): Promise<ThreadWait[]> {
  const deadline = performance.now() + LOOK_MS;
  return within(
    2 * LOOK_MS,
    () => {
      const waits = kernelIds.map((kernelId) => threadWait(pid, kernelId));
      return waits.every(expected) || performance.now() > deadline ? waits : undefined;
    },
    { en: 'look at the threads', zh: '查看各线程' },
  );
}

/** Undefined when the thread has ended. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    // SAFETY: node:fs throws nothing but errors of the system.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw new Problem({
      en: `the kernel does not let this program look at ${path}: ${String(error)}`,
      zh: `内核不允许本程序查看 ${path}：${String(error)}`,
    });
  }
}
