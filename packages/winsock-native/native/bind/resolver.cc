// The resolver's functions: a question, what has been answered, and "never mind". Opened by the first question.
#include "../resolver/resolver.h"

#include <cstring>
#include <iterator>
#include <new>

#include "calls.h"

namespace netloom {

namespace {

// Room for an address of either family, see resolverTake.
constexpr size_t kAddressRoom = sizeof(sockaddr_in6);

// The descriptor that tells of answers: in a row that nobody owns yet, for the Socket that will watch it.
napi_value resolverOpen(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  Resolver* resolver = call.table().resolver();
  if (!resolver) return call.refuse(sys::errors.noMemory);
  Inbox& inbox = call.state().inbox;
  if (inbox.waker.readEnd != INVALID_SOCKET) return call.refuse(sys::errors.exists);
  const std::shared_lock<std::shared_mutex> birth(call.table().births);
  const sys::Result opened = sys::openWaker(&inbox.waker);
  if (opened.value < 0) return call.refuse(opened.error);
  if (!call.table().add(inbox.waker.readEnd, call.state().number, kNumberUntold, 0, 0)) {
    sys::closeWaker(&inbox.waker);
    return call.refuse(sys::errors.tooManyOpen);
  }
  call.state().resolver = resolver;
  return call.give(static_cast<int64_t>(inbox.waker.readEnd));
}

template <size_t N>
bool copyText(const Bytes& text, char (&into)[N]) {
  if (!text.isView || text.length >= N) return false;
  std::memcpy(into, text.data, text.length);
  into[text.length] = '\0';
  return true;
}

napi_value begin(const Call& call, LookUp* asked) {
  EnvState& state = call.state();
  asked->inbox = &state.inbox;
  asked->id = ++state.lookUps ? state.lookUps : ++state.lookUps;  // 0 is none
  const uint32_t id = asked->id;
  const int error = state.resolver->start(asked);
  return error ? call.refuse(error) : call.give(id);
}

napi_value resolverAddresses(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.state().resolver) return call.refuse(sys::errors.invalid);
  auto* asked = new (std::nothrow) LookUp();
  if (!asked) return call.refuse(sys::errors.noMemory);
  if (!copyText(call.bytes(0), asked->host) || !copyText(call.bytes(1), asked->service)) {
    delete asked;
    return call.refuse(sys::errors.tooLong);
  }
  asked->hints.ai_family = call.int32(2);
  asked->hints.ai_flags = call.int32(3);
  // One of each address, and not one for each type of socket.
  asked->hints.ai_socktype = SOCK_STREAM;
  return begin(call, asked);
}

napi_value resolverNames(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.state().resolver) return call.refuse(sys::errors.invalid);
  const Bytes name = call.bytes(0);
  if (!name.isView || name.length > sizeof(sockaddr_storage)) return call.refuse(sys::errors.fault);
  auto* asked = new (std::nothrow) LookUp();
  if (!asked) return call.refuse(sys::errors.noMemory);
  asked->kind = LookUp::Kind::names;
  std::memcpy(&asked->name, name.data, name.length);
  asked->nameLength = static_cast<int>(name.length);
  asked->flags = call.int32(1);
  return begin(call, asked);
}

napi_value textOf(napi_env env, const char* text) {
  napi_value value;
  return napi_create_string_utf8(env, text ? text : "", NAPI_AUTO_LENGTH, &value) == napi_ok ? value : nullptr;
}

// The addresses behind each other, each with the room of the larger family; others than the two are left out.
napi_value addressesOf(napi_env env, const addrinfo* found) {
  size_t count = 0;
  for (const addrinfo* at = found; at; at = at->ai_next) count += at->ai_addrlen <= kAddressRoom ? 1 : 0;
  void* data = nullptr;
  napi_value buffer;
  napi_value view;
  if (napi_create_arraybuffer(env, count * kAddressRoom, &data, &buffer) != napi_ok) return nullptr;
  auto* room = static_cast<uint8_t*>(data);
  for (const addrinfo* at = found; at; at = at->ai_next) {
    if (at->ai_addrlen > kAddressRoom) continue;
    std::memcpy(room, at->ai_addr, at->ai_addrlen);
    room += kAddressRoom;
  }
  const bool isMade = napi_create_typedarray(env, napi_uint8_array, count * kAddressRoom, buffer, 0, &view) == napi_ok;
  return isMade ? view : nullptr;
}

// The next answer: [id, code, host or canonical name, service, addresses]; undefined where there is none.
napi_value resolverTake(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.state().resolver) return nullptr;
  // Before looking: what comes afterwards wakes again.
  sys::drainWaker(call.state().inbox.waker);
  LookUp* answer = call.state().resolver->take(&call.state().inbox);
  if (!answer) return nullptr;
  const bool areNames = answer->kind == LookUp::Kind::names;
  const char* host = areNames ? answer->host : answer->found ? answer->found->ai_canonname : nullptr;
  napi_value parts[] = {call.give(answer->id), call.give(answer->code), textOf(env, host),
                        textOf(env, areNames ? answer->service : nullptr), addressesOf(env, answer->found)};
  delete answer;
  napi_value list;
  if (napi_create_array_with_length(env, std::size(parts), &list) != napi_ok) return nullptr;
  for (uint32_t at = 0; at < std::size(parts); at++) {
    if (!parts[at] || napi_set_element(env, list, at, parts[at]) != napi_ok) return nullptr;
  }
  return list;
}

napi_value resolverCancel(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (call.state().resolver) call.state().resolver->cancel(&call.state().inbox, call.uint32(0));
  return nullptr;
}

constexpr Export kFunctions[] = {{"resolverOpen", resolverOpen},
                                 {"resolverAddresses", resolverAddresses},
                                 {"resolverNames", resolverNames},
                                 {"resolverTake", resolverTake},
                                 {"resolverCancel", resolverCancel}};

}  // namespace

bool bindResolver(napi_env env, napi_value exports, EnvState* state) {
  return exportAll(env, exports, state, kFunctions);
}

}  // namespace netloom
