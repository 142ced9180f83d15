/**
 * What else people call an error: the words of strerror(3) on Linux and macOS, and what is said of it in short. Read by
 * the search only, so that what was copied from a terminal or said aloud leads to the row.
 */
import type { SocketErrorCode } from './errno-table.js';

/** Small letters; one phrase may stand at several codes. */
export const PHRASES: Readonly<
  Partial<Record<SocketErrorCode, { readonly en: readonly string[]; readonly zh: string }>>
> = {
  EACCES: { en: ['access denied'], zh: '权限不够，没有权限' },
  EADDRINUSE: {
    en: ['port already in use', 'port is taken', 'time_wait'],
    zh: '端口被占用，地址已在使用',
  },
  EADDRNOTAVAIL: {
    en: ['cannot assign requested address', "can't assign requested address"],
    zh: '无法分配请求的地址',
  },
  EAFNOSUPPORT: { en: ['address family not supported by protocol'], zh: '协议不支持的地址族' },
  EAGAIN: {
    en: ['resource temporarily unavailable', 'non-blocking', 'try again'],
    zh: '资源暂时不可用，会阻塞',
  },
  EBADF: { en: ['bad file descriptor'], zh: '错误的文件描述符' },
  ECANCELED: { en: ['operation canceled'], zh: '操作已取消' },
  ECONNABORTED: { en: ['software caused connection abort'], zh: '软件导致连接中止' },
  ECONNREFUSED: { en: ['nobody listens', 'nobody is listening'], zh: '连接被拒绝，拒绝连接' },
  ECONNRESET: { en: ['rst', 'connection was reset'], zh: '连接被重置，连接已重置' },
  EFAULT: { en: ['bad address', 'addrlen'], zh: '错误的地址，指针错误' },
  EHOSTUNREACH: { en: ['no route to host'], zh: '没有到主机的路由' },
  EINPROGRESS: { en: ['operation now in progress'], zh: '操作正在进行' },
  EINTR: { en: ['interrupted system call'], zh: '被中断的系统调用' },
  EISCONN: {
    en: ['transport endpoint is already connected', 'socket is already connected'],
    zh: '套接字已连接',
  },
  EMFILE: { en: ['out of descriptors', 'ulimit'], zh: '打开的文件过多，描述符用尽' },
  EMSGSIZE: { en: ['datagram too large'], zh: '数据报过大，消息过长' },
  ENETUNREACH: { en: ['network is unreachable'], zh: '网络不可达' },
  ENETRESET: { en: ['network dropped connection on reset'], zh: '网络断开了连接' },
  ENFILE: { en: ['too many open files in system'], zh: '系统打开的文件过多' },
  ENOBUFS: { en: ['no buffer space available'], zh: '没有可用的缓冲区空间' },
  ENOENT: { en: ['no such file or directory'], zh: '没有那个文件或目录' },
  ENOMEM: { en: ['cannot allocate memory'], zh: '无法分配内存' },
  ENOPROTOOPT: { en: ['protocol not available'], zh: '选项不可用' },
  ENOTCONN: {
    en: ['transport endpoint is not connected', 'socket is not connected'],
    zh: '套接字未连接，尚未连接',
  },
  ENOTDIR: { en: ['not a directory'], zh: '不是目录' },
  ENOTFOUND: { en: ['unknown host', 'no such host', 'dns'], zh: '找不到主机，域名解析失败' },
  ENOTSOCK: { en: ['socket operation on non-socket'], zh: '不是套接字' },
  EPIPE: { en: ['broken pipe', 'sigpipe'], zh: '断开的管道，管道破裂' },
  EPROTOTYPE: { en: ['protocol wrong type for socket'], zh: '协议与套接字类型不符' },
  ESHUTDOWN: { en: ['cannot send after transport endpoint shutdown'], zh: '关闭之后不能发送' },
  ETIMEDOUT: { en: ['timeout', 'time-out', 'connection timed out'], zh: '连接超时，超时' },
  EAI_AGAIN: { en: ['temporary failure in name resolution'], zh: '域名解析暂时失败' },
};
