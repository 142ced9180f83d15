// The contract of sys.h on Linux, macOS and the BSDs. Twin of windows.cc: same functions, same order.
#if !defined(_WIN32)

#include "sys.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <linux/filter.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#endif
#if defined(__FreeBSD__)
#include <pthread_np.h>
#endif

namespace netloom::sys {

const Errors errors = {EAGAIN, EINPROGRESS, EALREADY, EISCONN,    EINTR,  EBADF,        ENOTSOCK, EFAULT, EINVAL,
                       EBUSY,  EPIPE,       ECONNRESET, EMFILE, ENAMETOOLONG, EEXIST, ENOMEM, ENOSYS};

const int kDontWait = MSG_DONTWAIT;
// recv with MSG_OOB gives EAGAIN at once also on a blocking socket (tcp_recv_urg), and so does the error queue.
#if defined(MSG_ERRQUEUE)
const int kNeverWaits = MSG_OOB | MSG_ERRQUEUE;
#else
const int kNeverWaits = MSG_OOB;
#endif
const int kWaitAll = MSG_WAITALL;
const int kPeek = MSG_PEEK;
const int kWantTrueSize = MSG_TRUNC;
const short kPollRead = POLLIN;
#if defined(POLLRDHUP)
const short kPollHangup = POLLRDHUP;
#else
const short kPollHangup = POLLHUP;
#endif
const short kPollUrgent = POLLPRI;

const ControlLayout controlLayout = {static_cast<int>(sizeof(cmsghdr::cmsg_len)), static_cast<int>(CMSG_LEN(0)),
                                     static_cast<int>(CMSG_SPACE(1) - CMSG_SPACE(0))};

namespace {

Result result(int64_t value) noexcept { return value < 0 ? Result{-1, errno} : Result{value, 0}; }

#if !defined(SOCK_CLOEXEC) || !defined(SOCK_NONBLOCK)
// MACOS: no flags at creation; the two calls leave a gap in which a fork inherits the descriptor.
Result finishOpening(int fd) noexcept {
  if (fd < 0) return result(fd);
  const Result done = adopt(fd);
  if (done.value < 0) {
    ::close(fd);
    return done;
  }
#if defined(SO_NOSIGPIPE)
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  return {fd, 0};
}
#endif

#if defined(MSG_NOSIGNAL)
constexpr int kNoSignal = MSG_NOSIGNAL;
#else
constexpr int kNoSignal = 0;
#endif

#if defined(MSG_CMSG_CLOEXEC)
constexpr int kCloseOnExec = MSG_CMSG_CLOEXEC;
#else
constexpr int kCloseOnExec = 0;
#endif

msghdr headerOf(const Message& message) noexcept {
  msghdr header{};
  header.msg_name = message.name;
  header.msg_namelen = static_cast<socklen_t>(message.name ? message.nameLength : 0);
  header.msg_iov = message.pieces;
  header.msg_iovlen = static_cast<decltype(header.msg_iovlen)>(message.count);
  header.msg_control = message.controlLength > 0 ? message.control : nullptr;
  header.msg_controllen = static_cast<decltype(header.msg_controllen)>(message.control ? message.controlLength : 0);
  return header;
}

}  // namespace

// --- numbers

uint32_t handleIndex(SOCKET s) noexcept { return static_cast<uint32_t>(s); }

SOCKET handleOf(uint32_t index) noexcept { return static_cast<SOCKET>(index); }

int toWsa(int error) noexcept {
  switch (error) {
    case 0: return 0;
    case EINTR: return 10004;
    case EBADF: return 10038;  // only ever asked of calls on sockets: "no open socket" has one code
    case EACCES: return 10013;
    case EPERM: return 10013;
    case EFAULT: return 10014;
    case EINVAL: return 10022;
    case EDOM: return 10022;  // an option's value out of its range
    case EMFILE: return 10024;
    case ENFILE: return 10024;
    case EAGAIN: return 10035;
#if EWOULDBLOCK != EAGAIN
    case EWOULDBLOCK: return 10035;
#endif
    case EINPROGRESS: return 10036;
    case EALREADY: return 10037;
    case ENOTSOCK: return 10038;
    case EDESTADDRREQ: return 10039;
    case EMSGSIZE: return 10040;
    case EPROTOTYPE: return 10041;
    case ENOPROTOOPT: return 10042;
    case EPROTONOSUPPORT: return 10043;
    case ESOCKTNOSUPPORT: return 10044;
    case EOPNOTSUPP: return 10045;
#if ENOTSUP != EOPNOTSUPP
    case ENOTSUP: return 10045;
#endif
    case EPFNOSUPPORT: return 10046;
    case EAFNOSUPPORT: return 10047;
    case EADDRINUSE: return 10048;
    case EADDRNOTAVAIL: return 10049;
    case ENETDOWN: return 10050;
    case ENETUNREACH: return 10051;
    case ENETRESET: return 10052;
    case ECONNABORTED: return 10053;
    case ECONNRESET: return 10054;
    case EPIPE: return 10054;  // without the socket's history; wsaOf() in bind/calls.h knows it
    case ENOBUFS: return 10055;
    case EISCONN: return 10056;
    case ENOTCONN: return 10057;
    case ESHUTDOWN: return 10058;
    case ETOOMANYREFS: return 10059;
    case ETIMEDOUT: return 10060;
    case ECONNREFUSED: return 10061;
    case ELOOP: return 10062;
    case ENAMETOOLONG: return 10063;
    case EHOSTDOWN: return 10064;
    case EHOSTUNREACH: return 10065;
    case ENOTEMPTY: return 10066;
#if defined(EPROCLIM)
    case EPROCLIM: return 10067;
#endif
    case EUSERS: return 10068;
    case EDQUOT: return 10069;
    case ESTALE: return 10070;
    case EREMOTE: return 10071;
    case ECANCELED: return 995;
    // No twin in Winsock: the system code that Windows gives for the same trouble.
    case ENOMEM: return 8;
    case ENOENT: return 2;
    case ENOTDIR: return 3;
    case EROFS: return 19;
    case ENODEV: return 20;
    case ENXIO: return 55;
    case ENOSPC: return 112;
    case ENOSYS: return 120;
    case EBUSY: return 170;
    case EEXIST: return 183;
    case EOVERFLOW: return 534;
    case EILSEQ: return 1113;
    case EIO: return 1117;
    default: return 31;  // ERROR_GEN_FAILURE
  }
}

uint64_t threadId() noexcept {
#if defined(__linux__)
  return static_cast<uint64_t>(::syscall(SYS_gettid));
#elif defined(__APPLE__)
  uint64_t id = 0;
  ::pthread_threadid_np(nullptr, &id);
  return id;
#elif defined(__FreeBSD__)
  return static_cast<uint64_t>(::pthread_getthreadid_np());
#else
  return static_cast<uint64_t>(::getpid());
#endif
}

double nowMs() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// --- life

Result open(int family, int type, int protocol) noexcept {
#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK)
  return result(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
#else
  return finishOpening(::socket(family, type, protocol));
#endif
}

Result accept(SOCKET s, void* name, int* length) noexcept {
  socklen_t size = name ? static_cast<socklen_t>(*length) : 0;
  // SAFETY: the kernel writes at most `size` bytes and knows the family by itself.
  auto* address = static_cast<sockaddr*>(name);
#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK)
  const Result made = result(::accept4(s, address, name ? &size : nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
#else
  const Result made = finishOpening(::accept(s, address, name ? &size : nullptr));
#endif
  if (name) *length = static_cast<int>(size);
  return made;
}

Result openPair(int family, int type, int protocol, SOCKET* ends) noexcept {
#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK)
  return result(::socketpair(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol, ends));
#else
  if (::socketpair(family, type, protocol, ends) < 0) return result(-1);
  const Result first = finishOpening(ends[0]);
  const Result second = finishOpening(ends[1]);
  if (first.value >= 0 && second.value >= 0) return {0, 0};
  if (first.value >= 0) ::close(ends[0]);
  if (second.value >= 0) ::close(ends[1]);
  return {-1, first.value < 0 ? first.error : second.error};
#endif
}

// The number is gone whatever close says (close(2)): it is never repeated.
Result close(SOCKET s) noexcept { return result(::close(s)); }

Result adopt(SOCKET s) noexcept {
  const int descriptorFlags = ::fcntl(s, F_GETFD);
  if (descriptorFlags < 0) return result(-1);
  if (::fcntl(s, F_SETFD, descriptorFlags | FD_CLOEXEC) < 0) return result(-1);
  return setBlocking(s, false);
}

Result isBlocking(SOCKET s) noexcept {
  const int flags = ::fcntl(s, F_GETFL);
  return flags < 0 ? result(-1) : Result{(flags & O_NONBLOCK) == 0, 0};
}

Result setBlocking(SOCKET s, bool blocking) noexcept {
  const int flags = ::fcntl(s, F_GETFL);
  if (flags < 0) return result(-1);
  const int wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
  return wanted == flags ? Result{0, 0} : result(::fcntl(s, F_SETFL, wanted));
}

Result familyOf(SOCKET s) noexcept {
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  // SAFETY: sockaddr_storage is made to be seen as any sockaddr.
  if (::getsockname(s, reinterpret_cast<sockaddr*>(&name), &length) < 0) return result(-1);
  return {name.ss_family, 0};
}

Result typeOf(SOCKET s) noexcept {
  int type = 0;
  socklen_t length = sizeof type;
  if (::getsockopt(s, SOL_SOCKET, SO_TYPE, &type, &length) < 0) return result(-1);
  return {type, 0};
}

// --- names and connections

Result bind(SOCKET s, const void* name, int length) noexcept {
  return result(::bind(s, static_cast<const sockaddr*>(name), static_cast<socklen_t>(length)));
}

Result listen(SOCKET s, int backlog) noexcept { return result(::listen(s, backlog)); }

Result connect(SOCKET s, const void* name, int length) noexcept {
  return result(::connect(s, static_cast<const sockaddr*>(name), static_cast<socklen_t>(length)));
}

// connect(2): asked once more, it says how the first one has ended.
Result connectOutcome(SOCKET s, const void* name, int length) noexcept { return connect(s, name, length); }

Result shutdown(SOCKET s, int how) noexcept { return result(::shutdown(s, how)); }

Result localName(SOCKET s, void* name, int* length) noexcept {
  auto size = static_cast<socklen_t>(*length);
  const Result done = result(::getsockname(s, static_cast<sockaddr*>(name), &size));
  *length = static_cast<int>(size);
  return done;
}

Result peerName(SOCKET s, void* name, int* length) noexcept {
  auto size = static_cast<socklen_t>(*length);
  const Result done = result(::getpeername(s, static_cast<sockaddr*>(name), &size));
  *length = static_cast<int>(size);
  return done;
}

int familyIn(const void* name) noexcept {
  decltype(sockaddr::sa_family) family;
  // MACOS: the length byte comes first, so not simply the first two bytes.
  std::memcpy(&family, static_cast<const char*>(name) + offsetof(sockaddr, sa_family), sizeof family);
  return family;
}

int nameSize(int family) noexcept {
  switch (family) {
    case AF_INET: return sizeof(sockaddr_in);
    case AF_INET6: return sizeof(sockaddr_in6);
    case AF_UNIX: return sizeof(sockaddr_un);
    default: return 2;
  }
}

// --- bytes

Result recv(SOCKET s, void* into, size_t length, int flags) noexcept {
  return result(::recv(s, into, length, flags));
}

Result send(SOCKET s, const void* from, size_t length, int flags) noexcept {
  return result(::send(s, from, length, flags | kNoSignal));
}

Result recvFrom(SOCKET s, void* into, size_t length, int flags, void* name, int* nameLength, bool* isCut) noexcept {
  iovec part{into, length};
  msghdr message{};
  message.msg_name = name;
  message.msg_namelen = name ? static_cast<socklen_t>(*nameLength) : 0;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const Result done = result(::recvmsg(s, &message, flags));
  if (done.value < 0) return done;
  if (name) *nameLength = static_cast<int>(message.msg_namelen);
  *isCut = (message.msg_flags & MSG_TRUNC) != 0;
  return done;
}

Result sendTo(SOCKET s, const void* from, size_t length, int flags, const void* name, int nameLength) noexcept {
  return result(::sendto(s, from, length, flags | kNoSignal, static_cast<const sockaddr*>(name),
                         static_cast<socklen_t>(nameLength)));
}

Piece pieceOf(void* data, size_t length) noexcept { return {data, length}; }

size_t pieceLength(const Piece& piece) noexcept { return piece.iov_len; }

void dropFront(Piece* piece, size_t length) noexcept {
  piece->iov_base = static_cast<uint8_t*>(piece->iov_base) + length;
  piece->iov_len -= length;
}

Result sendMessage(SOCKET s, const Message& message, int flags) noexcept {
  const msghdr header = headerOf(message);
  return result(::sendmsg(s, &header, flags | kNoSignal));
}

Result recvMessage(SOCKET s, Message* message, int flags, bool* isCut) noexcept {
  msghdr header = headerOf(*message);
  const Result done = result(::recvmsg(s, &header, flags | kCloseOnExec));
  if (done.value < 0) return done;
  message->nameLength = static_cast<int>(header.msg_namelen);
  message->controlLength = static_cast<size_t>(header.msg_controllen);
  // The flag that we asked with comes back as if it were news.
  message->flags = header.msg_flags & ~kCloseOnExec;
  *isCut = (header.msg_flags & MSG_TRUNC) != 0;
  if (kCloseOnExec == 0) {
    uint8_t* places[kMostDescriptors];
    const size_t count = descriptorsIn(*message, places);
    for (size_t i = 0; i < count; i++) {
      int descriptor;
      std::memcpy(&descriptor, places[i], sizeof descriptor);
      ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    }
  }
  return done;
}

size_t descriptorsIn(const Message& message, uint8_t** places) noexcept {
  if (!message.control || message.controlLength < sizeof(cmsghdr)) return 0;
  msghdr header = headerOf(message);
  size_t found = 0;
  for (cmsghdr* each = CMSG_FIRSTHDR(&header); each; each = CMSG_NXTHDR(&header, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (static_cast<size_t>(each->cmsg_len) - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count && found < kMostDescriptors; i++) {
      places[found++] = CMSG_DATA(each) + i * sizeof(int);
    }
  }
  return found;
}

// SIGPIPE: no flag here keeps it away; Node, Bun and Deno ignore it for the whole process.
Result sendFile(SOCKET s, int file, int64_t offset, size_t length) noexcept {
#if defined(__linux__)
  off_t from = offset;
  return result(::sendfile(s, file, &from, length));
#elif defined(__APPLE__)
  auto moved = static_cast<off_t>(length);
  const int done = ::sendfile(file, s, offset, &moved, nullptr, 0);
  return done < 0 && moved == 0 ? result(-1) : Result{moved, 0};
#elif defined(__FreeBSD__)
  off_t moved = 0;
  const int done = ::sendfile(file, s, offset, length, nullptr, &moved, 0);
  return done < 0 && moved == 0 ? result(-1) : Result{moved, 0};
#else
  (void)s, (void)file, (void)offset, (void)length;
  return {-1, ENOTSUP};
#endif
}

// --- options

Result getOption(SOCKET s, int level, int name, void* value, int* length) noexcept {
  int unit = 1;
#if defined(SO_GET_FILTER)
  // LINUX: this one counts instructions, not bytes, and would write eight times the room.
  if (level == SOL_SOCKET && name == SO_GET_FILTER) unit = static_cast<int>(sizeof(sock_filter));
#endif
  auto size = static_cast<socklen_t>(*length / unit);
  const Result done = result(::getsockopt(s, level, name, value, &size));
  *length = static_cast<int>(size) * unit;
  return done;
}

Result setOption(SOCKET s, int level, int name, const void* value, int length) noexcept {
  return result(::setsockopt(s, level, name, value, static_cast<socklen_t>(length)));
}

int optionSize(int level, int name) noexcept {
  if (level == SOL_SOCKET) {
    switch (name) {
      case SO_LINGER: return sizeof(linger);
      case SO_RCVTIMEO:
      case SO_SNDTIMEO: return sizeof(timeval);
      case SO_DEBUG:
      case SO_REUSEADDR:
      case SO_TYPE:
      case SO_ERROR:
      case SO_DONTROUTE:
      case SO_BROADCAST:
      case SO_SNDBUF:
      case SO_RCVBUF:
      case SO_KEEPALIVE:
      case SO_OOBINLINE:
      case SO_RCVLOWAT:
      case SO_SNDLOWAT:
#if defined(SO_REUSEPORT)
      case SO_REUSEPORT:
#endif
#if defined(SO_ACCEPTCONN)
      case SO_ACCEPTCONN:
#endif
        return sizeof(int);
      default: return 0;
    }
  }
  if (level == IPPROTO_TCP) {
    switch (name) {
      case TCP_NODELAY:
      case TCP_MAXSEG:
#if defined(__linux__)
      case TCP_CORK:
      case TCP_KEEPIDLE:
      case TCP_KEEPINTVL:
      case TCP_KEEPCNT:
      case TCP_SYNCNT:
      case TCP_LINGER2:
      case TCP_DEFER_ACCEPT:
      case TCP_WINDOW_CLAMP:
      case TCP_QUICKACK:
      case TCP_THIN_LINEAR_TIMEOUTS:
      case TCP_THIN_DUPACK:
      case TCP_USER_TIMEOUT:
      case TCP_FASTOPEN:
      case TCP_NOTSENT_LOWAT:
#endif
      // Younger than headers that are still in use.
#if defined(TCP_SAVE_SYN)
      case TCP_SAVE_SYN:
#endif
#if defined(TCP_FASTOPEN_CONNECT)
      case TCP_FASTOPEN_CONNECT:
#endif
#if defined(TCP_FASTOPEN_NO_COOKIE)
      case TCP_FASTOPEN_NO_COOKIE:
#endif
#if defined(TCP_INQ)
      case TCP_INQ:
#endif
#if defined(TCP_TX_DELAY)
      case TCP_TX_DELAY:
#endif
        return sizeof(int);
      default: return 0;
    }
  }
  if (level == IPPROTO_IPV6 && name == IPV6_V6ONLY) return sizeof(int);
  return 0;
}

bool isNegativeTime(int level, int name, const void* value, size_t length) noexcept {
  timeval time;
  if (level != SOL_SOCKET || (name != SO_RCVTIMEO && name != SO_SNDTIMEO) || length < sizeof time) return false;
  std::memcpy(&time, value, sizeof time);
  return time.tv_sec < 0;
}

Result timeoutMs(SOCKET s, bool receiving, double* ms) noexcept {
  timeval value{};
  socklen_t length = sizeof value;
  const int name = receiving ? SO_RCVTIMEO : SO_SNDTIMEO;
  if (::getsockopt(s, SOL_SOCKET, name, &value, &length) < 0) return result(-1);
  const bool isNone = value.tv_sec == 0 && value.tv_usec == 0;
  *ms = isNone ? -1 : static_cast<double>(value.tv_sec) * 1e3 + static_cast<double>(value.tv_usec) / 1e3;
  return {0, 0};
}

Result limitWait(SOCKET s, bool receiving, double ms) noexcept {
  // A limit may be longer than any integer: as long as one can say is as good.
  constexpr double kMostMicroseconds = 9e18;
  const auto microseconds = static_cast<int64_t>(std::min(ms * 1e3, kMostMicroseconds));
  timeval value{};
  value.tv_sec = static_cast<time_t>(microseconds / 1000000);
  value.tv_usec = static_cast<suseconds_t>(microseconds % 1000000);
  return result(::setsockopt(s, SOL_SOCKET, receiving ? SO_RCVTIMEO : SO_SNDTIMEO, &value, sizeof value));
}

Result lingerMs(SOCKET s, double* ms) noexcept {
  linger value{};
  socklen_t length = sizeof value;
  if (::getsockopt(s, SOL_SOCKET, SO_LINGER, &value, &length) < 0) return result(-1);
  // LINUX: what was set as -1 reads as what is left of a very long time, most often negative.
  const double time = value.l_linger < 0 ? kEndless : static_cast<double>(value.l_linger) * 1e3;
  *ms = value.l_onoff ? time : -1;
  return {0, 0};
}

void dontLinger(SOCKET s) noexcept {
  double ms = -1;
  if (lingerMs(s, &ms).value < 0 || ms <= 0) return;
  const linger off{};
  ::setsockopt(s, SOL_SOCKET, SO_LINGER, &off, sizeof off);
}

Result unsent(SOCKET s) noexcept {
  int count = 0;
#if defined(SIOCOUTQ)
  return ::ioctl(s, SIOCOUTQ, &count) < 0 ? result(-1) : Result{count, 0};
#elif defined(SO_NWRITE)
  socklen_t length = sizeof count;
  return ::getsockopt(s, SOL_SOCKET, SO_NWRITE, &count, &length) < 0 ? result(-1) : Result{count, 0};
#else
  (void)s;
  return {count, 0};
#endif
}

Result unread(SOCKET s) noexcept {
  int count = 0;
  return ::ioctl(s, FIONREAD, &count) < 0 ? result(-1) : Result{count, 0};
}

Result atMark(SOCKET s) noexcept {
  const int answer = ::sockatmark(s);
  return result(answer);
}

// --- waiting

Result poll(PollItem* items, size_t count, int timeoutMs) noexcept {
  return result(::poll(items, static_cast<nfds_t>(count), timeoutMs));
}

Result openWaker(Waker* waker) noexcept {
#if defined(__linux__)
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return result(-1);
  *waker = {fd, fd};
#else
  int ends[2];
  if (::pipe(ends) < 0) return result(-1);
  adopt(ends[0]);
  adopt(ends[1]);
  *waker = {ends[0], ends[1]};
#endif
  return {0, 0};
}

void wake(const Waker& waker) noexcept {
  const uint64_t one = 1;
  // Full is as good as signalled.
  [[maybe_unused]] const ssize_t written = ::write(waker.writeEnd, &one, sizeof one);
}

void drainWaker(const Waker& waker) noexcept {
  uint64_t seen[8];
  while (::read(waker.readEnd, seen, sizeof seen) == sizeof seen) continue;
}

void closeWaker(Waker* waker) noexcept {
  if (waker->readEnd != INVALID_SOCKET) ::close(waker->readEnd);
  if (waker->writeEnd != INVALID_SOCKET && waker->writeEnd != waker->readEnd) ::close(waker->writeEnd);
  *waker = {};
}

// --- names of hosts

namespace {

// The resolver's numbers are its own, and no errno.
int wsaOfResolver(int code) noexcept {
  switch (code) {
    case 0:
      return 0;
    case EAI_NONAME:
      return 11001;
#if defined(EAI_NODATA)
    case EAI_NODATA:
      return 11004;
#endif
#if defined(EAI_ADDRFAMILY)
    case EAI_ADDRFAMILY:
      return 11004;
#endif
    case EAI_AGAIN:
      return 11002;
    case EAI_MEMORY:
      return toWsa(ENOMEM);
    case EAI_SERVICE:
      return 10109;
    case EAI_BADFLAGS:
      return toWsa(EINVAL);
    case EAI_FAMILY:
      return toWsa(EAFNOSUPPORT);
    case EAI_SOCKTYPE:
      return 10044;
    case EAI_SYSTEM:
      return toWsa(errno);
    default:
      return 11003;
  }
}

const char* orNone(const char* text) noexcept { return *text ? text : nullptr; }

}  // namespace

int getAddresses(const char* host, const char* service, const addrinfo& hints, addrinfo** found) noexcept {
  return wsaOfResolver(::getaddrinfo(orNone(host), orNone(service), &hints, found));
}

void freeAddresses(addrinfo* found) noexcept {
  if (found) ::freeaddrinfo(found);
}

int getNames(const void* name, int length, char* host, char* service, int flags) noexcept {
  // SAFETY: the bytes of a name; the system judges its family and length.
  return wsaOfResolver(::getnameinfo(static_cast<const sockaddr*>(name), static_cast<socklen_t>(length), host,
                                     NI_MAXHOST, service, NI_MAXSERV, flags));
}

// --- the host program and its C library

namespace {

struct ThreadStart {
  void (*run)(void*);
  void* argument;
};

void* runThread(void* start) noexcept {
  const ThreadStart given = *static_cast<ThreadStart*>(start);
  delete static_cast<ThreadStart*>(start);
  given.run(given.argument);
  return nullptr;
}

// A worker that loaded the addon alone unloads it when it ends, and the thread would run in memory that is gone.
bool stayLoaded() noexcept {
  Dl_info self;
  // SAFETY: an address of this file's code.
  return ::dladdr(reinterpret_cast<void*>(runThread), &self) != 0 &&
         ::dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE) != nullptr;
}

}  // namespace

Result startThread(void (*run)(void*), void* argument) noexcept {
  static const bool isStaying = stayLoaded();
  if (!isStaying) return {-1, ENOSYS};
  auto* start = new (std::nothrow) ThreadStart{run, argument};
  if (!start) return {-1, ENOMEM};
  // Signals are the affair of the runtime's threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);  // MACOS: a macro
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = ::pthread_create(&thread, nullptr, runThread, start);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error) {
    delete start;
    return {-1, error};
  }
  ::pthread_detach(thread);
  return {0, 0};
}

int inetAton(const char* text, in_addr* address) noexcept { return ::inet_aton(text, address); }

void* findSymbol(const char* name) noexcept { return ::dlsym(RTLD_DEFAULT, name); }

}  // namespace netloom::sys

#endif
