// tryRecv trySend tryAccept: the calls that a program makes a million times.
//
// HOT: raw Node-API, no allocation, no string; a row is entered and left with two atomic operations. No lock but that of
// tryAccept, shared by all who open. Each answers with a count >= 0 or the system's error number negated.
#include <algorithm>
#include <climits>

#include "../bind/calls.h"
#include "../socket-handle.h"

namespace netloom {

namespace {

// The kernel itself moves at most INT_MAX less a page in one call; a count must fit into an int32.
constexpr size_t kMostBytes = 0x7ffff000;

napi_value number(napi_env env, int32_t value) {
  napi_value result = nullptr;
  napi_create_int32(env, value, &result);
  return result;
}

struct View {
  uint8_t* data;
  size_t length;
};

// Memory of a typed array; false for anything else, and for one whose buffer was detached: its length of 0 would make an
// answer of 0 look like the end of the stream.
bool viewOf(napi_env env, napi_value value, View* view) {
  napi_typedarray_type type = napi_uint8_array;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &view->length, &data, nullptr, nullptr) != napi_ok) return false;
  if (type != napi_uint8_array && type != napi_int8_array && type != napi_uint8_clamped_array) {
    const Bytes bytes = bytesOf(env, value);
    view->length = bytes.length;
    data = bytes.data;
  }
  view->data = static_cast<uint8_t*>(data);
  if (view->length > 0 && data) {
    view->length = std::min(view->length, kMostBytes);
    return true;
  }
  napi_value buffer;
  bool isDetached = true;
  if (napi_get_typedarray_info(env, value, nullptr, nullptr, nullptr, &buffer, nullptr) != napi_ok) return false;
  if (napi_is_detached_arraybuffer(env, buffer, &isDetached) != napi_ok || isDetached) return false;
  static uint8_t nowhere[1];
  *view = {nowhere, 0};
  return true;
}

// The first two arguments of every hot call.
bool lifeOf(napi_env env, const napi_value* argv, SOCKET* s, uint32_t* generation) {
  int64_t handle = -1;
  if (napi_get_value_int64(env, argv[0], &handle) != napi_ok || handle < 0) return false;
  if (napi_get_value_uint32(env, argv[1], generation) != napi_ok || *generation == 0) return false;
  *s = static_cast<SOCKET>(handle);
  return static_cast<int64_t>(*s) == handle;
}

template <typename Move>
napi_value move(napi_env env, napi_callback_info info, Move system) {
  size_t count = 4;
  napi_value argv[4];
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, argv, nullptr, &data) != napi_ok) return nullptr;
  // SAFETY: exportAll() gave it.
  ProcessTable& table = static_cast<EnvState*>(data)->table;
  SOCKET s;
  uint32_t generation;
  View view;
  if (!lifeOf(env, argv, &s, &generation)) return number(env, -sys::errors.badHandle);
  if (!viewOf(env, argv[2], &view)) return number(env, -sys::errors.fault);
  int32_t flags = 0;
  if (count > 3) napi_get_value_int32(env, argv[3], &flags);  // left out: 0

  Row* row = table.find(s);
  if (table.enter(row, generation) != Entered::yes) return number(env, -sys::errors.badHandle);
  sys::Result done;
  do {
    done = system(s, view, flags | sys::kDontWait);
  } while (done.value < 0 && done.error == sys::errors.interrupted);
  done = withKept(row, done);
  if (done.value >= 0 || done.error == sys::errors.reset) noteTraffic(row);
  table.leave(row, s, generation);
  return number(env, done.value < 0 ? -done.error : static_cast<int32_t>(done.value));
}

napi_value tryRecv(napi_env env, napi_callback_info info) {
  return move(env, info, [](SOCKET s, const View& into, int flags) {
    return sys::recv(s, into.data, into.length, flags);
  });
}

napi_value trySend(napi_env env, napi_callback_info info) {
  return move(env, info, [](SOCKET s, const View& from, int flags) {
    return sys::send(s, from.data, from.length, flags);
  });
}

napi_value tryAccept(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value argv[4];
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, argv, nullptr, &data) != napi_ok) return nullptr;
  // SAFETY: exportAll() gave it.
  auto* state = static_cast<EnvState*>(data);
  SOCKET s;
  uint32_t generation;
  View name;
  if (!lifeOf(env, argv, &s, &generation)) return number(env, -sys::errors.badHandle);
  if (!viewOf(env, argv[2], &name)) return number(env, -sys::errors.fault);
  auto* cells = cellsOf<uint32_t>(bytesOf(env, argv[3]), 3);
  if (!cells || name.length < sizeof(sockaddr_storage)) return number(env, -sys::errors.fault);

  Row* row = state->table.find(s);
  if (state->table.enter(row, generation) != Entered::yes) return number(env, -sys::errors.badHandle);
  auto length = static_cast<int>(std::min<size_t>(name.length, INT_MAX));
  const int room = length;
  const std::shared_lock<std::shared_mutex> birth(state->table.births);
  sys::Result made;
  do {
    length = room;
    made = sys::accept(s, name.data, &length);
  } while (made.value < 0 && made.error == sys::errors.interrupted);
  const int family = row->family.load(std::memory_order_relaxed);
  const int type = row->type.load(std::memory_order_relaxed);
  const uint32_t inherited = row->flags.load(std::memory_order_relaxed) & kMayLinger;
  state->table.leave(row, s, generation);
  if (made.value < 0) return number(env, -made.error);

  SocketHandle handle(static_cast<SOCKET>(made.value));
  const uint32_t life = state->table.add(handle.get(), state->number, kHeldBySocket | kNumberUntold | kConnected | inherited, family, type);
  if (!life) return number(env, -sys::errors.tooManyOpen);
  cells[0] = life;
  cells[1] = static_cast<uint32_t>(length);
  cells[2] = static_cast<uint32_t>(family);
  napi_value result = nullptr;
  napi_create_int64(env, static_cast<int64_t>(handle.release()), &result);
  return result;
}

constexpr Export kFunctions[] = {{"tryRecv", tryRecv}, {"trySend", trySend}, {"tryAccept", tryAccept}};

}  // namespace

bool bindTransfer(napi_env env, napi_value exports, EnvState* state) {
  return exportAll(env, exports, state, kFunctions);
}

}  // namespace netloom
