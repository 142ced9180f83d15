/** Whose socket a row of the kernel's table is. The table names inodes; a process's descriptors name them too. */
import { readdirSync, readlinkSync } from 'node:fs';
import { type TcpFilter, type TcpRow, tcpRows } from './kernel.js';

/** The rows that belong to sockets of this process. One that waits in an accept queue belongs to nobody yet: inode 0. */
export function tcpRowsOf(pid: number, filter: TcpFilter = {}): TcpRow[] {
  const inodes = socketInodes(pid);
  return tcpRows(filter).filter(({ inode }) => inodes.has(inode));
}

/** The inodes of a process's sockets; none once it has ended: its folder is there until it is reaped, with nothing in it. */
export function socketInodes(pid: number): Set<number> {
  const inodes = new Set<number>();
  const folder = `/proc/${pid}/fd`;
  for (const fd of ifThere(() => readdirSync(folder)) ?? []) {
    // A descriptor may close between the listing and the look at it.
    const target = ifThere(() => readlinkSync(`${folder}/${fd}`));
    const inode = /^socket:\[(\d+)\]$/.exec(target ?? '')?.[1];
    if (inode !== undefined) inodes.add(Number(inode));
  }
  return inodes;
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    // SAFETY: node:fs throws nothing but errors of the system.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
