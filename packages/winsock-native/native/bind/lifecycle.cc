// WSAStartup to closesocket: socket bind listen accept connect shutdown closesocket, the last error, the thread's id.
// winsock2; socket(2) bind(2) listen(2) accept(2) connect(2) shutdown(2).
#include "../blocking.h"
#include "../socket-handle.h"
#include "calls.h"

namespace netloom {

namespace {

constexpr int kHighestVersion = 0x0202;

// Winsock's rule of WSAStartup: the highest version that both sides know, written low byte major, high byte minor.
int negotiate(int wanted) {
  const int major = wanted & 0xff;
  const int minor = (wanted >> 8) & 0xff;
  if (major == 0) return 0;
  if (major == 1) return 1 | ((minor == 0 ? 0 : 1) << 8);
  if (major == 2) return 2 | ((minor < 2 ? minor : 2) << 8);
  return kHighestVersion;
}

napi_value startup(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const int version = negotiate(call.int32(0));
  if (version != 0) call.table().startUp();
  napi_value result;
  if (napi_create_object(env, &result) != napi_ok) return nullptr;
  napi_set_named_property(env, result, "code", call.give(version == 0 ? kWsaVersion : 0));
  napi_set_named_property(env, result, "version", call.give(version));
  napi_set_named_property(env, result, "highVersion", call.give(kHighestVersion));
  return result;
}

napi_value cleanup(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  return call.table().cleanUp() ? call.give(0) : call.fail(kWsaNotStarted);
}

napi_value lastError(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  return call.give(call.state().lastError);
}

napi_value setLastError(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  call.state().lastError = call.int32(0);
  return nullptr;
}

napi_value wsaFromSystem(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  return call.give(sys::toWsa(call.int32(0)));
}

napi_value threadId(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  return call.give(static_cast<int64_t>(sys::threadId()));
}

napi_value makeSocket(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const std::shared_lock<std::shared_mutex> birth(call.table().births);
  const sys::Result made = sys::open(call.int32(0), call.int32(1), call.int32(2));
  if (made.value < 0) return call.fail(sys::toWsa(made.error));
  SocketHandle handle(static_cast<SOCKET>(made.value));
  const int type = static_cast<int>(sys::typeOf(handle.get()).value);
  // Every socket of ours is non-blocking to the kernel: what the caller asked for is the row's bit.
  const uint32_t flags = call.int32(1) & sys::kNonBlockingType ? kNonBlocking : 0;
  if (!call.table().add(handle.get(), call.state().number, flags, call.int32(0), type)) return call.fail(kWsaTooManyOpen);
  return call.give(handle.release());
}

// What bind and connect check before the kernel: the length against the view and against the family that the name states.
bool isNameLengthRight(const Bytes& name, int length) {
  if (!name.isView || length < 2 || static_cast<size_t>(length) > name.length) return false;
  const int family = sys::familyIn(name.data);
  // A Unix name may be shorter than its structure: the path ends where the length says.
  return family == AF_UNIX || length >= sys::nameSize(family);
}

napi_value bindName(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const Bytes name = call.bytes(1);
  if (!isNameLengthRight(name, call.int32(2))) return call.fail(kWsaFault);
  const sys::Result done = sys::bind(use.s(), name.data, call.int32(2));
  return done.value < 0 ? call.fail(wsaOf(use, done.error)) : call.give(0);
}

napi_value listen(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const sys::Result done = sys::listen(use.s(), call.int32(1));
  return done.value < 0 ? call.fail(wsaOf(use, done.error)) : call.give(0);
}

// An accept on a stranger's blocking listener, with a time limit for the call: the kernel would wait where nothing can
// interrupt it, also after a poll, because another thread may take the connection in between.
sys::Result acceptBriefly(ProcessTable& table, SOCKET s, void* name, int* length) {
  constexpr double kBriefMs = 1;
  const std::lock_guard<std::mutex> lock(table.strangers);
  double limit = -1;
  sys::timeoutMs(s, true, &limit);
  sys::limitWait(s, true, kBriefMs);
  const sys::Result made = sys::accept(s, name, length);
  sys::limitWait(s, true, limit < 0 ? 0 : limit);
  return made;
}

// One accept, waiting if the socket does. `birth` is held afterwards where there is a number.
sys::Result acceptWaiting(EnvState& state, const Use& use, void* name, int* length, Woken* woken,
                          std::shared_lock<std::shared_mutex>* birth) {
  const bool isBlocking = use.isBlocking();
  const bool isForeign = !use.row();
  SocketWait wait(state, use.row(), use.s(), true);
  const int room = *length;
  for (;;) {
    *length = room;
    birth->lock();
    const sys::Result made = isBlocking && isForeign ? acceptBriefly(state.table, use.s(), name, length)
                                                     : sys::accept(use.s(), name, length);
    if (made.value >= 0) return made;
    birth->unlock();
    if (made.error == sys::errors.interrupted) continue;
    if (made.error != sys::errors.wouldBlock || !isBlocking) return made;
    *woken = wait.until(sys::kPollRead);
    if (*woken != Woken::ready) return made;
  }
}

napi_value accept(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  auto* lengthCell = cellsOf<int32_t>(call.bytes(2), 1);
  const Bytes name = call.bytes(1);
  const int family = use.family();
  int length = 0;
  if (name.isView) {
    // Linux would cut the name and take the connection: checked before, so that nothing is lost.
    if (!lengthCell) return call.fail(kWsaFault);
    length = *lengthCell;
    if (length < sys::nameSize(family) || static_cast<size_t>(length) > name.length) return call.fail(kWsaFault);
  }
  Woken woken = Woken::ready;
  std::shared_lock<std::shared_mutex> birth(call.table().births, std::defer_lock);
  const sys::Result made = acceptWaiting(call.state(), use, name.isView ? name.data : nullptr, &length, &woken, &birth);
  if (woken != Woken::ready) return call.fail(wsaOf(woken));
  if (made.value < 0) return call.fail(wsaOf(use, made.error));
  SocketHandle handle(static_cast<SOCKET>(made.value));
  const int type = use.row() ? use.row()->type.load() : static_cast<int>(sys::typeOf(handle.get()).value);
  // The kernel's socket inherits SO_LINGER.
  const uint32_t inherited = !use.row() || use.has(kMayLinger) ? kMayLinger : 0;
  if (!call.table().add(handle.get(), call.state().number, kConnected | inherited, family, type)) {
    return call.fail(kWsaTooManyOpen);
  }
  if (name.isView) *lengthCell = length;
  return call.give(handle.release());
}

// Connects and waits for the end of it. Asked again after success, the kernel says 0 once more for a non-blocking socket:
// that answer is taken here, so that the caller's next connect gives 10056 as in C.
int connectWaiting(EnvState& state, const Use& use, const Bytes& name, int length) {
  SocketWait wait(state, use.row(), use.s(), false);
  bool hasBegun = false;
  for (;;) {
    const sys::Result done = hasBegun ? sys::connectOutcome(use.s(), name.data, length)
                                      : sys::connect(use.s(), name.data, length);
    if (done.value >= 0) return 0;
    const int error = done.error;
    if (hasBegun && error == sys::errors.isConnected) return 0;
    Woken woken;
    if (error == sys::errors.inProgress || error == sys::errors.already) {
      hasBegun = true;
      use.set(kConnecting);
      woken = wait.until(POLLOUT);
    } else if (error == sys::errors.interrupted) {
      hasBegun = true;
      continue;
    } else if (error == sys::errors.wouldBlock && sys::familyIn(name.data) == AF_UNIX) {
      woken = wait.shortly();  // a Unix listener with a full queue: no event tells when there is room
    } else {
      return wsaOf(use, error);
    }
    if (woken != Woken::ready) return wsaOf(woken);
  }
}

// Connect on a stranger's blocking socket: a short time limit makes the kernel begin and come back.
sys::Result connectBriefly(ProcessTable& table, SOCKET s, const Bytes& name, int length) {
  constexpr double kBriefMs = 1;
  const std::lock_guard<std::mutex> lock(table.strangers);
  double limit = -1;
  sys::timeoutMs(s, false, &limit);
  sys::limitWait(s, false, kBriefMs);
  const sys::Result done = sys::connect(s, name.data, length);
  sys::limitWait(s, false, limit < 0 ? 0 : limit);
  return done;
}

int connectForeign(EnvState& state, const Use& use, const Bytes& name, int length) {
  SocketWait wait(state, nullptr, use.s(), false);
  bool hasBegun = false;
  for (;;) {
    const sys::Result done = connectBriefly(state.table, use.s(), name, length);
    if (done.value >= 0 || (hasBegun && done.error == sys::errors.isConnected)) return 0;
    const bool isUnderWay = done.error == sys::errors.inProgress || done.error == sys::errors.already;
    const bool isQueueFull = done.error == sys::errors.wouldBlock && sys::familyIn(name.data) == AF_UNIX;
    if (!isUnderWay && !isQueueFull) return wsaOf(use, done.error);
    hasBegun = hasBegun || isUnderWay;
    const Woken woken = isUnderWay ? wait.until(POLLOUT) : wait.shortly();
    if (woken != Woken::ready) return wsaOf(woken);
  }
}

// After a connect that succeeded. To AF_UNSPEC it has connected nothing, but dissolved what there was.
void noteOutcome(Row* row, const Bytes& name) {
  if (sys::familyIn(name.data) != AF_UNSPEC) return noteConnected(row);
  if (row) row->flags.fetch_and(~(kConnecting | kShutSend));
}

napi_value connect(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const Bytes name = call.bytes(1);
  const int length = call.int32(2);
  if (!isNameLengthRight(name, length)) return call.fail(kWsaFault);
  if (use.isBlocking()) {
    const int failed = use.row() ? connectWaiting(call.state(), use, name, length)
                                 : connectForeign(call.state(), use, name, length);
    if (failed) return call.fail(failed);
    noteOutcome(use.row(), name);
    return call.give(0);
  }
  const sys::Result done = sys::connect(use.s(), name.data, length);
  if (done.value >= 0) {
    noteOutcome(use.row(), name);
    return call.give(0);
  }
  // Winsock calls a connect that has begun 10035, and keeps 10036 for other things.
  if (done.error == sys::errors.inProgress) {
    use.set(kConnecting);
    return call.fail(kWsaWouldBlock);
  }
  return call.fail(wsaOf(use, done.error));
}

napi_value shutdown(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const int how = call.int32(1);
  const sys::Result done = sys::shutdown(use.s(), how);
  if (done.value < 0) return call.fail(wsaOf(use, done.error));
  if (how != SHUT_RD) use.set(kShutSend);
  return call.give(0);
}

// How long closesocket waits for the peer to have everything: SO_LINGER's time on a blocking stream, as in C. 0: not at all.
double lingerOf(const Use& use) {
  double ms = -1;
  const bool isInet = use.family() == AF_INET || use.family() == AF_INET6;  // the kernel's Unix sockets do not linger
  if (!use.has(kMayLinger) || !isInet || !use.isStream() || !use.isBlocking()) return 0;
  return sys::lingerMs(use.s(), &ms).value >= 0 && ms > 0 ? ms : 0;
}

// Done here and not by the kernel's close, which nothing can interrupt.
void lingerFor(EnvState& state, SOCKET s, double ms) {
  constexpr double kLookMs = 5;
  sys::shutdown(s, SHUT_WR);
  Interruptible sleep(state);  // in no row: the one that closes is beyond closing
  const double deadline = sys::nowMs() + ms;
  while (sys::unsent(s).value > 0 && sys::nowMs() < deadline) {
    sys::PollItem item = {s, 0, 0};
    sys::poll(&item, 1, 0);
    if (item.revents & POLLERR) return;  // reset: the peer will have no more
    if (sleep.pause(kLookMs) == Woken::interrupted) return;
  }
}

napi_value closesocket(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  // A file is none of ours to close.
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const double ms = lingerOf(use);
  // First closed for everybody, and who waits on it woken; the number stays taken while this call is in the row.
  if (use.row() && !call.table().close(use.s(), use.generation())) return call.fail(kWsaNotSocket);
  if (ms > 0) lingerFor(call.state(), use.s(), ms);
  if (use.row()) return call.give(0);
  // A number from elsewhere; unless it has begun a life here since.
  const std::lock_guard<std::shared_mutex> noBirth(call.table().births);
  if (call.table().isOpen(use.s()) || sys::typeOf(use.s()).value < 0) return call.fail(kWsaNotSocket);
  sys::close(use.s());
  return call.give(0);
}

constexpr Export kFunctions[] = {
    {"startup", startup},           {"cleanup", cleanup},   {"lastError", lastError},
    {"setLastError", setLastError}, {"wsaFromSystem", wsaFromSystem},
    {"threadId", threadId},         {"socket", makeSocket}, {"bind", bindName},
    {"listen", listen},             {"accept", accept},     {"connect", connect},
    {"shutdown", shutdown},         {"closesocket", closesocket},
};

}  // namespace

bool bindLifecycle(napi_env env, napi_value exports, EnvState* state) {
  return exportAll(env, exports, state, kFunctions);
}

}  // namespace netloom
