// getsockname and getpeername. winsock2; getsockname(2) getpeername(2).
#include <cstring>

#include "calls.h"

namespace netloom {

namespace {

using Getter = sys::Result (*)(SOCKET, void*, int*);

napi_value giveName(const Call& call, Getter get) {
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const Bytes name = call.bytes(1);
  auto* length = cellsOf<int32_t>(call.bytes(2), 1);
  if (!name.isView || !length) return call.fail(kWsaFault);
  if (*length < 0 || static_cast<size_t>(*length) > name.length) return call.fail(kWsaFault);
  sockaddr_storage room{};
  int size = sizeof room;
  const sys::Result done = get(use.s(), &room, &size);
  if (done.value < 0) return call.fail(wsaOf(use, done.error));
  if (get == sys::peerName) noteTraffic(use.row());
  // Linux would cut it without a word.
  if (*length < size) return call.fail(kWsaFault);
  std::memcpy(name.data, &room, static_cast<size_t>(size));
  *length = size;
  return call.give(0);
}

napi_value getsockname(napi_env env, napi_callback_info info) { return giveName(Call(env, info), sys::localName); }

napi_value getpeername(napi_env env, napi_callback_info info) { return giveName(Call(env, info), sys::peerName); }

constexpr Export kFunctions[] = {{"getsockname", getsockname}, {"getpeername", getpeername}};

}  // namespace

bool bindNames(napi_env env, napi_value exports, EnvState* state) {
  return exportAll(env, exports, state, kFunctions);
}

}  // namespace netloom
