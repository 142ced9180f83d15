// What the functions of bind/ share: reading arguments, entering a row, answering as C does or with a negated number.
//
// Raw Node-API everywhere in native/, from the module's entry on: every function may find that its environment is ending (a
// worker can be terminated while it still loads the addon), where the C++ wrapper's own error handling ends the process.
#pragma once

#include "../env-state.h"

namespace netloom {

enum class Woken;

// Winsock's codes that this layer gives by itself; all others come out of sys::toWsa.
constexpr int kWsaInterrupted = 10004;
constexpr int kWsaFault = 10014;
constexpr int kWsaInvalid = 10022;
constexpr int kWsaWouldBlock = 10035;
constexpr int kWsaNotSocket = 10038;
constexpr int kWsaMessageSize = 10040;
constexpr int kWsaNotSupported = 10045;
constexpr int kWsaTooManyOpen = 10024;
constexpr int kWsaNotConnected = 10057;
constexpr int kWsaReset = 10054;
constexpr int kWsaShutdown = 10058;
constexpr int kWsaTimedOut = 10060;
constexpr int kWsaVersion = 10092;
constexpr int kWsaNotStarted = 10093;

// Memory of a JavaScript view. `data` is never null where `isView`, so that it can go to the kernel with length 0.
struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;
  bool isView = false;  // false: null, or no view at all
};

Bytes bytesOf(napi_env env, napi_value value);

// The view as numbers; null where it holds fewer or does not lie as they must: the contract says which array to pass, and
// a wrong one is a fault, not a crash.
template <typename T>
T* cellsOf(const Bytes& bytes, size_t count) {
  const bool isAligned = reinterpret_cast<uintptr_t>(bytes.data) % alignof(T) == 0;
  // SAFETY: room and alignment were checked, and every bit pattern is a number.
  return bytes.isView && isAligned && bytes.length / sizeof(T) >= count ? reinterpret_cast<T*>(bytes.data) : nullptr;
}

// One call from JavaScript: its arguments and its environment.
class Call {
 public:
  Call(napi_env env, napi_callback_info info);

  EnvState& state() const { return *state_; }
  ProcessTable& table() const { return state_->table; }

  double number(size_t index) const;
  int32_t int32(size_t index) const;
  uint32_t uint32(size_t index) const { return static_cast<uint32_t>(int64(index)); }
  int64_t int64(size_t index) const;
  SOCKET handle(size_t index) const;
  bool boolean(size_t index) const;
  bool isNull(size_t index) const;
  Bytes bytes(size_t index) const { return bytesOf(env, argv_[index]); }
  napi_value value(size_t index) const { return argv_[index]; }

  // A number for JavaScript.
  napi_value give(int64_t value) const;
  // C's failure: -1, and the code in this thread's last error.
  napi_value fail(int wsaCode) const;
  // The owned calls' failure: the system's number negated.
  napi_value refuse(int systemError) const { return give(-static_cast<int64_t>(systemError)); }
  napi_value answer(const sys::Result& result) const {
    return result.value < 0 ? refuse(result.error) : give(result.value);
  }

  napi_env const env;

 private:
  static constexpr size_t kMaxArguments = 8;
  napi_value argv_[kMaxArguments];
  EnvState* state_ = nullptr;
};

