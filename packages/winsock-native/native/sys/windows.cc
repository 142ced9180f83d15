// The contract of sys.h on Windows, with Winsock 2. Twin of unix.cc: same functions, same order.
#if defined(_WIN32)

#include "sys.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <new>

namespace netloom::sys {

// No number of the system's: nothing that happens here has this one.
constexpr int kNever = -1;

// Windows repeats nothing after a signal, and says reset where Unix says EPIPE.
const Errors errors = {WSAEWOULDBLOCK, WSAEINPROGRESS, WSAEALREADY,   WSAEISCONN,           kNever,
                       WSAEBADF,       WSAENOTSOCK,    WSAEFAULT,     WSAEINVAL,            ERROR_BUSY,
                       kNever,         WSAECONNRESET,  WSAEMFILE,     WSAENAMETOOLONG,      ERROR_ALREADY_EXISTS,
                       ERROR_NOT_ENOUGH_MEMORY,        ERROR_CALL_NOT_IMPLEMENTED};

// No flag says "this call only"; our sockets never wait anyway.
const int kDontWait = 0;
const int kNeverWaits = MSG_OOB;
const int kWaitAll = MSG_WAITALL;
const int kPeek = MSG_PEEK;
const int kWantTrueSize = 0;
// POLLIN includes the band, in which urgent data are; WSAPoll refuses POLLPRI.
const short kPollRead = POLLRDNORM;
const short kPollHangup = POLLHUP;
const short kPollUrgent = POLLRDBAND;

const ControlLayout controlLayout = {static_cast<int>(sizeof(WSACMSGHDR::cmsg_len)), static_cast<int>(WSA_CMSG_LEN(0)),
                                     static_cast<int>(WSA_CMSG_SPACE(1) - WSA_CMSG_SPACE(0))};

namespace {

Result failed() noexcept { return {-1, ::WSAGetLastError()}; }

Result result(int64_t value) noexcept { return value < 0 ? failed() : Result{value, 0}; }

int cut(size_t length) noexcept { return static_cast<int>(std::min<size_t>(length, INT_MAX)); }

char* textOf(void* bytes) noexcept { return static_cast<char*>(bytes); }

const char* textOf(const void* bytes) noexcept { return static_cast<const char*>(bytes); }

// Winsock refuses MSG_WAITALL on a socket that does not wait, which ours are: the code above gathers by itself.
int withoutWaitAll(int flags) noexcept { return flags & ~MSG_WAITALL; }

// Before Windows 10 2004 WSAPoll is silent about a connect that has failed; select never was.
bool hasConnectFailed(const PollItem& item) noexcept {
  if (!(item.events & POLLOUT)) return false;
  sockaddr_storage peer;
  int length = sizeof peer;
  // The except set also shows urgent data, of which a connected socket may have some.
  if (peerName(item.fd, &peer, &length).value >= 0) return false;
  fd_set except;
  except.fd_count = 1;
  except.fd_array[0] = item.fd;
  timeval now{};
  return ::select(0, nullptr, nullptr, &except, &now) == 1;
}

}  // namespace

// --- numbers

// Handles are multiples of four.
uint32_t handleIndex(SOCKET s) noexcept {
  const bool isHandle = (s & 3) == 0 && (s >> 2) < UINT32_MAX;
  return isHandle ? static_cast<uint32_t>(s >> 2) : UINT32_MAX;
}

SOCKET handleOf(uint32_t index) noexcept { return static_cast<SOCKET>(index) << 2; }

int toWsa(int error) noexcept {
  switch (error) {
    case WSAEBADF:  // only ever asked of calls on sockets: "no open socket" has one code
    case ERROR_INVALID_HANDLE: return WSAENOTSOCK;
    default: return error;
  }
}

uint64_t threadId() noexcept { return ::GetCurrentThreadId(); }

double nowMs() noexcept {
  LARGE_INTEGER count;
  LARGE_INTEGER perSecond;
  ::QueryPerformanceCounter(&count);
  ::QueryPerformanceFrequency(&perSecond);
  return static_cast<double>(count.QuadPart) * 1e3 / static_cast<double>(perSecond.QuadPart);
}

// --- life

Result open(int family, int type, int protocol) noexcept {
  const DWORD flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
  SOCKET s = ::WSASocketW(family, type, protocol, nullptr, 0, flags);
  if (s == INVALID_SOCKET && ::WSAGetLastError() == WSANOTINITIALISED) {
    // libuv has started Winsock in every Node; another host may not have. Winsock counts, and the process' end ends it.
    WSADATA data;
    const int notStarted = ::WSAStartup(MAKEWORD(2, 2), &data);
    if (notStarted) return {-1, notStarted};
    s = ::WSASocketW(family, type, protocol, nullptr, 0, flags);
  }
  if (s == INVALID_SOCKET) return failed();
  const Result done = setBlocking(s, false);
  if (done.value < 0) {
    ::closesocket(s);
    return done;
  }
  return {static_cast<int64_t>(s), 0};
}

Result accept(SOCKET s, void* name, int* length) noexcept {
  int size = name ? *length : 0;
  // SAFETY: Winsock writes at most `size` bytes and knows the family by itself.
  const SOCKET made = ::accept(s, static_cast<sockaddr*>(name), name ? &size : nullptr);
  if (made == INVALID_SOCKET) return failed();
  if (name) *length = size;
  const Result done = adopt(made);
  if (done.value < 0) {
    ::closesocket(made);
    return done;
  }
  return {static_cast<int64_t>(made), 0};
}

// Winsock has no such call.
Result openPair(int, int, int, SOCKET*) noexcept { return {-1, WSAEOPNOTSUPP}; }

Result close(SOCKET s) noexcept { return result(::closesocket(s)); }

Result adopt(SOCKET s) noexcept {
  // SAFETY: a SOCKET is a kernel handle, and this asks for nothing that only sockets have.
  if (!::SetHandleInformation(reinterpret_cast<HANDLE>(s), HANDLE_FLAG_INHERIT, 0)) {
    return {-1, static_cast<int>(::GetLastError())};
  }
  return setBlocking(s, false);
}

// Nothing tells. Sockets are made blocking, and one that no row has was made by somebody else.
Result isBlocking(SOCKET) noexcept { return {1, 0}; }

Result setBlocking(SOCKET s, bool blocking) noexcept {
  u_long isOn = blocking ? 0 : 1;
  return result(::ioctlsocket(s, static_cast<long>(FIONBIO), &isOn));
}

// Not from getsockname, which fails for a socket that is not bound.
Result familyOf(SOCKET s) noexcept {
  WSAPROTOCOL_INFOW info{};
  int length = sizeof info;
  if (::getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, textOf(&info), &length) < 0) return failed();
  return {info.iAddressFamily, 0};
}

