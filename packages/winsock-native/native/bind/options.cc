// getsockopt setsockopt ioctlsocket: level, name and bytes; what the bytes mean is the callers' affair.
// winsock2; getsockopt(2), socket(7), ioctl(2).
#include <cstring>

#include "calls.h"

namespace netloom {

namespace {

napi_value setsockopt(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const int level = call.int32(1);
  const int name = call.int32(2);
  const Bytes value = call.bytes(3);
  const int length = call.int32(4);
  const bool isBeyond = length < 0 || static_cast<size_t>(length) > value.length;
  if (isBeyond || length < sys::optionSize(level, name)) return call.fail(kWsaFault);
  // Linux would take it, wait not at all, and then say that no time was set.
  if (sys::isNegativeTime(level, name, value.data, static_cast<size_t>(length))) return call.fail(kWsaInvalid);
  const sys::Result done = sys::setOption(use.s(), level, name, value.isView ? value.data : nullptr, length);
  if (done.value < 0) return call.fail(wsaOf(use, done.error));
  if (level == SOL_SOCKET && name == SO_LINGER) noteLinger(use);
  return call.give(0);
}

napi_value getsockopt(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const int level = call.int32(1);
  const int name = call.int32(2);
  const Bytes value = call.bytes(3);
  auto* length = cellsOf<int32_t>(call.bytes(4), 1);
  if (!value.isView || !length) return call.fail(kWsaFault);
  const bool isBeyond = *length < 0 || static_cast<size_t>(*length) > value.length;
  // Before the call: reading SO_ERROR takes it away.
  if (isBeyond || *length < sys::optionSize(level, name)) return call.fail(kWsaFault);
  const sys::Result done = sys::getOption(use.s(), level, name, value.data, length);
  if (done.value < 0) return call.fail(wsaOf(use, done.error));
  if (level == SOL_SOCKET && name == SO_ERROR) {
    int error = 0;
    std::memcpy(&error, value.data, sizeof error);
    if (error == 0) error = takeKeptError(use.row());
    noteSocketError(use, error);
    error = wsaOf(use, error);
    std::memcpy(value.data, &error, sizeof error);
  }
  return call.give(0);
}

napi_value ioctlsocket(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  auto* argument = cellsOf<uint32_t>(call.bytes(2), 1);
  if (!argument) return call.fail(kWsaFault);
  const auto command = static_cast<uint32_t>(call.int64(1));
  sys::Result done{0, 0};
  if (command == static_cast<uint32_t>(FIONBIO)) {
    if (!use.row()) {
      done = sys::setBlocking(use.s(), *argument == 0);
    } else if (*argument != 0) {
      use.row()->flags.fetch_or(kNonBlocking);
    } else {
      use.row()->flags.fetch_and(~kNonBlocking);
    }
  } else if (command == static_cast<uint32_t>(FIONREAD)) {
    done = sys::unread(use.s());
    if (done.value >= 0) *argument = static_cast<uint32_t>(done.value);
  } else if (command == static_cast<uint32_t>(SIOCATMARK)) {
    done = sys::atMark(use.s());
    if (done.value >= 0) *argument = static_cast<uint32_t>(done.value);
  } else {
    return call.fail(kWsaNotSupported);
  }
  return done.value < 0 ? call.fail(wsaOf(use, done.error)) : call.give(0);
}

constexpr Export kFunctions[] = {{"setsockopt", setsockopt}, {"getsockopt", getsockopt}, {"ioctlsocket", ioctlsocket}};

}  // namespace

bool bindOptions(napi_env env, napi_value exports, EnvState* state) {
  return exportAll(env, exports, state, kFunctions);
}

}  // namespace netloom
