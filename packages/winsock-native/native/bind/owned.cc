// What the owned Socket is built on: set-up by handle and generation. Never waits, needs no WSAStartup, answers with a value
// >= 0 or the system's error number negated.
#include <climits>
#include <cstring>

#include "../socket-handle.h"
#include "calls.h"

namespace netloom {

namespace {

// Writes element `at` of a Uint32Array; false where there is no room.
bool put(const Bytes& out, size_t at, uint32_t value) {
  if (out.length < (at + 1) * sizeof value) return false;
  std::memcpy(out.data + at * sizeof value, &value, sizeof value);
  return true;
}

napi_value sockCreate(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Bytes out = call.bytes(3);
  if (out.length < sizeof(uint32_t)) return call.refuse(sys::errors.fault);
  const std::shared_lock<std::shared_mutex> birth(call.table().births);
  const sys::Result made = sys::open(call.int32(0), call.int32(1), call.int32(2));
  if (made.value < 0) return call.refuse(made.error);
  SocketHandle handle(static_cast<SOCKET>(made.value));
  const int type = static_cast<int>(sys::typeOf(handle.get()).value);
  const uint32_t generation =
      call.table().add(handle.get(), call.state().number, kHeldBySocket | kNumberUntold, call.int32(0), type);
  if (!generation) return call.refuse(sys::errors.tooManyOpen);
  put(out, 0, generation);
  return call.give(handle.release());
}

// A descriptor from elsewhere gets a row; its open file becomes non-blocking, for whoever else holds it too.
sys::Result adoptStranger(ProcessTable& table, uint32_t owner, SOCKET s, const Bytes& out) {
  const std::lock_guard<std::shared_mutex> noBirth(table.births);
  const std::lock_guard<std::mutex> lock(table.strangers);
  if (table.isOpen(s)) {
    if (ProcessTable::isClosing(table.find(s))) return {-1, sys::errors.badHandle};
    return {-1, sys::errors.busy};  // another thread was first
  }
  const sys::Result type = sys::typeOf(s);
  if (type.value < 0) return type;
  const sys::Result family = sys::familyOf(s);
  if (family.value < 0) return family;
  const sys::Result adopted = sys::adopt(s);
  if (adopted.value < 0) return adopted;
  char peer[128];
  int length = sizeof peer;
  const uint32_t wasConnected = sys::peerName(s, peer, &length).value < 0 ? 0 : kConnected;
  const uint32_t flags = kHeldBySocket | kMayLinger | wasConnected;
  const uint32_t generation =
      table.add(s, owner, flags, static_cast<int>(family.value), static_cast<int>(type.value));
  if (!generation) return {-1, sys::errors.tooManyOpen};
  put(out, 0, generation);
  put(out, 1, static_cast<uint32_t>(family.value));
  return {0, 0};
}

napi_value sockAdopt(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Bytes out = call.bytes(2);
  if (out.length < 2 * sizeof(uint32_t)) return call.refuse(sys::errors.fault);
  const SOCKET s = call.handle(0);
  const Use use(call.table(), s, call.uint32(1));
  if (!use.isValid()) return call.refuse(sys::errors.badHandle);
  if (!use.row()) return call.answer(adoptStranger(call.table(), call.state().number, s, out));
  if (!call.table().adopt(use.row(), call.state().number)) return call.refuse(sys::errors.busy);
  put(out, 0, use.generation());
  put(out, 1, use.row()->family.load());
  return call.give(0);
}

napi_value sockTold(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  use.row()->flags.fetch_and(~kNumberUntold);
  return call.give(0);
}

napi_value sockRelease(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  if (call.table().disown(use.row())) return call.give(0);
  return call.refuse(ProcessTable::isClosing(use.row()) ? sys::errors.badHandle : sys::errors.busy);
}

napi_value sockDiscard(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (call.uint32(1) != 0) call.table().closeOwnerless(call.handle(0), call.uint32(1));
  return call.give(0);
}

napi_value sockClose(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const uint32_t generation = call.uint32(1);
  const bool wasOpen = generation != 0 && call.table().close(call.handle(0), generation);
  return wasOpen ? call.give(0) : call.refuse(sys::errors.badHandle);
}

napi_value sockBind(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  const Bytes name = call.bytes(2);
  const int length = call.int32(3);
  if (length < 0 || static_cast<size_t>(length) > name.length) return call.refuse(sys::errors.fault);
  return call.answer(sys::bind(use.s(), name.data, length));
}

napi_value sockListen(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  return call.answer(sys::listen(use.s(), call.int32(2)));
}

napi_value sockConnect(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  const Bytes name = call.bytes(2);
  const int length = call.int32(3);
  if (length < 0 || static_cast<size_t>(length) > name.length) return call.refuse(sys::errors.fault);
  const sys::Result done = sys::connect(use.s(), name.data, length);
  if (done.value >= 0) noteConnected(use.row());
  if (done.error == sys::errors.inProgress) use.set(kConnecting);
  return call.answer(done);
}

napi_value sockError(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  int error = 0;
  int length = sizeof error;
  const sys::Result done = sys::getOption(use.s(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (done.value < 0) return call.refuse(done.error);
  if (error == 0) error = takeKeptError(use.row());
  noteSocketError(use, error);
  return call.give(error);
}

napi_value sockShutdown(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  const sys::Result done = sys::shutdown(use.s(), call.int32(2));
  if (done.value >= 0 && call.int32(2) != SHUT_RD) use.set(kShutSend);
  return call.answer(done);
}

napi_value sockName(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  const Bytes name = call.bytes(3);
  auto length = static_cast<int>(name.length);
  const sys::Result done =
      call.boolean(2) ? sys::peerName(use.s(), name.data, &length) : sys::localName(use.s(), name.data, &length);
  if (done.value < 0) return call.refuse(done.error);
  if (call.boolean(2)) noteTraffic(use.row());
  return call.give(length);
}

napi_value sockSetOption(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  const Bytes value = call.bytes(4);
  const int level = call.int32(2);
  const int name = call.int32(3);
  // No int says how long it is: cut to one it would be another value.
  if (value.length > INT_MAX) return call.refuse(sys::errors.fault);
  if (sys::isNegativeTime(level, name, value.data, value.length)) return call.refuse(sys::errors.invalid);
  const sys::Result done = sys::setOption(use.s(), level, name, value.data, static_cast<int>(value.length));
  if (done.value >= 0 && level == SOL_SOCKET && name == SO_LINGER) noteLinger(use);
  return call.answer(done);
}

napi_value sockGetOption(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  const Bytes value = call.bytes(4);
  auto length = static_cast<int>(value.length < INT_MAX ? value.length : INT_MAX);
  const sys::Result done = sys::getOption(use.s(), call.int32(2), call.int32(3), value.data, &length);
  return done.value < 0 ? call.refuse(done.error) : call.give(length);
}

constexpr Export kFunctions[] = {
    {"sockCreate", sockCreate},     {"sockAdopt", sockAdopt},         {"sockRelease", sockRelease},
    {"sockTold", sockTold},         {"sockDiscard", sockDiscard},   {"sockClose", sockClose},         {"sockBind", sockBind},
    {"sockListen", sockListen},     {"sockConnect", sockConnect},     {"sockError", sockError},
    {"sockShutdown", sockShutdown}, {"sockName", sockName},           {"sockSetOption", sockSetOption},
    {"sockGetOption", sockGetOption},
};

}  // namespace

bool bindOwned(napi_env env, napi_value exports, EnvState* state) { return exportAll(env, exports, state, kFunctions); }

}  // namespace netloom