Result typeOf(SOCKET s) noexcept {
  int type = 0;
  int length = sizeof type;
  if (::getsockopt(s, SOL_SOCKET, SO_TYPE, textOf(&type), &length) < 0) return failed();
  return {type, 0};
}

// --- names and connections

Result bind(SOCKET s, const void* name, int length) noexcept {
  return result(::bind(s, static_cast<const sockaddr*>(name), length));
}

Result listen(SOCKET s, int backlog) noexcept { return result(::listen(s, backlog)); }

Result connect(SOCKET s, const void* name, int length) noexcept {
  const Result done = result(::connect(s, static_cast<const sockaddr*>(name), length));
  // Winsock says "would block" of a connect that has begun; above it has the name that tells the two apart.
  return done.error == WSAEWOULDBLOCK ? Result{-1, WSAEINPROGRESS} : done;
}

// Asked by connect once more, Winsock would begin anew after a failure.
Result connectOutcome(SOCKET s, const void*, int) noexcept {
  sockaddr_storage peer;
  int length = sizeof peer;
  const Result known = peerName(s, &peer, &length);
  if (known.error != WSAENOTCONN) return known;
  int error = 0;
  length = sizeof error;
  const Result asked = getOption(s, SOL_SOCKET, SO_ERROR, &error, &length);
  if (asked.value < 0) return asked;
  return {-1, error == 0 ? WSAEALREADY : error};
}

Result shutdown(SOCKET s, int how) noexcept { return result(::shutdown(s, how)); }

Result localName(SOCKET s, void* name, int* length) noexcept {
  return result(::getsockname(s, static_cast<sockaddr*>(name), length));
}

