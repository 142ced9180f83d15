/**
 * One row per error: Windows' number and name, other names of the same number, the POSIX code, the meaning and the usual
 * causes in English and Chinese. Sorted by number; then the POSIX errors that Windows has no number for, each with the
 * nearest one. The numbers that POSIX codes have on each system are in `errno-table.ts`.
 *
 * Source: winsock2 "Windows Sockets Error Codes", winerror.h, errno(3); the texts are our own.
 */

/** A sentence in the two languages of the project. */
export interface Bilingual {
  readonly en: string;
  readonly zh: string;
}

/** One row of the table. */
export interface ErrorRow {
  /** Windows' name; the POSIX one where Windows has no number for it. */
  readonly name: string;
  /** Windows' number; the nearest one where `name` is a POSIX name. */
  readonly wsaCode: number;
  /** Other names of the same error. */
  readonly aliases: readonly string[];
  /** The POSIX code with this meaning, under the name Node gives it; `null`: there is none. */
  readonly code: string | null;
  readonly meaning: Bilingual;
  readonly causes: Bilingual;
}

/** Errors with a number of their own on Windows. */
export const WINDOWS_ERRORS = [
  {
    name: 'ERROR_FILE_NOT_FOUND',
    wsaCode: 2,
    aliases: [],
    code: 'ENOENT',
    meaning: {
      en: 'The file or the name does not exist.',
      zh: '文件或名称不存在。',
    },
    causes: {
      en: 'connect or bind on a Unix path whose file or folder is missing.',
      zh: '对文件或所在目录不存在的 Unix 路径调用 connect 或 bind。',
    },
  },
  {
    name: 'ERROR_PATH_NOT_FOUND',
    wsaCode: 3,
    aliases: [],
    code: 'ENOTDIR',
    meaning: {
      en: 'A part of the path is not a folder.',
      zh: '路径中的某一部分不是目录。',
    },
    causes: {
      en: 'A Unix path goes through a file as if that were a folder.',
      zh: 'Unix 路径把某个文件当作目录来穿过。',
    },
  },
  {
    name: 'WSA_INVALID_HANDLE',
    wsaCode: 6,
    aliases: ['ERROR_INVALID_HANDLE'],
    code: 'EBADF',
    meaning: {
      en: 'The event or overlapped handle passed in is not valid.',
      zh: '传入的事件句柄或重叠 I/O 句柄无效。',
    },
    causes: {
      en: 'An event handle was closed already, never created, or is not an event object at all (typical with WSAWaitForMultipleEvents or WSAResetEvent).',
      zh: '事件句柄已被关闭、从未创建，或者根本不是事件对象（常见于 WSAWaitForMultipleEvents、WSAResetEvent）。',
    },
  },
  {
    name: 'WSA_NOT_ENOUGH_MEMORY',
    wsaCode: 8,
    aliases: ['EAI_MEMORY', 'ERROR_NOT_ENOUGH_MEMORY'],
    code: 'ENOMEM',
    meaning: {
      en: 'Not enough memory to carry out the call.',
      zh: '内存不足，无法完成该调用。',
    },
    causes: {
      en: 'The process or the system ran out of memory; also what getaddrinfo reports as EAI_MEMORY on Windows.',
      zh: '进程或系统内存耗尽；在 Windows 上 getaddrinfo 的 EAI_MEMORY 也是这个值。',
    },
  },
  {
    name: 'ERROR_WRITE_PROTECT',
    wsaCode: 19,
    aliases: [],
    code: 'EROFS',
    meaning: {
      en: 'The file system is read-only.',
      zh: '文件系统是只读的。',
    },
    causes: {
      en: 'bind of a Unix path on a read-only file system.',
      zh: '在只读文件系统上绑定 Unix 路径。',
    },
  },
  {
    name: 'ERROR_BAD_UNIT',
    wsaCode: 20,
    aliases: [],
    code: 'ENODEV',
    meaning: {
      en: 'There is no such device.',
      zh: '没有这样的设备。',
    },
    causes: {
      en: 'An interface name or index that this machine does not have, for example in SO_BINDTODEVICE or a multicast option.',
      zh: '使用了本机没有的接口名或接口序号，例如在 SO_BINDTODEVICE 或多播选项中。',
    },
  },
  {
    name: 'ERROR_GEN_FAILURE',
    wsaCode: 31,
    aliases: [],
    code: null,
    meaning: {
      en: 'The system reported a failure for which Windows has no closer code.',
      zh: '系统报告了一个在 Windows 中没有更贴切代码的失败。',
    },
    causes: {
      en: 'Used for system numbers without a twin; SocketError keeps the original number in errno and code.',
      zh: '用于没有对应代码的系统错误号；SocketError 在 errno 与 code 中保留原始错误。',
    },
  },
  {
    name: 'ERROR_DEV_NOT_EXIST',
    wsaCode: 55,
    aliases: [],
    code: 'ENXIO',
    meaning: {
      en: 'The device or address is not there.',
      zh: '设备或地址不存在。',
    },
    causes: {
      en: 'Opening a Unix socket file as if it were a plain file; an interface that has just gone.',
      zh: '把 Unix 套接字文件当作普通文件打开；接口刚刚消失。',
    },
  },
  {
    name: 'ERROR_NETNAME_DELETED',
    wsaCode: 64,
    aliases: [],
    code: 'ECONNRESET',
    meaning: {
      en: 'The connection behind the handle is gone.',
      zh: '句柄所对应的连接已不存在。',
    },
    causes: {
      en: 'An overlapped receive or AcceptEx completed after the peer reset the connection; read as WSAECONNRESET.',
      zh: '重叠接收或 AcceptEx 在对端重置连接之后完成；应视同 WSAECONNRESET。',
    },
  },
  {
    name: 'WSA_INVALID_PARAMETER',
    wsaCode: 87,
    aliases: ['ERROR_INVALID_PARAMETER'],
    code: 'EINVAL',
    meaning: {
      en: 'One or more parameters are not acceptable.',
      zh: '一个或多个参数不合法。',
    },
    causes: {
      en: 'Too many or too few event handles, a null structure pointer, or a size field that does not match.',
      zh: '事件句柄数量过多或过少、结构体指针为空，或长度字段不匹配。',
    },
  },
  {
    name: 'ERROR_DISK_FULL',
    wsaCode: 112,
    aliases: [],
    code: 'ENOSPC',
    meaning: {
      en: 'There is no space left.',
      zh: '没有剩余空间。',
    },
    causes: {
      en: 'The file system is full when a Unix path is bound, or a kernel table (inotify, epoll) has reached its limit.',
      zh: '绑定 Unix 路径时文件系统已满，或内核表（inotify、epoll）达到上限。',
    },
  },
  {
    name: 'ERROR_CALL_NOT_IMPLEMENTED',
    wsaCode: 120,
    aliases: [],
    code: 'ENOSYS',
    meaning: {
      en: 'The system does not have this call.',
      zh: '系统没有这个调用。',
    },
    causes: {
      en: 'An old kernel, or a sandbox (seccomp) that answers for it.',
      zh: '内核太旧，或由沙箱（seccomp）代为回答。',
    },
  },
  {
    name: 'ERROR_SEM_TIMEOUT',
    wsaCode: 121,
    aliases: [],
    code: 'ETIMEDOUT',
    meaning: {
      en: 'The wait for the remote side ran out.',
      zh: '等待远端超时。',
    },
    causes: {
      en: 'ConnectEx completed without an answer from the target; read as WSAETIMEDOUT.',
      zh: 'ConnectEx 在目标无应答的情况下完成；应视同 WSAETIMEDOUT。',
    },
  },
  {
    name: 'ERROR_INSUFFICIENT_BUFFER',
    wsaCode: 122,
    aliases: [],
    code: null,
    meaning: {
      en: 'The buffer is too small for the result.',
      zh: '缓冲区不足以容纳结果。',
    },
    causes: {
      en: 'Interface and name functions (GetAdaptersAddresses, GetNameInfoW) want a larger buffer.',
      zh: '网络接口与名称函数（GetAdaptersAddresses、GetNameInfoW）需要更大的缓冲区。',
    },
  },
  {
    name: 'ERROR_BUSY',
    wsaCode: 170,
    aliases: [],
    code: 'EBUSY',
    meaning: {
      en: 'The resource is in use.',
      zh: '资源正被占用。',
    },
    causes: {
      en: 'A handle that another Socket owns was taken over, or a device is held by someone else.',
      zh: '接管了已由另一个 Socket 拥有的句柄，或设备被他人占用。',
    },
  },
  {
    name: 'ERROR_ALREADY_EXISTS',
    wsaCode: 183,
    aliases: [],
    code: 'EEXIST',
    meaning: {
      en: 'It exists already.',
      zh: '对象已经存在。',
    },
    causes: {
      en: 'Creating something under a name that is taken; adding a descriptor twice to one epoll set.',
      zh: '以已被使用的名称创建对象；把同一描述符两次加入同一个 epoll 集合。',
    },
  },
  {
    name: 'ERROR_MORE_DATA',
    wsaCode: 234,
    aliases: [],
    code: 'EMSGSIZE',
    meaning: {
      en: 'More of the message is waiting.',
      zh: '消息还有剩余部分。',
    },
    causes: {
      en: 'An overlapped datagram receive was given too small a buffer; read as WSAEMSGSIZE.',
      zh: '重叠数据报接收的缓冲区过小；应视同 WSAEMSGSIZE。',
    },
  },
  {
    name: 'WAIT_TIMEOUT',
    wsaCode: 258,
    aliases: ['WSA_WAIT_TIMEOUT'],
    code: null,
    meaning: {
      en: 'The wait time ran out (also WSA_WAIT_TIMEOUT).',
      zh: '等待时间已到（即 WSA_WAIT_TIMEOUT）。',
    },
    causes: {
      en: 'A return value of WSAWaitForMultipleEvents rather than a failure code.',
      zh: '是 WSAWaitForMultipleEvents 的返回值，不是失败代码。',
    },
  },
  {
    name: 'ERROR_ARITHMETIC_OVERFLOW',
    wsaCode: 534,
    aliases: [],
    code: 'EOVERFLOW',
    meaning: {
      en: 'The value does not fit the type it is returned in.',
      zh: '数值超出返回类型的范围。',
    },
    causes: {
      en: 'A size, time or offset larger than the structure of an old interface can hold.',
      zh: '大小、时间或偏移超过旧接口结构所能容纳的范围。',
    },
  },
  {
    name: 'WSA_OPERATION_ABORTED',
    wsaCode: 995,
    aliases: ['ERROR_OPERATION_ABORTED'],
    code: 'ECANCELED',
    meaning: {
      en: 'An overlapped operation was cancelled before it completed.',
      zh: '重叠操作在完成之前被取消。',
    },
    causes: {
      en: 'The socket was closed, CancelIoEx was called, the thread that started the I/O exited, or SIO_FLUSH was issued.',
      zh: '套接字被关闭、调用了 CancelIoEx、发起 I/O 的线程已退出，或执行了 SIO_FLUSH。',
    },
  },
  {
    name: 'WSA_IO_INCOMPLETE',
    wsaCode: 996,
    aliases: ['ERROR_IO_INCOMPLETE'],
    code: null,
    meaning: {
      en: 'The overlapped operation has not finished yet.',
      zh: '重叠操作尚未完成。',
    },
    causes: {
      en: 'WSAGetOverlappedResult was called without waiting while the request was still in flight; poll again or wait on its event.',
      zh: '请求仍在进行时以不等待方式调用了 WSAGetOverlappedResult；应稍后再查询或等待其事件。',
    },
  },
  {
    name: 'WSA_IO_PENDING',
    wsaCode: 997,
    aliases: ['ERROR_IO_PENDING'],
    code: null,
    meaning: {
      en: 'The overlapped operation has started and will complete later.',
      zh: '重叠操作已开始，稍后完成。',
    },
    causes: {
      en: 'Not a failure: WSARecv, WSASend, ConnectEx, AcceptEx and the like return it when the result will arrive through an event, a completion port or a callback.',
      zh: '这不是失败：WSARecv、WSASend、ConnectEx、AcceptEx 等在结果将通过事件、完成端口或回调送达时返回它。',
    },
  },
  {
    name: 'ERROR_NO_UNICODE_TRANSLATION',
    wsaCode: 1113,
    aliases: [],
    code: 'EILSEQ',
    meaning: {
      en: 'The bytes are not text in the expected encoding.',
      zh: '这些字节不是所期望编码的文本。',
    },
    causes: {
      en: 'A name with invalid UTF-8 or UTF-16 was converted.',
      zh: '转换了含有无效 UTF-8 或 UTF-16 的名称。',
    },
  },
  {
    name: 'ERROR_IO_DEVICE',
    wsaCode: 1117,
    aliases: [],
    code: 'EIO',
    meaning: {
      en: 'Input or output failed in the device.',
      zh: '设备的输入或输出失败。',
    },
    causes: {
      en: 'A fault of a device or driver; rare on sockets.',
      zh: '设备或驱动故障；在套接字上很少见。',
    },
  },
  {
    name: 'ERROR_INVALID_NETNAME',
    wsaCode: 1214,
    aliases: [],
    code: 'EINVAL',
    meaning: {
      en: 'The network address is not valid.',
      zh: '网络地址无效。',
    },
    causes: {
      en: 'An overlapped connect was given an address that cannot be used as a target.',
      zh: '重叠连接的地址不能作为目标。',
    },
  },
  {
    name: 'ERROR_CONNECTION_REFUSED',
    wsaCode: 1225,
    aliases: [],
    code: 'ECONNREFUSED',
    meaning: {
      en: 'The remote side refused the connection.',
      zh: '远端拒绝连接。',
    },
    causes: {
      en: 'Completion of ConnectEx when nothing listens; read as WSAECONNREFUSED.',
      zh: '无人监听时 ConnectEx 的完成结果；应视同 WSAECONNREFUSED。',
    },
  },
  {
    name: 'ERROR_NETWORK_UNREACHABLE',
    wsaCode: 1231,
    aliases: [],
    code: 'ENETUNREACH',
    meaning: {
      en: 'The network cannot be reached.',
      zh: '无法到达该网络。',
    },
    causes: {
      en: 'Completion of an overlapped connect or send without a route; read as WSAENETUNREACH.',
      zh: '没有路由时重叠连接或发送的完成结果；应视同 WSAENETUNREACH。',
    },
  },
  {
    name: 'ERROR_HOST_UNREACHABLE',
    wsaCode: 1232,
    aliases: [],
    code: 'EHOSTUNREACH',
    meaning: {
      en: 'The host cannot be reached.',
      zh: '无法到达该主机。',
    },
    causes: {
      en: 'Completion of an overlapped connect or send; read as WSAEHOSTUNREACH.',
      zh: '重叠连接或发送的完成结果；应视同 WSAEHOSTUNREACH。',
    },
  },
  {
    name: 'ERROR_PORT_UNREACHABLE',
    wsaCode: 1234,
    aliases: [],
    code: 'ECONNRESET',
    meaning: {
      en: 'No service listens on the target port.',
      zh: '目标端口没有服务。',
    },
    causes: {
      en: 'Overlapped UDP receive after an ICMP port-unreachable; recvfrom reports WSAECONNRESET for it.',
      zh: '收到 ICMP 端口不可达后的重叠 UDP 接收；recvfrom 对应报告 WSAECONNRESET。',
    },
  },
  {
    name: 'ERROR_REQUEST_ABORTED',
    wsaCode: 1235,
    aliases: [],
    code: 'ECONNABORTED',
    meaning: {
      en: 'The request was aborted.',
      zh: '请求被中止。',
    },
    causes: {
      en: 'A connection was torn down locally while an overlapped call was running.',
      zh: '重叠调用进行中本机中断了连接。',
    },
  },
  {
    name: 'ERROR_CONNECTION_ABORTED',
    wsaCode: 1236,
    aliases: [],
    code: 'ECONNABORTED',
    meaning: {
      en: 'The local system aborted the connection.',
      zh: '本机中止了该连接。',
    },
    causes: {
      en: 'Completion of an overlapped call after a local abort; read as WSAECONNABORTED.',
      zh: '本机中止后重叠调用的完成结果；应视同 WSAECONNABORTED。',
    },
  },
  {
    name: 'ERROR_TIMEOUT',
    wsaCode: 1460,
    aliases: [],
    code: 'ETIMEDOUT',
    meaning: {
      en: 'The operation ran out of time.',
      zh: '操作超时。',
    },
    causes: {
      en: 'Seen from asynchronous name resolution (GetAddrInfoExW) with a timeout.',
      zh: '带超时的异步名称解析（GetAddrInfoExW）可能出现。',
    },
  },
  {
    name: 'WSAEINTR',
    wsaCode: 10004,
    aliases: [],
    code: 'EINTR',
    meaning: {
      en: 'A blocking call was interrupted.',
      zh: '阻塞调用被中断。',
    },
    causes: {
      en: 'The call was cancelled (WSACancelBlockingCall), or the socket was closed by another thread while select or accept was waiting on it.',
      zh: '调用被 WSACancelBlockingCall 取消，或者另一线程在 select/accept 等待时关闭了该套接字。',
    },
  },
  {
    name: 'WSAEBADF',
    wsaCode: 10009,
    aliases: [],
    code: 'EBADF',
    meaning: {
      en: 'The file handle is not valid.',
      zh: '文件句柄无效。',
    },
    causes: {
      en: 'A number that does not belong to any open handle was used where a file-like handle is expected; for sockets WSAENOTSOCK is the more usual answer.',
      zh: '在需要文件类句柄的地方用了不属于任何已打开对象的数值；对套接字而言更常见的是 WSAENOTSOCK。',
    },
  },
  {
    name: 'WSAEACCES',
    wsaCode: 10013,
    aliases: [],
    code: 'EACCES',
    meaning: {
      en: 'Access is denied.',
      zh: '访问被拒绝。',
    },
    causes: {
      en: 'Sending to a broadcast address without SO_BROADCAST, binding a port held with SO_EXCLUSIVEADDRUSE or reserved by the system, a raw socket without administrator rights, or a firewall block.',
      zh: '未设置 SO_BROADCAST 就向广播地址发送、绑定被 SO_EXCLUSIVEADDRUSE 独占或被系统保留的端口、无管理员权限创建原始套接字，或被防火墙拦截。',
    },
  },
  {
    name: 'WSAEFAULT',
    wsaCode: 10014,
    aliases: [],
    code: 'EFAULT',
    meaning: {
      en: 'A pointer argument points to memory the call cannot use.',
      zh: '指针参数指向该调用无法使用的内存。',
    },
    causes: {
      en: 'The address length is smaller than the address structure, the result buffer is too small, or a buffer pointer is bad.',
      zh: '地址长度小于地址结构体、结果缓冲区过小，或缓冲区指针错误。',
    },
  },
  {
    name: 'WSAEINVAL',
    wsaCode: 10022,
    aliases: ['EAI_BADFLAGS'],
    code: 'EINVAL',
    meaning: {
      en: 'An argument is wrong, or the socket is in the wrong state for this call.',
      zh: '参数错误，或套接字状态不适合该调用。',
    },
    causes: {
      en: 'accept before listen, listen or recvfrom before bind, binding a socket twice, an unknown flag, or an option value outside its range.',
      zh: 'listen 之前调用 accept、bind 之前调用 listen 或 recvfrom、重复 bind、未知标志，或选项值超出范围。',
    },
  },
  {
    name: 'WSAEMFILE',
    wsaCode: 10024,
    aliases: [],
    code: 'EMFILE',
    meaning: {
      en: 'No more sockets can be opened.',
      zh: '无法再打开更多套接字。',
    },
    causes: {
      en: 'The process leaks sockets or the provider hit its handle limit; close unused sockets.',
      zh: '进程泄漏套接字，或提供程序达到句柄上限；请关闭不再使用的套接字。',
    },
  },
  {
    name: 'WSAEWOULDBLOCK',
    wsaCode: 10035,
    aliases: ['EWOULDBLOCK'],
    code: 'EAGAIN',
    meaning: {
      en: 'The call cannot finish now and the socket does not wait.',
      zh: '调用现在无法完成，而套接字处于非阻塞模式。',
    },
    causes: {
      en: 'Normal on a non-blocking socket: nothing to receive, the send buffer is full, no connection to accept, or connect has only just started. Wait with select, WSAPoll or WSAEventSelect, then go on.',
      zh: '非阻塞套接字的正常情况：没有数据可收、发送缓冲区已满、没有待接受的连接，或 connect 刚刚开始。用 select、WSAPoll 或 WSAEventSelect 等待后再继续。',
    },
  },
  {
    name: 'WSAEINPROGRESS',
    wsaCode: 10036,
    aliases: [],
    code: 'EINPROGRESS',
    meaning: {
      en: 'A blocking Winsock 1.1 call is already running.',
      zh: '已有一个 Winsock 1.1 阻塞调用正在执行。',
    },
    causes: {
      en: 'Only one blocking call at a time was allowed by Winsock 1.1. Windows does NOT use this code for a connect under way: that is WSAEWOULDBLOCK.',
      zh: 'Winsock 1.1 每次只允许一个阻塞调用。注意：Windows 不用此码表示“正在连接”，那种情况是 WSAEWOULDBLOCK。',
    },
  },
  {
    name: 'WSAEALREADY',
    wsaCode: 10037,
    aliases: [],
    code: 'EALREADY',
    meaning: {
      en: 'The same operation is already under way on this socket.',
      zh: '该套接字上已有相同的操作正在进行。',
    },
    causes: {
      en: 'connect was called again on a non-blocking socket before the first attempt ended, or an asynchronous request that had already completed was cancelled.',
      zh: '在第一次连接结束前再次对非阻塞套接字调用 connect，或取消了一个已完成的异步请求。',
    },
  },
  {
    name: 'WSAENOTSOCK',
    wsaCode: 10038,
    aliases: [],
    code: 'ENOTSOCK',
    meaning: {
      en: 'The handle is not a socket.',
      zh: '该句柄不是套接字。',
    },
    causes: {
      en: 'The socket was closed already, the variable was never set, or a file handle was passed; also an invalid member in an fd_set.',
      zh: '套接字已经关闭、变量未赋值，或传入了文件句柄；fd_set 中含无效成员也会如此。',
    },
  },
  {
    name: 'WSAEDESTADDRREQ',
    wsaCode: 10039,
    aliases: [],
    code: 'EDESTADDRREQ',
    meaning: {
      en: 'A destination address is needed.',
      zh: '需要提供目标地址。',
    },
    causes: {
      en: 'sendto without an address on an unconnected socket, or a destination of 0.0.0.0.',
      zh: '在未连接的套接字上 sendto 没有给地址，或目标为 0.0.0.0。',
    },
  },
  {
    name: 'WSAEMSGSIZE',
    wsaCode: 10040,
    aliases: [],
    code: 'EMSGSIZE',
    meaning: {
      en: 'The message does not fit.',
      zh: '消息长度不合适。',
    },
    causes: {
      en: 'A datagram larger than 65507 bytes (UDP over IPv4) was sent, or the receive buffer was smaller than the datagram, so the rest of it is lost.',
      zh: '发送的数据报超过 65507 字节（IPv4 UDP），或接收缓冲区小于数据报，剩余部分已丢弃。',
    },
  },
  {
    name: 'WSAEPROTOTYPE',
    wsaCode: 10041,
    aliases: [],
    code: 'EPROTOTYPE',
    meaning: {
      en: 'The protocol does not go with this socket type.',
      zh: '协议与套接字类型不匹配。',
    },
    causes: {
      en: 'For example IPPROTO_UDP asked for together with SOCK_STREAM.',
      zh: '例如将 IPPROTO_UDP 与 SOCK_STREAM 一起使用。',
    },
  },
  {
    name: 'WSAENOPROTOOPT',
    wsaCode: 10042,
    aliases: [],
    code: 'ENOPROTOOPT',
    meaning: {
      en: 'Unknown or unsupported option for this level.',
      zh: '该层级下的选项未知或不受支持。',
    },
    causes: {
      en: 'Wrong level passed to getsockopt/setsockopt, an option of another system, or an option this protocol does not have.',
      zh: '传给 getsockopt/setsockopt 的 level 有误、使用了其他系统的选项，或该协议没有此选项。',
    },
  },
  {
    name: 'WSAEPROTONOSUPPORT',
    wsaCode: 10043,
    aliases: [],
    code: 'EPROTONOSUPPORT',
    meaning: {
      en: 'The protocol is not available here.',
      zh: '系统没有该协议，或未安装。',
    },
    causes: {
      en: 'The protocol number given to socket is not installed or does not belong to the address family.',
      zh: '传给 socket 的协议号没有安装，或不属于该地址族。',
    },
  },
  {
    name: 'WSAESOCKTNOSUPPORT',
    wsaCode: 10044,
    aliases: ['EAI_SOCKTYPE'],
    code: 'ESOCKTNOSUPPORT',
    meaning: {
      en: 'The socket type is not supported in this address family.',
      zh: '该地址族不支持这种套接字类型。',
    },
    causes: {
      en: 'For example SOCK_SEQPACKET or an unknown type number with AF_INET; getaddrinfo reports it as EAI_SOCKTYPE.',
      zh: '例如在 AF_INET 下使用 SOCK_SEQPACKET 或未知类型；getaddrinfo 以 EAI_SOCKTYPE 报告。',
    },
  },
  {
    name: 'WSAEOPNOTSUPP',
    wsaCode: 10045,
    aliases: ['EOPNOTSUPP'],
    code: 'ENOTSUP',
    meaning: {
      en: 'This kind of object does not support the operation.',
      zh: '该类对象不支持此操作。',
    },
    causes: {
      en: 'accept or listen on a datagram socket, MSG_OOB on UDP, or a flag the transport lacks.',
      zh: '在数据报套接字上调用 accept 或 listen、对 UDP 使用 MSG_OOB，或使用了传输层没有的标志。',
    },
  },
  {
    name: 'WSAEPFNOSUPPORT',
    wsaCode: 10046,
    aliases: [],
    code: 'EPFNOSUPPORT',
    meaning: {
      en: 'The protocol family is not configured.',
      zh: '协议族未配置。',
    },
    causes: {
      en: 'The family is unknown to the system; in practice WSAEAFNOSUPPORT is reported far more often.',
      zh: '系统不认识该协议族；实际上更常见的是 WSAEAFNOSUPPORT。',
    },
  },
  {
    name: 'WSAEAFNOSUPPORT',
    wsaCode: 10047,
    aliases: ['EAI_FAMILY'],
    code: 'EAFNOSUPPORT',
    meaning: {
      en: 'The address family does not suit this socket or system.',
      zh: '地址族与套接字或系统不符。',
    },
    causes: {
      en: 'An IPv6 address given to an IPv4 socket or the reverse, IPv6 switched off, or AF_UNIX on an old Windows; getaddrinfo reports it as EAI_FAMILY.',
      zh: '向 IPv4 套接字传入 IPv6 地址（或反之）、IPv6 被禁用，或旧版 Windows 上使用 AF_UNIX；getaddrinfo 以 EAI_FAMILY 报告。',
    },
  },
  {
    name: 'WSAEADDRINUSE',
    wsaCode: 10048,
    aliases: [],
    code: 'EADDRINUSE',
    meaning: {
      en: 'The local address and port are taken.',
      zh: '本地地址和端口已被占用。',
    },
    causes: {
      en: 'Another socket is bound to this port, an old connection is still in TIME_WAIT, or connect would repeat an existing pair of endpoints.',
      zh: '已有套接字绑定该端口、旧连接仍处于 TIME_WAIT，或 connect 会产生重复的端点对。',
    },
  },
  {
    name: 'WSAEADDRNOTAVAIL',
    wsaCode: 10049,
    aliases: [],
    code: 'EADDRNOTAVAIL',
    meaning: {
      en: 'The address cannot be used on this machine.',
      zh: '本机无法使用该地址。',
    },
    causes: {
      en: 'bind to an IP that no local interface has, or connect to port 0 or to a wildcard address; also multicast with a wrong interface; on Linux also a connect that would repeat a live pair of addresses and ports.',
      zh: 'bind 到本机没有的 IP，或 connect 到端口 0 或通配地址；多播接口指定错误也会如此；在 Linux 上，connect 若会重复一个仍存活的地址与端口组合，也得到此错误。',
    },
  },
  {
    name: 'WSAENETDOWN',
    wsaCode: 10050,
    aliases: [],
    code: 'ENETDOWN',
    meaning: {
      en: 'The network subsystem or interface is down.',
      zh: '网络子系统或网络接口不可用。',
    },
    causes: {
      en: 'The network adapter failed or was disabled, or the stack reported an internal failure.',
      zh: '网卡故障或被禁用，或协议栈报告了内部故障。',
    },
  },
  {
    name: 'WSAENETUNREACH',
    wsaCode: 10051,
    aliases: [],
    code: 'ENETUNREACH',
    meaning: {
      en: 'No route leads to that network.',
      zh: '没有通往该网络的路由。',
    },
    causes: {
      en: 'No default gateway, IPv6 target without IPv6 connectivity, or the link is down.',
      zh: '没有默认网关、目标为 IPv6 但本机没有 IPv6 连接，或链路断开。',
    },
  },
  {
    name: 'WSAENETRESET',
    wsaCode: 10052,
    aliases: [],
    code: 'ENETRESET',
    meaning: {
      en: 'The connection was dropped because the network failed while keep-alive was watching it.',
      zh: '启用保活期间网络失效，连接被断开。',
    },
    causes: {
      en: 'Keep-alive probes went unanswered, or SO_KEEPALIVE was set on a connection already broken; on UDP: a TTL expired on the way.',
      zh: '保活探测无应答，或在已断开的连接上设置 SO_KEEPALIVE；对 UDP 表示途中 TTL 耗尽。',
    },
  },
  {
    name: 'WSAECONNABORTED',
    wsaCode: 10053,
    aliases: [],
    code: 'ECONNABORTED',
    meaning: {
      en: 'The local system gave up the connection.',
      zh: '本机放弃了该连接。',
    },
    causes: {
      en: 'Retransmissions ran out, a protocol error occurred, or local security software or the system tore the connection down.',
      zh: '重传超限、协议错误，或本机安全软件/系统终止了连接。',
    },
  },
  {
    name: 'WSAECONNRESET',
    wsaCode: 10054,
    aliases: [],
    code: 'ECONNRESET',
    meaning: {
      en: 'The peer reset the connection.',
      zh: '连接被对端重置。',
    },
    causes: {
      en: 'The remote process crashed or closed with unread data or linger 0 (RST). On UDP: an earlier send met an ICMP port-unreachable (switch off with SIO_UDP_CONNRESET).',
      zh: '对端进程崩溃、在仍有未读数据或 linger 为 0 时关闭（发出 RST）。对 UDP：先前的发送收到 ICMP 端口不可达（可用 SIO_UDP_CONNRESET 关闭）。',
    },
  },
  {
    name: 'WSAENOBUFS',
    wsaCode: 10055,
    aliases: [],
    code: 'ENOBUFS',
    meaning: {
      en: 'No buffer space or other system resource is left.',
      zh: '缓冲区空间或其他系统资源不足。',
    },
    causes: {
      en: 'Non-paged memory or the ephemeral ports are used up, or the send queue is full.',
      zh: '非分页内存或临时端口耗尽，或发送队列已满。',
    },
  },
  {
    name: 'WSAEISCONN',
    wsaCode: 10056,
    aliases: [],
    code: 'EISCONN',
    meaning: {
      en: 'The socket is already connected.',
      zh: '套接字已经连接。',
    },
    causes: {
      en: 'connect was called again after success, or sendto gave an address on a connected stream socket.',
      zh: '连接成功后再次调用 connect，或在已连接的流套接字上 sendto 时给出地址。',
    },
  },
  {
    name: 'WSAENOTCONN',
    wsaCode: 10057,
    aliases: [],
    code: 'ENOTCONN',
    meaning: {
      en: 'The socket is not connected.',
      zh: '套接字未连接。',
    },
    causes: {
      en: 'send, recv, getpeername or shutdown before connect succeeded, or sendto without an address on an unconnected datagram socket.',
      zh: '在 connect 成功之前调用 send、recv、getpeername 或 shutdown，或在未连接的数据报套接字上不带地址发送。',
    },
  },
  {
    name: 'WSAESHUTDOWN',
    wsaCode: 10058,
    aliases: [],
    code: 'ESHUTDOWN',
    meaning: {
      en: 'This direction of the socket was shut down.',
      zh: '套接字的这个方向已经关闭。',
    },
    causes: {
      en: 'send after shutdown(SD_SEND) or recv after shutdown(SD_RECEIVE). POSIX reports the send case as EPIPE.',
      zh: 'shutdown(SD_SEND) 之后 send，或 shutdown(SD_RECEIVE) 之后 recv。POSIX 对发送情形报告 EPIPE。',
    },
  },
  {
    name: 'WSAETOOMANYREFS',
    wsaCode: 10059,
    aliases: [],
    code: 'ETOOMANYREFS',
    meaning: {
      en: 'Too many references to a kernel object.',
      zh: '对内核对象的引用过多。',
    },
    causes: {
      en: 'Rare on Windows; on Linux, too many file descriptors in flight over UNIX sockets.',
      zh: 'Windows 上少见；在 Linux 上指通过 UNIX 套接字传递的描述符过多。',
    },
  },
  {
    name: 'WSAETIMEDOUT',
    wsaCode: 10060,
    aliases: [],
    code: 'ETIMEDOUT',
    meaning: {
      en: 'The peer did not answer in time.',
      zh: '对端未在规定时间内应答。',
    },
    causes: {
      en: 'A firewall drops the packets or the host is off (connect), keep-alive or retransmission ran out, or SO_RCVTIMEO/SO_SNDTIMEO expired (POSIX: EAGAIN).',
      zh: '防火墙丢弃报文或主机关机（connect）、保活或重传超限，或 SO_RCVTIMEO/SO_SNDTIMEO 到期（POSIX 为 EAGAIN）。',
    },
  },
  {
    name: 'WSAECONNREFUSED',
    wsaCode: 10061,
    aliases: [],
    code: 'ECONNREFUSED',
    meaning: {
      en: 'The target refused the connection.',
      zh: '目标拒绝连接。',
    },
    causes: {
      en: 'Nothing listens on that port, or a firewall answers with a reset.',
      zh: '该端口没有程序监听，或防火墙以重置应答。',
    },
  },
  {
    name: 'WSAELOOP',
    wsaCode: 10062,
    aliases: [],
    code: 'ELOOP',
    meaning: {
      en: 'A name could not be resolved because links form a loop.',
      zh: '链接形成循环，无法解析名称。',
    },
    causes: {
      en: 'Symbolic links that refer to each other; hardly ever seen with sockets.',
      zh: '符号链接互相引用；套接字编程中几乎见不到。',
    },
  },
  {
    name: 'WSAENAMETOOLONG',
    wsaCode: 10063,
    aliases: [],
    code: 'ENAMETOOLONG',
    meaning: {
      en: 'A name or path is too long.',
      zh: '名称或路径过长。',
    },
    causes: {
      en: 'A host name or path over the limit; for UNIX sockets, a path over 107 bytes (103 on macOS).',
      zh: '主机名或路径超过上限；UNIX 套接字路径超过 107 字节（macOS 为 103）。',
    },
  },
  {
    name: 'WSAEHOSTDOWN',
    wsaCode: 10064,
    aliases: [],
    code: 'EHOSTDOWN',
    meaning: {
      en: 'The destination host is down.',
      zh: '目标主机已关机或无响应。',
    },
    causes: {
      en: 'The host on the local network did not answer address resolution.',
      zh: '本地网络上的主机没有应答地址解析。',
    },
  },
  {
    name: 'WSAEHOSTUNREACH',
    wsaCode: 10065,
    aliases: [],
    code: 'EHOSTUNREACH',
    meaning: {
      en: 'No route leads to that host.',
      zh: '没有通往该主机的路由。',
    },
    causes: {
      en: 'A router reports the host unreachable, the neighbour does not answer ARP, or the routing table lacks an entry.',
      zh: '路由器报告主机不可达、邻居不应答 ARP，或路由表缺少条目。',
    },
  },
  {
    name: 'WSAENOTEMPTY',
    wsaCode: 10066,
    aliases: [],
    code: 'ENOTEMPTY',
    meaning: {
      en: 'The directory is not empty.',
      zh: '目录非空。',
    },
    causes: {
      en: 'Kept from BSD; Winsock itself does not report it.',
      zh: '沿袭自 BSD；Winsock 自身不会报告。',
    },
  },
  {
    name: 'WSAEPROCLIM',
    wsaCode: 10067,
    aliases: [],
    code: 'EPROCLIM',
    meaning: {
      en: 'Too many processes or applications use Winsock.',
      zh: '使用 Winsock 的进程或应用程序过多。',
    },
    causes: {
      en: 'WSAStartup hit a limit of the provider; rare on current Windows.',
      zh: 'WSAStartup 达到提供程序的上限；当前 Windows 上少见。',
    },
  },
  {
    name: 'WSAEUSERS',
    wsaCode: 10068,
    aliases: [],
    code: 'EUSERS',
    meaning: {
      en: 'The user quota is used up.',
      zh: '用户配额已用尽。',
    },
    causes: {
      en: 'Kept from BSD; some providers report it when their user limit is reached.',
      zh: '沿袭自 BSD；部分提供程序在达到用户上限时报告。',
    },
  },
  {
    name: 'WSAEDQUOT',
    wsaCode: 10069,
    aliases: [],
    code: 'EDQUOT',
    meaning: {
      en: 'The disk quota is used up.',
      zh: '磁盘配额已用尽。',
    },
    causes: {
      en: 'Kept from BSD; not a result of normal socket calls.',
      zh: '沿袭自 BSD；正常的套接字调用不会返回。',
    },
  },
  {
    name: 'WSAESTALE',
    wsaCode: 10070,
    aliases: [],
    code: 'ESTALE',
    meaning: {
      en: 'The file handle is stale.',
      zh: '文件句柄已失效。',
    },
    causes: {
      en: 'Kept from BSD (network file systems); not a result of normal socket calls.',
      zh: '沿袭自 BSD（网络文件系统）；正常的套接字调用不会返回。',
    },
  },
  {
    name: 'WSAEREMOTE',
    wsaCode: 10071,
    aliases: [],
    code: 'EREMOTE',
    meaning: {
      en: 'The item is not available locally.',
      zh: '该对象在本地不可用。',
    },
    causes: {
      en: 'Kept from BSD (network file systems); not a result of normal socket calls.',
      zh: '沿袭自 BSD（网络文件系统）；正常的套接字调用不会返回。',
    },
  },
  {
    name: 'WSASYSNOTREADY',
    wsaCode: 10091,
    aliases: [],
    code: null,
    meaning: {
      en: 'The network subsystem is not ready for use.',
      zh: '网络子系统尚未就绪。',
    },
    causes: {
      en: 'WSAStartup failed because the provider is damaged, missing or not yet started.',
      zh: '提供程序损坏、缺失或尚未启动，导致 WSAStartup 失败。',
    },
  },
  {
    name: 'WSAVERNOTSUPPORTED',
    wsaCode: 10092,
    aliases: [],
    code: null,
    meaning: {
      en: 'The requested Winsock version is not available.',
      zh: '不支持所请求的 Winsock 版本。',
    },
    causes: {
      en: 'WSAStartup was asked for a version the DLL does not offer; ask for 2.2.',
      zh: 'WSAStartup 请求了 DLL 不提供的版本；应请求 2.2。',
    },
  },
  {
    name: 'WSANOTINITIALISED',
    wsaCode: 10093,
    aliases: [],
    code: null,
    meaning: {
      en: 'WSAStartup has not succeeded yet.',
      zh: '尚未成功调用 WSAStartup。',
    },
    causes: {
      en: 'A socket function was called before WSAStartup or after the last WSACleanup.',
      zh: '在 WSAStartup 之前或最后一次 WSACleanup 之后调用了套接字函数。',
    },
  },
  {
    name: 'WSAEDISCON',
    wsaCode: 10101,
    aliases: [],
    code: null,
    meaning: {
      en: 'The peer is closing the connection in an orderly way.',
      zh: '对端正在有序关闭连接。',
    },
    causes: {
      en: 'WSARecv or WSARecvFrom on a message-oriented connection learned that no more data will come.',
      zh: 'WSARecv 或 WSARecvFrom 在面向消息的连接上得知不会再有数据。',
    },
  },
  {
    name: 'WSAENOMORE',
    wsaCode: 10102,
    aliases: [],
    code: null,
    meaning: {
      en: 'The lookup has no more results.',
      zh: '查询没有更多结果。',
    },
    causes: {
      en: 'WSALookupServiceNext reached the end; WSA_E_NO_MORE is the successor code, so check for both.',
      zh: 'WSALookupServiceNext 已到末尾；WSA_E_NO_MORE 是其后继代码，两者都应检查。',
    },
  },
  {
    name: 'WSAECANCELLED',
    wsaCode: 10103,
    aliases: [],
    code: 'ECANCELED',
    meaning: {
      en: 'The lookup was cancelled.',
      zh: '查询已被取消。',
    },
    causes: {
      en: 'WSALookupServiceEnd was called while a lookup was still running; WSA_E_CANCELLED is the successor code.',
      zh: '查询进行中调用了 WSALookupServiceEnd；WSA_E_CANCELLED 是其后继代码。',
    },
  },
  {
    name: 'WSAEINVALIDPROCTABLE',
    wsaCode: 10104,
    aliases: [],
    code: null,
    meaning: {
      en: 'The procedure table of a service provider is invalid.',
      zh: '服务提供程序的过程表无效。',
    },
    causes: {
      en: 'A damaged or badly written layered provider; remove it or reset the Winsock catalog.',
      zh: '分层提供程序损坏或编写有误；可卸载它或重置 Winsock 目录。',
    },
  },
  {
    name: 'WSAEINVALIDPROVIDER',
    wsaCode: 10105,
    aliases: [],
    code: null,
    meaning: {
      en: 'The service provider reports an unsupported version.',
      zh: '服务提供程序的版本无效。',
    },
    causes: {
      en: 'An installed provider is too old or too new for this Winsock.',
      zh: '已安装的提供程序对当前 Winsock 而言过旧或过新。',
    },
  },
  {
    name: 'WSAEPROVIDERFAILEDINIT',
    wsaCode: 10106,
    aliases: [],
    code: null,
    meaning: {
      en: 'The service provider could not be loaded or started.',
      zh: '服务提供程序无法加载或初始化。',
    },
    causes: {
      en: 'The provider DLL is missing, blocked, or its start routine failed; security software leftovers are a usual culprit.',
      zh: '提供程序 DLL 缺失、被拦截或启动例程失败；常由残留的安全软件造成。',
    },
  },
  {
    name: 'WSASYSCALLFAILURE',
    wsaCode: 10107,
    aliases: [],
    code: null,
    meaning: {
      en: 'A system call that should never fail did fail.',
      zh: '本不应失败的系统调用失败了。',
    },
    causes: {
      en: 'A low-level failure inside the stack, often from lack of resources or a broken provider.',
      zh: '协议栈内部的底层故障，常因资源不足或提供程序损坏。',
    },
  },
  {
    name: 'WSASERVICE_NOT_FOUND',
    wsaCode: 10108,
    aliases: [],
    code: null,
    meaning: {
      en: 'No such service is known in the name space.',
      zh: '名称空间中没有该服务。',
    },
    causes: {
      en: 'A service lookup named a service that no provider knows.',
      zh: '查询了任何提供程序都不认识的服务。',
    },
  },
  {
    name: 'WSATYPE_NOT_FOUND',
    wsaCode: 10109,
    aliases: ['EAI_SERVICE'],
    code: null,
    meaning: {
      en: 'The service class or type was not found.',
      zh: '找不到指定的服务类或类型。',
    },
    causes: {
      en: 'Unknown service name or class; getaddrinfo reports it as EAI_SERVICE, for instance for a service name that this protocol does not have.',
      zh: '服务名或服务类未知；getaddrinfo 以 EAI_SERVICE 报告，例如该协议没有此服务名。',
    },
  },
  {
    name: 'WSA_E_NO_MORE',
    wsaCode: 10110,
    aliases: [],
    code: null,
    meaning: {
      en: 'The lookup has no more results.',
      zh: '查询没有更多结果。',
    },
    causes: {
      en: 'WSALookupServiceNext reached the end of the results; treat it like WSAENOMORE.',
      zh: 'WSALookupServiceNext 已到结果末尾；与 WSAENOMORE 同样处理。',
    },
  },
  {
    name: 'WSA_E_CANCELLED',
    wsaCode: 10111,
    aliases: [],
    code: 'ECANCELED',
    meaning: {
      en: 'The operation was cancelled.',
      zh: '操作已被取消。',
    },
    causes: {
      en: 'GetAddrInfoExCancel was called, or a lookup was ended while still running.',
      zh: '调用了 GetAddrInfoExCancel，或在查询进行中将其结束。',
    },
  },
  {
    name: 'WSAEREFUSED',
    wsaCode: 10112,
    aliases: [],
    code: null,
    meaning: {
      en: 'The lookup was refused.',
      zh: '查询被拒绝。',
    },
    causes: {
      en: 'The name server or name-space provider actively refused the query.',
      zh: '名称服务器或名称空间提供程序主动拒绝了查询。',
    },
  },
  {
    name: 'WSAHOST_NOT_FOUND',
    wsaCode: 11001,
    aliases: ['EAI_NONAME', 'HOST_NOT_FOUND'],
    code: null,
    meaning: {
      en: 'The host does not exist.',
      zh: '主机不存在。',
    },
    causes: {
      en: 'The name is misspelled, has no DNS record at all, or the resolver is of another network; EAI_NONAME.',
      zh: '主机名拼写错误、完全没有 DNS 记录，或使用了其他网络的解析器；即 EAI_NONAME。',
    },
  },
  {
    name: 'WSATRY_AGAIN',
    wsaCode: 11002,
    aliases: ['EAI_AGAIN', 'TRY_AGAIN'],
    code: null,
    meaning: {
      en: 'The name server gave no usable answer; try later.',
      zh: '名称服务器没有给出有效应答，请稍后再试。',
    },
    causes: {
      en: 'The DNS server is unreachable or failed for a moment; EAI_AGAIN.',
      zh: 'DNS 服务器不可达或暂时故障；即 EAI_AGAIN。',
    },
  },
  {
    name: 'WSANO_RECOVERY',
    wsaCode: 11003,
    aliases: ['EAI_FAIL', 'NO_RECOVERY'],
    code: null,
    meaning: {
      en: 'Name resolution failed and a retry will not help.',
      zh: '名称解析失败，重试无益。',
    },
    causes: {
      en: 'The server reported a format or refusal error, or the database is broken; EAI_FAIL.',
      zh: '服务器报告格式错误或拒绝，或数据库损坏；即 EAI_FAIL。',
    },
  },
  {
    name: 'WSANO_DATA',
    wsaCode: 11004,
    aliases: ['EAI_NODATA', 'NO_ADDRESS', 'NO_DATA', 'WSANO_ADDRESS'],
    code: null,
    meaning: {
      en: 'The name exists but has no record of the wanted kind.',
      zh: '名称存在，但没有所需类型的记录。',
    },
    causes: {
      en: 'For example a name that has only AAAA or MX records when an A record was wanted; EAI_NODATA.',
      zh: '例如需要 A 记录而该名称只有 AAAA 或 MX 记录；即 EAI_NODATA。',
    },
  },
  {
    name: 'WSA_QOS_RECEIVERS',
    wsaCode: 11005,
    aliases: [],
    code: null,
    meaning: {
      en: 'At least one reservation has arrived.',
      zh: '至少有一个预留请求到达。',
    },
    causes: {
      en: 'QoS notice: a receiver asked for a reservation. Not a failure.',
      zh: 'QoS 通知：有接收方请求预留。并非失败。',
    },
  },
  {
    name: 'WSA_QOS_SENDERS',
    wsaCode: 11006,
    aliases: [],
    code: null,
    meaning: {
      en: 'At least one path message has arrived.',
      zh: '至少有一个路径消息到达。',
    },
    causes: {
      en: 'QoS notice: a sender is announced. Not a failure.',
      zh: 'QoS 通知：有发送方声明。并非失败。',
    },
  },
  {
    name: 'WSA_QOS_NO_SENDERS',
    wsaCode: 11007,
    aliases: [],
    code: null,
    meaning: {
      en: 'There are no QoS senders.',
      zh: '没有 QoS 发送方。',
    },
    causes: {
      en: 'QoS notice: every sender of the session has left.',
      zh: 'QoS 通知：会话的发送方均已离开。',
    },
  },
  {
    name: 'WSA_QOS_NO_RECEIVERS',
    wsaCode: 11008,
    aliases: [],
    code: null,
    meaning: {
      en: 'There are no QoS receivers.',
      zh: '没有 QoS 接收方。',
    },
    causes: {
      en: 'QoS notice: every receiver of the session has left.',
      zh: 'QoS 通知：会话的接收方均已离开。',
    },
  },
  {
    name: 'WSA_QOS_REQUEST_CONFIRMED',
    wsaCode: 11009,
    aliases: [],
    code: null,
    meaning: {
      en: 'The reservation was confirmed.',
      zh: '预留请求已确认。',
    },
    causes: {
      en: 'QoS notice: the network accepted the reservation. Not a failure.',
      zh: 'QoS 通知：网络已接受预留。并非失败。',
    },
  },
  {
    name: 'WSA_QOS_ADMISSION_FAILURE',
    wsaCode: 11010,
    aliases: [],
    code: null,
    meaning: {
      en: 'The reservation failed for lack of resources.',
      zh: '因资源不足，预留失败。',
    },
    causes: {
      en: 'A hop on the path has not enough bandwidth left.',
      zh: '路径上某一跳的剩余带宽不足。',
    },
  },
  {
    name: 'WSA_QOS_POLICY_FAILURE',
    wsaCode: 11011,
    aliases: [],
    code: null,
    meaning: {
      en: 'The reservation was refused by policy or credentials.',
      zh: '因策略或凭据问题，预留被拒绝。',
    },
    causes: {
      en: 'An administrator rule forbids it, or the credentials are wrong.',
      zh: '被管理员规则禁止，或凭据有误。',
    },
  },
  {
    name: 'WSA_QOS_BAD_STYLE',
    wsaCode: 11012,
    aliases: [],
    code: null,
    meaning: {
      en: 'The reservation style is unknown or conflicts.',
      zh: '预留风格未知或有冲突。',
    },
    causes: {
      en: 'The style asked for does not match the one already in use in the session.',
      zh: '请求的风格与会话中已使用的风格不一致。',
    },
  },
  {
    name: 'WSA_QOS_BAD_OBJECT',
    wsaCode: 11013,
    aliases: [],
    code: null,
    meaning: {
      en: 'Part of the QoS filter specification or of the provider-specific buffer is wrong.',
      zh: 'QoS 过滤规格或提供程序专用缓冲区的某部分有误。',
    },
    causes: {
      en: 'A malformed filter object, or a provider-specific buffer that does not parse.',
      zh: '过滤对象格式错误，或提供程序专用缓冲区无法解析。',
    },
  },
  {
    name: 'WSA_QOS_TRAFFIC_CTRL_ERROR',
    wsaCode: 11014,
    aliases: [],
    code: null,
    meaning: {
      en: 'Traffic control reported an error for the flow specification.',
      zh: '流量控制对流规格报告了错误。',
    },
    causes: {
      en: 'The kernel packet scheduler rejected the flow.',
      zh: '内核数据包调度程序拒绝了该流。',
    },
  },
  {
    name: 'WSA_QOS_GENERIC_ERROR',
    wsaCode: 11015,
    aliases: [],
    code: null,
    meaning: {
      en: 'General QoS failure.',
      zh: '一般性 QoS 错误。',
    },
    causes: {
      en: 'A QoS fault without a more exact code.',
      zh: '没有更具体代码的 QoS 故障。',
    },
  },
  {
    name: 'WSA_QOS_ESERVICETYPE',
    wsaCode: 11016,
    aliases: [],
    code: null,
    meaning: {
      en: 'The service type in the flow specification is not valid.',
      zh: '流规格中的服务类型无效。',
    },
    causes: {
      en: 'The ServiceType field holds an unknown value.',
      zh: 'ServiceType 字段的值未知。',
    },
  },
  {
    name: 'WSA_QOS_EFLOWSPEC',
    wsaCode: 11017,
    aliases: [],
    code: null,
    meaning: {
      en: 'The flow specification is not valid.',
      zh: '流规格无效。',
    },
    causes: {
      en: 'Rates, sizes or delays in the FLOWSPEC contradict each other.',
      zh: 'FLOWSPEC 中的速率、大小或延迟互相矛盾。',
    },
  },
  {
    name: 'WSA_QOS_EPROVSPECBUF',
    wsaCode: 11018,
    aliases: [],
    code: null,
    meaning: {
      en: 'The provider-specific QoS buffer is not valid.',
      zh: '提供程序专用的 QoS 缓冲区无效。',
    },
    causes: {
      en: 'The buffer has the wrong layout or length.',
      zh: '缓冲区布局或长度有误。',
    },
  },
  {
    name: 'WSA_QOS_EFILTERSTYLE',
    wsaCode: 11019,
    aliases: [],
    code: null,
    meaning: {
      en: 'The QoS filter style is not valid.',
      zh: 'QoS 过滤风格无效。',
    },
    causes: {
      en: 'The style field of the filter holds an unknown value.',
      zh: '过滤器的风格字段值未知。',
    },
  },
  {
    name: 'WSA_QOS_EFILTERTYPE',
    wsaCode: 11020,
    aliases: [],
    code: null,
    meaning: {
      en: 'The QoS filter type is not valid.',
      zh: 'QoS 过滤类型无效。',
    },
    causes: {
      en: 'A filter object carries an unknown type number.',
      zh: '过滤对象的类型号未知。',
    },
  },
  {
    name: 'WSA_QOS_EFILTERCOUNT',
    wsaCode: 11021,
    aliases: [],
    code: null,
    meaning: {
      en: 'The number of QoS filters is wrong.',
      zh: 'QoS 过滤器数量有误。',
    },
    causes: {
      en: 'The filter count in the flow descriptor does not match its contents.',
      zh: '流描述符中的过滤器数量与实际内容不符。',
    },
  },
  {
    name: 'WSA_QOS_EOBJLENGTH',
    wsaCode: 11022,
    aliases: [],
    code: null,
    meaning: {
      en: 'The length field of a QoS object is wrong.',
      zh: 'QoS 对象的长度字段有误。',
    },
    causes: {
      en: 'ObjectLength does not match the object or runs past the buffer.',
      zh: 'ObjectLength 与对象不符，或超出缓冲区。',
    },
  },
  {
    name: 'WSA_QOS_EFLOWCOUNT',
    wsaCode: 11023,
    aliases: [],
    code: null,
    meaning: {
      en: 'The number of flow descriptors is wrong.',
      zh: '流描述符数量有误。',
    },
    causes: {
      en: 'The count field differs from the descriptors given.',
      zh: '数量字段与实际给出的描述符不符。',
    },
  },
  {
    name: 'WSA_QOS_EUNKNOWNPSOBJ',
    wsaCode: 11024,
    aliases: ['WSA_QOS_EUNKOWNPSOBJ'],
    code: null,
    meaning: {
      en: 'The provider-specific buffer holds an unknown object.',
      zh: '提供程序专用缓冲区中有未知对象。',
    },
    causes: {
      en: 'An object type that this provider does not know.',
      zh: '对象类型不为该提供程序所识别。',
    },
  },
  {
    name: 'WSA_QOS_EPOLICYOBJ',
    wsaCode: 11025,
    aliases: [],
    code: null,
    meaning: {
      en: 'A policy object in the provider-specific buffer is not valid.',
      zh: '提供程序专用缓冲区中的策略对象无效。',
    },
    causes: {
      en: 'The policy element is malformed.',
      zh: '策略元素格式错误。',
    },
  },
  {
    name: 'WSA_QOS_EFLOWDESC',
    wsaCode: 11026,
    aliases: [],
    code: null,
    meaning: {
      en: 'A flow descriptor in the list is not valid.',
      zh: '列表中的流描述符无效。',
    },
    causes: {
      en: 'One descriptor of the list cannot be parsed.',
      zh: '列表中有描述符无法解析。',
    },
  },
  {
    name: 'WSA_QOS_EPSFLOWSPEC',
    wsaCode: 11027,
    aliases: [],
    code: null,
    meaning: {
      en: 'The provider-specific buffer holds an inconsistent flow specification.',
      zh: '提供程序专用缓冲区中的流规格不一致。',
    },
    causes: {
      en: 'The extra flow specification conflicts with the general one.',
      zh: '附加流规格与通用流规格冲突。',
    },
  },
  {
    name: 'WSA_QOS_EPSFILTERSPEC',
    wsaCode: 11028,
    aliases: [],
    code: null,
    meaning: {
      en: 'The provider-specific buffer holds an invalid filter specification.',
      zh: '提供程序专用缓冲区中的过滤规格无效。',
    },
    causes: {
      en: 'The extra filter specification is malformed.',
      zh: '附加过滤规格格式错误。',
    },
  },
  {
    name: 'WSA_QOS_ESDMODEOBJ',
    wsaCode: 11029,
    aliases: [],
    code: null,
    meaning: {
      en: 'The shape-discard mode object is not valid.',
      zh: '整形/丢弃模式对象无效。',
    },
    causes: {
      en: 'The mode object in the provider-specific buffer holds a bad value.',
      zh: '提供程序专用缓冲区中的模式对象取值有误。',
    },
  },
  {
    name: 'WSA_QOS_ESHAPERATEOBJ',
    wsaCode: 11030,
    aliases: [],
    code: null,
    meaning: {
      en: 'The shaping-rate object is not valid.',
      zh: '整形速率对象无效。',
    },
    causes: {
      en: 'The rate object in the provider-specific buffer holds a bad value.',
      zh: '提供程序专用缓冲区中的速率对象取值有误。',
    },
  },
  {
    name: 'WSA_QOS_RESERVED_PETYPE',
    wsaCode: 11031,
    aliases: [],
    code: null,
    meaning: {
      en: 'A reserved policy element type was used.',
      zh: '使用了保留的策略元素类型。',
    },
    causes: {
      en: 'The provider-specific buffer carries a policy element type set aside for other use.',
      zh: '提供程序专用缓冲区含有保留作他用的策略元素类型。',
    },
  },
  {
    name: 'WSA_SECURE_HOST_NOT_FOUND',
    wsaCode: 11032,
    aliases: [],
    code: null,
    meaning: {
      en: 'No such host is known on a secure path.',
      zh: '在安全路径上找不到该主机。',
    },
    causes: {
      en: 'Name resolution required a secure answer (for example DNSSEC policy) and got none.',
      zh: '名称解析要求安全应答（如 DNSSEC 策略）但没有得到。',
    },
  },
  {
    name: 'WSA_IPSEC_NAME_POLICY_ERROR',
    wsaCode: 11033,
    aliases: [],
    code: null,
    meaning: {
      en: 'Name-based IPsec policy could not be applied.',
      zh: '无法应用基于名称的 IPsec 策略。',
    },
    causes: {
      en: 'A name resolution policy demands IPsec and it could not be set up.',
      zh: '名称解析策略要求 IPsec，但无法建立。',
    },
  },
] as const satisfies readonly ErrorRow[];

