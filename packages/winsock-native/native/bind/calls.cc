// Arguments, rows and answers of bind/. See calls.h.
#include "calls.h"

#include <cstring>

#include "../blocking.h"

namespace netloom {

namespace {

// Newer than the Node-API that this is built for; Node 24 has it.
constexpr int kFloat16Array = 11;

size_t elementSize(napi_typedarray_type type) {
  if (static_cast<int>(type) == kFloat16Array) return 2;
  switch (type) {
    case napi_int16_array:
    case napi_uint16_array: return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array: return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array: return 8;
    default: return 1;
  }
}

// Stands in for the memory of an empty or detached view.
alignas(8) uint8_t nowhere[8];

}  // namespace

Bytes bytesOf(napi_env env, napi_value value) {
  napi_typedarray_type type = napi_uint8_array;  // left as it is where Node does not know the kind: no more than it has
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) == napi_ok) {
    length *= elementSize(type);
  } else if (napi_get_dataview_info(env, value, &length, &data, nullptr, nullptr) != napi_ok) {
    return {};
  }
  if (length == 0 || !data) return {nowhere, 0, true};
  return {static_cast<uint8_t*>(data), length, true};
}

Call::Call(napi_env e, napi_callback_info info) : env(e) {
  size_t count = kMaxArguments;
  void* data = nullptr;
  // Fills what was not passed with undefined.
  napi_get_cb_info(env, info, &count, argv_, nullptr, &data);
  // SAFETY: exportAll() gave it.
  state_ = static_cast<EnvState*>(data);
}

double Call::number(size_t index) const {
  double value = 0;
  napi_get_value_double(env, argv_[index], &value);
  return value;
}

int64_t Call::int64(size_t index) const {
  int64_t value = 0;
  napi_get_value_int64(env, argv_[index], &value);
  return value;
}

int32_t Call::int32(size_t index) const {
  int32_t value = 0;
  napi_get_value_int32(env, argv_[index], &value);
  return value;
}

SOCKET Call::handle(size_t index) const {
  int64_t value = -1;
  napi_get_value_int64(env, argv_[index], &value);
  const auto s = static_cast<SOCKET>(value);
  return static_cast<int64_t>(s) == value ? s : INVALID_SOCKET;
}

bool Call::boolean(size_t index) const {
  bool value = false;
  napi_get_value_bool(env, argv_[index], &value);
  return value;
}

bool Call::isNull(size_t index) const {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, argv_[index], &type);
  return type == napi_null || type == napi_undefined;
}

napi_value Call::give(int64_t value) const {
  napi_value result = nullptr;
  // HOT: nearly every answer is small, and a small integer costs no memory.
  if (value == static_cast<int32_t>(value)) {
    napi_create_int32(env, static_cast<int32_t>(value), &result);
  } else {
    napi_create_int64(env, value, &result);
  }
  return result;
}

napi_value Call::fail(int wsaCode) const {
  state_->lastError = wsaCode;
  return give(-1);
}

Use::Use(ProcessTable& table, SOCKET s, uint32_t generation) : table_(table), s_(s), generation_(generation) {
  if (s == INVALID_SOCKET) return;
  Row* row = table.find(s);
  Entered entered = table.enter(row, generation, &generation_);
  if (entered == Entered::absent && generation == 0) {
    // Perhaps another thread is just opening it: then it has its row when that is done.
    table.births.lock();
    table.births.unlock();
    row = table.find(s);
    entered = table.enter(row, generation, &generation_);
  }
  switch (entered) {
    case Entered::yes:
      row_ = row;
      isValid_ = true;
      return;
    case Entered::absent: isValid_ = generation == 0; return;
    case Entered::stale: return;
  }
}

bool Use::isBlocking() const {
  if (row_) return !has(kNonBlocking);
  return sys::isBlocking(s_).value != 0;
}

bool Use::isStream() const {
  if (row_) return row_->type.load(std::memory_order_relaxed) == SOCK_STREAM;
  return sys::typeOf(s_).value == SOCK_STREAM;
}

int Use::family() const {
  return row_ ? row_->family.load(std::memory_order_relaxed) : static_cast<int>(sys::familyOf(s_).value);
}

int wsaOf(const Use& use, int error) {
  if (error == sys::errors.pipe && use.row()) {
    if (use.has(kShutSend)) return kWsaShutdown;
    return use.has(kConnected) ? kWsaReset : kWsaNotConnected;
  }
  return sys::toWsa(error);
}

int wsaOf(Woken woken) {
  switch (woken) {
    case Woken::timedOut: return kWsaTimedOut;
    case Woken::failed: return kWsaInvalid;
    default: return kWsaInterrupted;
  }
}

bool isWithoutPort(const Use& use) {
  const int family = use.family();
  if ((family != AF_INET && family != AF_INET6) || use.isStream()) return false;
  sockaddr_storage name{};
  int length = sizeof name;
  if (sys::localName(use.s(), &name, &length).value < 0) return false;
  // The port lies at one place in both families' names.
  sockaddr_in internet;
  std::memcpy(&internet, &name, sizeof internet);
  return internet.sin_port == 0;
}

void noteSocketError(const Use& use, int error) {
  if (!use.has(kConnecting)) return;
  sockaddr_storage name;
  int length = sizeof name;
  const bool isConnected = error == sys::errors.reset || (error == 0 && sys::peerName(use.s(), &name, &length).value >= 0);
  if (isConnected) noteTraffic(use.row());
}

bool exportAll(napi_env env, napi_value exports, EnvState* state, const Export* list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    napi_value function;
    if (napi_create_function(env, list[i].name, NAPI_AUTO_LENGTH, list[i].function, state, &function) != napi_ok ||
        napi_set_named_property(env, exports, list[i].name, function) != napi_ok) {
      return false;
    }
  }
  return true;
}

}  // namespace netloom