Result peerName(SOCKET s, void* name, int* length) noexcept {
  return result(::getpeername(s, static_cast<sockaddr*>(name), length));
}

int familyIn(const void* name) noexcept {
  decltype(sockaddr::sa_family) family;
  std::memcpy(&family, name, sizeof family);
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
  const Result done = result(::recv(s, textOf(into), cut(length), withoutWaitAll(flags)));
  // A datagram that was cut has arrived: who wants to know asks recvFrom.
  return done.error == WSAEMSGSIZE ? Result{cut(length), 0} : done;
}

Result send(SOCKET s, const void* from, size_t length, int flags) noexcept {
  return result(::send(s, textOf(from), cut(length), flags));
}

Result recvFrom(SOCKET s, void* into, size_t length, int flags, void* name, int* nameLength, bool* isCut) noexcept {
  const Result done = result(::recvfrom(s, textOf(into), cut(length), withoutWaitAll(flags),
                                        static_cast<sockaddr*>(name), name ? nameLength : nullptr));
  *isCut = done.error == WSAEMSGSIZE;
  return *isCut ? Result{cut(length), 0} : done;
}

Result sendTo(SOCKET s, const void* from, size_t length, int flags, const void* name, int nameLength) noexcept {
  return result(::sendto(s, textOf(from), cut(length), flags, static_cast<const sockaddr*>(name), nameLength));
}

Piece pieceOf(void* data, size_t length) noexcept {
  return {static_cast<ULONG>(std::min<size_t>(length, ULONG_MAX)), textOf(data)};
}

size_t pieceLength(const Piece& piece) noexcept { return piece.len; }

void dropFront(Piece* piece, size_t length) noexcept {
  piece->buf += length;
  piece->len -= static_cast<ULONG>(length);
}

// Control bytes go with datagrams only, by functions that each provider hands out: not here.
Result sendMessage(SOCKET s, const Message& message, int flags) noexcept {
  if (message.control && message.controlLength > 0) return {-1, WSAEOPNOTSUPP};
  DWORD sent = 0;
  const int done = ::WSASendTo(s, message.pieces, static_cast<DWORD>(message.count), &sent, static_cast<DWORD>(flags),
                               static_cast<const sockaddr*>(message.name), message.name ? message.nameLength : 0,
                               nullptr, nullptr);
  return done < 0 ? failed() : Result{sent, 0};
}

Result recvMessage(SOCKET s, Message* message, int flags, bool* isCut) noexcept {
  DWORD received = 0;
  auto inAndOut = static_cast<DWORD>(withoutWaitAll(flags));
  const int done = ::WSARecvFrom(s, message->pieces, static_cast<DWORD>(message->count), &received, &inAndOut,
                                 static_cast<sockaddr*>(message->name), message->name ? &message->nameLength : nullptr,
                                 nullptr, nullptr);
  *isCut = done < 0 && ::WSAGetLastError() == WSAEMSGSIZE;
  if (done < 0 && !*isCut) return failed();
  message->controlLength = 0;
  message->flags = *isCut ? MSG_TRUNC : 0;
  if (!*isCut) return {received, 0};
  int64_t room = 0;
  for (size_t i = 0; i < message->count; i++) room += message->pieces[i].len;
  return {room, 0};
}

size_t descriptorsIn(const Message&, uint8_t**) noexcept { return 0; }

// TransmitFile wants the file's handle, which only Node knows, and blocks without overlapped I/O.
Result sendFile(SOCKET, int, int64_t, size_t) noexcept { return {-1, WSAEOPNOTSUPP}; }

// --- options

Result getOption(SOCKET s, int level, int name, void* value, int* length) noexcept {
  // Some answer with one byte where the option is a BOOL: the rest of the room shall not say otherwise.
  std::memset(value, 0, static_cast<size_t>(*length));
  return result(::getsockopt(s, level, name, textOf(value), length));
}

Result setOption(SOCKET s, int level, int name, const void* value, int length) noexcept {
  return result(::setsockopt(s, level, name, textOf(value), length));
}