/** POSIX errors that Windows has no number for. */
export const POSIX_ONLY_ERRORS = [
  {
    name: 'E2BIG',
    wsaCode: 31,
    aliases: [],
    code: 'E2BIG',
    meaning: {
      en: 'A list of arguments is too long.',
      zh: '参数列表过长。',
    },
    causes: {
      en: 'Starting a program with too many arguments; not from sockets.',
      zh: '启动程序时参数过多；套接字不会产生。',
    },
  },
  {
    name: 'EBADMSG',
    wsaCode: 31,
    aliases: [],
    code: 'EBADMSG',
    meaning: {
      en: 'The message is not of the expected kind.',
      zh: '消息不是所期望的类型。',
    },
    causes: {
      en: 'Protocols with checks of their own, such as CAN or TLS in the kernel.',
      zh: '自带校验的协议，例如 CAN 或内核中的 TLS。',
    },
  },
  {
    name: 'ECOMM',
    wsaCode: 31,
    aliases: [],
    code: 'ECOMM',
    meaning: {
      en: 'Sending over the link failed.',
      zh: '链路上的发送失败。',
    },
    causes: {
      en: 'Rare Linux drivers; not from TCP or UDP.',
      zh: '少数 Linux 驱动；TCP 与 UDP 不会产生。',
    },
  },
  {
    name: 'ENFILE',
    wsaCode: 10024,
    aliases: [],
    code: 'ENFILE',
    meaning: {
      en: 'The whole system has no free file descriptors.',
      zh: '整个系统没有空闲的文件描述符。',
    },
    causes: {
      en: 'Too many open files over all processes (fs.file-max). The process limit is EMFILE.',
      zh: '所有进程打开的文件总数过多（fs.file-max）。单个进程的上限是 EMFILE。',
    },
  },
  {
    name: 'ENODATA',
    wsaCode: 31,
    aliases: [],
    code: 'ENODATA',
    meaning: {
      en: 'There is no data of the kind asked for.',
      zh: '没有所要求类型的数据。',
    },
    causes: {
      en: 'Reading an attribute or an error queue that is empty.',
      zh: '读取的属性或错误队列为空。',
    },
  },
  {
    name: 'ENONET',
    wsaCode: 31,
    aliases: [],
    code: 'ENONET',
    meaning: {
      en: 'The machine is not on a network.',
      zh: '本机不在网络上。',
    },
    causes: {
      en: 'Linux may pass it through accept; the next accept is worth trying.',
      zh: 'Linux 可能经由 accept 传出；值得再次调用 accept。',
    },
  },
  {
    name: 'EPERM',
    wsaCode: 10013,
    aliases: [],
    code: 'EPERM',
    meaning: {
      en: 'The operation is not permitted.',
      zh: '操作不被允许。',
    },
    causes: {
      en: 'A firewall rule answered send or connect, or a right (capability) is missing.',
      zh: '防火墙规则拒绝了 send 或 connect，或缺少权限（capability）。',
    },
  },
  {
    name: 'EPIPE',
    wsaCode: 10058,
    aliases: [],
    code: 'EPIPE',
    meaning: {
      en: 'The sending direction is shut: nobody will read what is sent.',
      zh: '发送方向已关闭：发出的数据不会有人读取。',
    },
    causes: {
      en: "Sending after one's own shutdown (Winsock 10058), on a socket that was never connected (10057), or after the peer has reset (10054).",
      zh: '在自己 shutdown 之后发送（Winsock 10058）、在从未连接的套接字上发送（10057），或对端重置之后发送（10054）。',
    },
  },
  {
    name: 'EPROTO',
    wsaCode: 31,
    aliases: [],
    code: 'EPROTO',
    meaning: {
      en: 'The protocol was violated.',
      zh: '违反了协议。',
    },
    causes: {
      en: 'A network error that Linux passes through accept; the next accept is worth trying.',
      zh: 'Linux 经由 accept 传出的网络错误；值得再次调用 accept。',
    },
  },
  {
    name: 'EREMOTEIO',
    wsaCode: 31,
    aliases: [],
    code: 'EREMOTEIO',
    meaning: {
      en: 'The remote side of a device failed.',
      zh: '设备的远端出错。',
    },
    causes: {
      en: 'Rare Linux drivers; not from TCP or UDP.',
      zh: '少数 Linux 驱动；TCP 与 UDP 不会产生。',
    },
  },
  {
    name: 'ETIME',
    wsaCode: 31,
    aliases: [],
    code: 'ETIME',
    meaning: {
      en: 'A timer of the protocol ran out.',
      zh: '协议的定时器到期。',
    },
    causes: {
      en: 'Rare Linux protocols; TCP reports ETIMEDOUT.',
      zh: '少数 Linux 协议；TCP 报告的是 ETIMEDOUT。',
    },
  },
] as const satisfies readonly ErrorRow[];
