// What an operating system must give us: one call each. No retry, no policy, no napi, no uv.
//
// The twins (unix.cc, windows.cc) implement these in this order. A call that fails gives the system's own error number;
// toWsa() is the one translation. Sockets that open() and accept() make never block and close on exec.
#pragma once

#include <cstddef>
#include <cstdint>

#include "headers.h"

namespace netloom::sys {

// value >= 0, or -1 and the system's own number.
struct Result {
  int64_t value;
  int error;
};

// The system's numbers of the failures that code above has to tell apart, or has to report itself.
struct Errors {
  int wouldBlock, inProgress, already, isConnected, interrupted, badHandle, notSocket, fault, invalid, busy, pipe,
      reset, tooManyOpen, tooLong, exists, noMemory, notThere;
};
extern const Errors errors;

// The bit of socket()'s type that asks for a socket that does not wait; 0 where there is none.
#if defined(SOCK_NONBLOCK)
inline constexpr int kNonBlockingType = SOCK_NONBLOCK;
#else
inline constexpr int kNonBlockingType = 0;
#endif

// Flags of recv and send that the code above needs and some systems lack (0 there).
extern const int kDontWait;       // this call only: do not wait
extern const int kNeverWaits;     // calls with one of these do not wait even on a blocking socket
extern const int kWaitAll;        // wait for all the room to be filled
extern const int kPeek;           // leave the bytes where they are
extern const int kWantTrueSize;   // the caller asked for a datagram's true length
extern const short kPollRead;     // what poll calls ordinary bytes, or a connection, to be had
extern const short kPollHangup;   // what poll calls "the peer has finished" beside POLLHUP
extern const short kPollUrgent;   // what poll calls urgent data

using PollItem = pollfd;

// One piece of memory of a call that gathers or scatters: the system's own structure.
#if defined(_WIN32)
using Piece = WSABUF;
#else
using Piece = iovec;
#endif

// What one call takes at most: Linux' UIO_MAXIOV, and no system has less than 1024.
inline constexpr size_t kMostPieces = 1024;
// Descriptors that one message carries at most: Linux' SCM_MAX_FD.
inline constexpr size_t kMostDescriptors = 253;

// What sendmsg(2) and recvmsg(2) call a message. Null: no name, no control bytes. recvMessage writes lengths and flags.
struct Message {
  Piece* pieces;
  size_t count;
  void* name;
  int nameLength;
  uint8_t* control;
  size_t controlLength;
  int flags;
};

// How control bytes lie: the size of a header's length field, where its data begin, what everything is aligned to.
struct ControlLayout {
  int lengthBytes, dataAt, alignment;
};
extern const ControlLayout controlLayout;

// A descriptor that can be waited for together with sockets and signalled from any thread.
struct Waker {
  SOCKET readEnd = INVALID_SOCKET;
  SOCKET writeEnd = INVALID_SOCKET;
};

// --- numbers
uint32_t handleIndex(SOCKET s) noexcept;  // a small number of its own for each handle: the row in the process table
SOCKET handleOf(uint32_t index) noexcept;     // and back
int toWsa(int error) noexcept;            // system error number to Winsock's code
uint64_t threadId() noexcept;             // the kernel's id of the calling thread
double nowMs() noexcept;                  // monotonic

// --- life
Result open(int family, int type, int protocol) noexcept;
Result accept(SOCKET s, void* name, int* length) noexcept;  // length: in the room, out the true length
Result openPair(int family, int type, int protocol, SOCKET* ends) noexcept;  // two, connected to each other
Result close(SOCKET s) noexcept;
Result adopt(SOCKET s) noexcept;       // makes a stranger's socket non-blocking and close-on-exec
Result isBlocking(SOCKET s) noexcept;  // 1 or 0: what the open file itself says
Result setBlocking(SOCKET s, bool blocking) noexcept;
Result familyOf(SOCKET s) noexcept;
Result typeOf(SOCKET s) noexcept;

// --- names and connections
Result bind(SOCKET s, const void* name, int length) noexcept;
Result listen(SOCKET s, int backlog) noexcept;
Result connect(SOCKET s, const void* name, int length) noexcept;
// Of a connect that had begun: 0 or isConnected: it is; inProgress or already: not yet; else why it failed.
Result connectOutcome(SOCKET s, const void* name, int length) noexcept;
Result shutdown(SOCKET s, int how) noexcept;
Result localName(SOCKET s, void* name, int* length) noexcept;
Result peerName(SOCKET s, void* name, int* length) noexcept;
int familyIn(const void* name) noexcept;  // what at least two bytes of a name say
int nameSize(int family) noexcept;  // sizeof the family's structure; 2 where it is not known

// --- bytes
Result recv(SOCKET s, void* into, size_t length, int flags) noexcept;
Result send(SOCKET s, const void* from, size_t length, int flags) noexcept;  // never raises SIGPIPE
Result recvFrom(SOCKET s, void* into, size_t length, int flags, void* name, int* nameLength, bool* isCut) noexcept;
Result sendTo(SOCKET s, const void* from, size_t length, int flags, const void* name, int nameLength) noexcept;

Piece pieceOf(void* data, size_t length) noexcept;
size_t pieceLength(const Piece& piece) noexcept;
void dropFront(Piece* piece, size_t length) noexcept;  // at most its length
Result sendMessage(SOCKET s, const Message& message, int flags) noexcept;  // never raises SIGPIPE
// Descriptors that arrive close on exec. `isCut`: a datagram had more than the pieces have room for.
Result recvMessage(SOCKET s, Message* message, int flags, bool* isCut) noexcept;
// Where in a received message's control bytes the numbers of descriptors lie; how many, at most kMostDescriptors.
size_t descriptorsIn(const Message& message, uint8_t** places) noexcept;
// From a place in an open file, which does not move; 0: the file ends there. `length` is not 0.
Result sendFile(SOCKET s, int file, int64_t offset, size_t length) noexcept;

// --- options
Result getOption(SOCKET s, int level, int name, void* value, int* length) noexcept;
Result setOption(SOCKET s, int level, int name, const void* value, int length) noexcept;
int optionSize(int level, int name) noexcept;                  // the least room it needs, 0 where it is not known
bool isNegativeTime(int level, int name, const void* value, size_t length) noexcept;  // a time limit before now
Result timeoutMs(SOCKET s, bool receiving, double* ms) noexcept;  // SO_RCVTIMEO or SO_SNDTIMEO; -1 for none
Result limitWait(SOCKET s, bool receiving, double ms) noexcept;   // sets it; 0 for none
constexpr double kEndless = 1e300;                             // ms: longer than any process lives
Result lingerMs(SOCKET s, double* ms) noexcept;                // SO_LINGER; -1 where it is off, 0 where closing resets
void dontLinger(SOCKET s) noexcept;                            // close shall not wait; one that resets goes on to reset
Result unsent(SOCKET s) noexcept;                              // bytes that the peer has not acknowledged
Result unread(SOCKET s) noexcept;                              // FIONREAD
Result atMark(SOCKET s) noexcept;                              // SIOCATMARK, in its BSD sense

// --- waiting
Result poll(PollItem* items, size_t count, int timeoutMs) noexcept;
Result openWaker(Waker* waker) noexcept;
void wake(const Waker& waker) noexcept;
void drainWaker(const Waker& waker) noexcept;
void closeWaker(Waker* waker) noexcept;

// --- names of hosts: these wait for as long as the system's resolver does. 0 or Winsock's code
int getAddresses(const char* host, const char* service, const addrinfo& hints, addrinfo** found) noexcept;  // "": none
void freeAddresses(addrinfo* found) noexcept;
// Writes NI_MAXHOST and NI_MAXSERV characters at most.
int getNames(const void* name, int length, char* host, char* service, int flags) noexcept;

// --- the host program and its C library
// A thread that nobody waits for, without signals; the addon is never unloaded afterwards.
Result startThread(void (*run)(void*), void* argument) noexcept;
int inetAton(const char* text, in_addr* address) noexcept;  // 1 or 0; a system without inet_aton gives 0
void* findSymbol(const char* name) noexcept;  // a function of the program that loaded us, or null

}  // namespace netloom::sys