int optionSize(int level, int name) noexcept {
  if (level == SOL_SOCKET) {
    switch (name) {
      case SO_LINGER: return sizeof(linger);
      case SO_RCVTIMEO:
      case SO_SNDTIMEO: return sizeof(DWORD);
      case SO_DEBUG:
      case SO_REUSEADDR:
      case SO_EXCLUSIVEADDRUSE:
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
      case SO_ACCEPTCONN: return sizeof(int);
      default: return 0;
    }
  }
  if (level == IPPROTO_TCP) {
    switch (name) {
      case TCP_NODELAY:
      case TCP_MAXSEG:
      case TCP_KEEPIDLE:
      case TCP_KEEPINTVL:
      case TCP_KEEPCNT:
      case TCP_FASTOPEN: return sizeof(int);
      default: return 0;
    }
  }
  if (level == IPPROTO_IPV6 && name == IPV6_V6ONLY) return sizeof(int);
  return 0;
}

// A DWORD of milliseconds is never negative.
bool isNegativeTime(int, int, const void*, size_t) noexcept { return false; }

Result timeoutMs(SOCKET s, bool receiving, double* ms) noexcept {
  DWORD value = 0;
  int length = sizeof value;
  const int name = receiving ? SO_RCVTIMEO : SO_SNDTIMEO;
  if (::getsockopt(s, SOL_SOCKET, name, textOf(&value), &length) < 0) return failed();
  *ms = value == 0 ? -1 : static_cast<double>(value);
  return {0, 0};
}

Result limitWait(SOCKET s, bool receiving, double ms) noexcept {
  const auto value = static_cast<DWORD>(std::min(ms, static_cast<double>(INT_MAX)));
  return result(::setsockopt(s, SOL_SOCKET, receiving ? SO_RCVTIMEO : SO_SNDTIMEO, textOf(&value), sizeof value));
}

Result lingerMs(SOCKET s, double* ms) noexcept {
  linger value{};
  int length = sizeof value;
  if (::getsockopt(s, SOL_SOCKET, SO_LINGER, textOf(&value), &length) < 0) return failed();
  *ms = value.l_onoff ? static_cast<double>(value.l_linger) * 1e3 : -1;
  return {0, 0};
}

void dontLinger(SOCKET s) noexcept {
  double ms = -1;
  if (lingerMs(s, &ms).value < 0 || ms <= 0) return;
  const linger off{};
  ::setsockopt(s, SOL_SOCKET, SO_LINGER, textOf(&off), sizeof off);
}

// Not to be had from every Windows: closesocket does not wait, and the system goes on sending.
Result unsent(SOCKET) noexcept { return {0, 0}; }

Result unread(SOCKET s) noexcept {
  u_long count = 0;
  return ::ioctlsocket(s, FIONREAD, &count) < 0 ? failed() : Result{static_cast<int64_t>(count), 0};
}

// Winsock says true where no urgent data lie unread: the contrary.
Result atMark(SOCKET s) noexcept {
  u_long isWithoutUrgent = 0;
  return ::ioctlsocket(s, SIOCATMARK, &isWithoutUrgent) < 0 ? failed() : Result{isWithoutUrgent == 0, 0};
}

// --- waiting

Result poll(PollItem* items, size_t count, int timeoutMs) noexcept {
  size_t sockets = 0;
  int64_t ready = 0;
  for (size_t i = 0; i < count; i++) {
    items[i].revents = 0;
    if (items[i].fd == INVALID_SOCKET) continue;
    if (typeOf(items[i].fd).value >= 0) {
      sockets++;
    } else {
      items[i].revents = POLLNVAL;
      ready++;
    }
  }
  // WSAPoll wants one socket at least, and is not asked where a number is none: then there is news already.
  const int time = ready > 0 ? 0 : timeoutMs;
  if (sockets == 0) {
    if (ready == 0) ::Sleep(static_cast<DWORD>(time));
    return {ready, 0};
  }
  if (::WSAPoll(items, static_cast<ULONG>(count), time) < 0) return failed();
  ready = 0;
  for (size_t i = 0; i < count; i++) {
    if (items[i].fd == INVALID_SOCKET) items[i].revents = 0;
    if (items[i].revents != 0) ready++;
  }
  for (size_t i = 0; ready == 0 && i < count; i++) {
    if (items[i].fd == INVALID_SOCKET || !hasConnectFailed(items[i])) continue;
    items[i].revents = POLLERR | POLLHUP;
    ready++;
  }
  return {ready, 0};
}