// A call in progress on a row: entered while this lives. Without a generation also a number that has no row (a descriptor
// from elsewhere): then `row` is null and the kernel judges.
class Use {
 public:
  Use(ProcessTable& table, SOCKET s, uint32_t generation = 0);
  ~Use() {
    if (row_) table_.leave(row_, s_, generation_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  bool isValid() const { return isValid_; }
  // For calls under C names, whose checks of lengths come after this one: a number without a row must be a socket too.
  bool isSocket() const { return isValid_ && (row_ || sys::typeOf(s_).value >= 0); }
  Row* row() const { return row_; }
  SOCKET s() const { return s_; }
  uint32_t generation() const { return generation_; }
  bool has(uint32_t flags) const { return row_ && (row_->flags.load(std::memory_order_relaxed) & flags) == flags; }
  void set(uint32_t flags) const {
    if (row_) row_->flags.fetch_or(flags);
  }
  // Whether calls under C names wait.
  bool isBlocking() const;
  bool isStream() const;
  int family() const;

 private:
  ProcessTable& table_;
  const SOCKET s_;
  Row* row_ = nullptr;
  uint32_t generation_ = 0;
  bool isValid_ = false;
};

// Winsock's code for what the kernel said of this socket: EPIPE depends on the socket's history.
int wsaOf(const Use& use, int error);

// Winsock's code for a wait that did not end by being ready.
int wsaOf(Woken woken);

// Whether this is a datagram socket of the Internet without a port, after a call that would have given it one: none is left.
// The kernel's own blocking call does not wait for one either, and no event tells of it.
bool isWithoutPort(const Use& use);

// Remembers that the socket is connected.
inline void noteConnected(Row* row) {
  if (!row) return;
  row->flags.fetch_and(~kConnecting);
  row->flags.fetch_or(kConnected);
}

// The same of one that had begun to connect, after anything that only a connected one shows.
inline void noteTraffic(Row* row) {
  if (row && (row->flags.load(std::memory_order_relaxed) & kConnecting)) noteConnected(row);
}

// The same after SO_ERROR was read. 0 says nothing by itself: the connect may still be under way.
void noteSocketError(const Use& use, int error);

// The kernel gives a connection's error once, and not to a call that has moved bytes: that one gives its count. Ours makes
// several calls, so an error that ends them is kept in the row for the next call. EPIPE comes again by itself.
inline void keepError(Row* row, int error) {
  if (row && error != sys::errors.pipe) row->keptError.store(error, std::memory_order_relaxed);
}

inline int takeKeptError(Row* row) {
  if (!row || row->keptError.load(std::memory_order_relaxed) == 0) return 0;
  return row->keptError.exchange(0);
}

// What a call on a stream gives, where the kernel says what it says once the error was taken: the end of it, or EPIPE.
inline sys::Result withKept(Row* row, sys::Result done) {
  if (done.value > 0 || (done.value < 0 && done.error != sys::errors.pipe)) return done;
  const int kept = takeKeptError(row);
  return kept ? sys::Result{-1, kept} : done;
}

// Remembers that closing might wait: after SO_LINGER was set.
inline void noteLinger(const Use& use) {
  double ms = -1;
  if (sys::lingerMs(use.s(), &ms).value >= 0 && ms > 0) use.set(kMayLinger);
}

using Function = napi_value (*)(napi_env, napi_callback_info);
struct Export {
  const char* name;
  Function function;
};

// Puts functions on the exports, each with the environment's state as its data.
bool exportAll(napi_env env, napi_value exports, EnvState* state, const Export* list, size_t count);

template <size_t N>
bool exportAll(napi_env env, napi_value exports, EnvState* state, const Export (&list)[N]) {
  return exportAll(env, exports, state, list, N);
}

// The groups; each is one file.
bool bindLifecycle(napi_env env, napi_value exports, EnvState* state);
bool bindStreams(napi_env env, napi_value exports, EnvState* state);
bool bindMessages(napi_env env, napi_value exports, EnvState* state);
bool bindNames(napi_env env, napi_value exports, EnvState* state);
bool bindOptions(napi_env env, napi_value exports, EnvState* state);
bool bindWait(napi_env env, napi_value exports, EnvState* state);
bool bindOwned(napi_env env, napi_value exports, EnvState* state);
bool bindResolver(napi_env env, napi_value exports, EnvState* state);
bool bindReactor(napi_env env, napi_value exports, EnvState* state);
bool bindTransfer(napi_env env, napi_value exports, EnvState* state);
bool bindOptionCodecs(napi_env env, napi_value exports, EnvState* state);
bool bindConstants(napi_env env, napi_value exports);
bool bindLibc(napi_env env, napi_value exports, EnvState* state);

}  // namespace netloom