// A datagram socket that is connected to itself: WSAPoll waits for sockets and for nothing else.
Result openWaker(Waker* waker) noexcept {
  const Result made = open(AF_INET, SOCK_DGRAM, 0);
  if (made.value < 0) return made;
  const auto s = static_cast<SOCKET>(made.value);
  sockaddr_in self{};
  self.sin_family = AF_INET;
  self.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  int length = sizeof self;
  const bool isReady = bind(s, &self, length).value >= 0 && localName(s, &self, &length).value >= 0 &&
                       connect(s, &self, length).value >= 0;
  if (!isReady) {
    const Result why = failed();
    ::closesocket(s);
    return why;
  }
  *waker = {s, s};
  return {0, 0};
}

void wake(const Waker& waker) noexcept {
  const char one = 1;
  // Full is as good as signalled.
  ::send(waker.writeEnd, &one, sizeof one, 0);
}

void drainWaker(const Waker& waker) noexcept {
  char seen[8];
  while (::recv(waker.readEnd, seen, sizeof seen, 0) > 0) continue;
}

void closeWaker(Waker* waker) noexcept {
  if (waker->readEnd != INVALID_SOCKET) ::closesocket(waker->readEnd);
  if (waker->writeEnd != INVALID_SOCKET && waker->writeEnd != waker->readEnd) ::closesocket(waker->writeEnd);
  *waker = {};
}

// --- names of hosts

// The resolver's numbers are Winsock's.
int getAddresses(const char* host, const char* service, const addrinfo& hints, addrinfo** found) noexcept {
  const char* hostOrNone = *host ? host : nullptr;
  const char* serviceOrNone = *service ? service : nullptr;
  const int code = ::getaddrinfo(hostOrNone, serviceOrNone, &hints, found);
  if (code != WSANOTINITIALISED) return code;
  // As in open().
  WSADATA data;
  const int notStarted = ::WSAStartup(MAKEWORD(2, 2), &data);
  return notStarted ? notStarted : ::getaddrinfo(hostOrNone, serviceOrNone, &hints, found);
}

void freeAddresses(addrinfo* found) noexcept {
  if (found) ::freeaddrinfo(found);
}

int getNames(const void* name, int length, char* host, char* service, int flags) noexcept {
  // SAFETY: the bytes of a name; Winsock judges its family and length.
  return ::getnameinfo(static_cast<const sockaddr*>(name), length, host, NI_MAXHOST, service, NI_MAXSERV, flags);
}

// --- the host program and its C library

namespace {

struct ThreadStart {
  void (*run)(void*);
  void* argument;
};

DWORD WINAPI runThread(void* start) noexcept {
  const ThreadStart given = *static_cast<ThreadStart*>(start);
  delete static_cast<ThreadStart*>(start);
  given.run(given.argument);
  return 0;
}

// As in unix.cc: the addon's code may not go while a thread runs in it.
bool stayLoaded() noexcept {
  HMODULE self;
  // SAFETY: an address of this file's code, taken for a name because of the flag.
  const auto* here = reinterpret_cast<const wchar_t*>(runThread);
  return ::GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN, here, &self) != 0;
}

}  // namespace

Result startThread(void (*run)(void*), void* argument) noexcept {
  static const bool isStaying = stayLoaded();
  if (!isStaying) return {-1, ERROR_CALL_NOT_IMPLEMENTED};
  auto* start = new (std::nothrow) ThreadStart{run, argument};
  if (!start) return {-1, ERROR_NOT_ENOUGH_MEMORY};
  const HANDLE thread = ::CreateThread(nullptr, 0, runThread, start, 0, nullptr);
  if (!thread) {
    const auto error = static_cast<int>(::GetLastError());
    delete start;
    return {-1, error};
  }
  ::CloseHandle(thread);
  return {0, 0};
}

int inetAton(const char*, in_addr*) noexcept { return 0; }

void* findSymbol(const char* name) noexcept {
  // SAFETY: the caller knows the function's type.
  return reinterpret_cast<void*>(::GetProcAddress(::GetModuleHandleW(nullptr), name));
}

}  // namespace netloom::sys

#endif
