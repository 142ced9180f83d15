// The C library's own address functions and structure layouts, for comparison in tests. inet(3), inet_pton(3).
#include <cstddef>
#include <cstring>
#include <string>

#include "../sys/tcp-info.h"
#include "calls.h"

namespace netloom {

namespace {

// Text up to its first NUL byte, as C sees it.
std::string textOf(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return {};
  std::string text(length + 1, '\0');
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  return text;
}

napi_value giveText(napi_env env, const char* text) {
  napi_value result = nullptr;
  if (text) {
    napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result);
  } else {
    napi_get_null(env, &result);
  }
  return result;
}

napi_value ourPton(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Bytes out = call.bytes(2);
  uint8_t address[16];
  const int done = ::inet_pton(call.int32(0), textOf(env, call.value(1)).c_str(), address);
  if (done == 1) {
    const size_t size = call.int32(0) == AF_INET ? 4 : 16;
    std::memcpy(out.data, address, out.length < size ? out.length : size);
  }
  return call.give(done);
}

napi_value ourNtop(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Bytes bytes = call.bytes(1);
  uint8_t address[16] = {};
  if (bytes.isView) std::memcpy(address, bytes.data, bytes.length < 16 ? bytes.length : 16);
  char text[INET6_ADDRSTRLEN];
  return giveText(env, ::inet_ntop(call.int32(0), address, text, sizeof text));
}

napi_value ourAton(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Bytes out = call.bytes(1);
  in_addr address{};
  const int done = sys::inetAton(textOf(env, call.value(0)).c_str(), &address);
  if (done) std::memcpy(out.data, &address, out.length < sizeof address ? out.length : sizeof address);
  return call.give(done);
}

napi_value ourAddr(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  return call.give(static_cast<int64_t>(::inet_addr(textOf(env, call.value(0)).c_str())));
}

napi_value ourNtoa(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Bytes bytes = call.bytes(0);
  in_addr address{};
  if (bytes.isView) std::memcpy(&address, bytes.data, bytes.length < sizeof address ? bytes.length : sizeof address);
  return giveText(env, ::inet_ntoa(address));
}

using Field = sys::FieldOffset;

void setLayout(const Call& call, napi_value layouts, const char* name, const Field* fields, size_t count) {
  napi_value layout;
  if (napi_create_object(call.env, &layout) != napi_ok) return;
  for (size_t i = 0; i < count; i++) {
    if (fields[i].value == sys::kNoOffset) continue;
    napi_set_named_property(call.env, layout, fields[i].name, call.give(static_cast<int64_t>(fields[i].value)));
  }
  napi_set_named_property(call.env, layouts, name, layout);
}

#define FIELD(S, F) {#F, offsetof(S, F)}

constexpr Field kSockaddr[] = {{"size", sizeof(sockaddr)}, FIELD(sockaddr, sa_family), FIELD(sockaddr, sa_data)};
constexpr Field kSockaddrIn[] = {{"size", sizeof(sockaddr_in)},
                                 FIELD(sockaddr_in, sin_family),
                                 FIELD(sockaddr_in, sin_port),
                                 FIELD(sockaddr_in, sin_addr),
                                 FIELD(sockaddr_in, sin_zero)};
constexpr Field kSockaddrIn6[] = {{"size", sizeof(sockaddr_in6)},      FIELD(sockaddr_in6, sin6_family),
                                  FIELD(sockaddr_in6, sin6_port),      FIELD(sockaddr_in6, sin6_flowinfo),
                                  FIELD(sockaddr_in6, sin6_addr),      FIELD(sockaddr_in6, sin6_scope_id)};
constexpr Field kSockaddrUn[] = {{"size", sizeof(sockaddr_un)}, FIELD(sockaddr_un, sun_family),
                                 FIELD(sockaddr_un, sun_path)};
constexpr Field kSockaddrStorage[] = {{"size", sizeof(sockaddr_storage)}, FIELD(sockaddr_storage, ss_family)};
constexpr Field kInAddr[] = {{"size", sizeof(in_addr)}, FIELD(in_addr, s_addr)};
constexpr Field kIn6Addr[] = {{"size", sizeof(in6_addr)}, FIELD(in6_addr, s6_addr)};
constexpr Field kLinger[] = {{"size", sizeof(linger)}, FIELD(linger, l_onoff), FIELD(linger, l_linger)};
constexpr Field kTimeval[] = {{"size", sizeof(timeval)}, FIELD(timeval, tv_sec), FIELD(timeval, tv_usec)};

#undef FIELD

template <size_t N>
void setLayout(const Call& call, napi_value layouts, const char* name, const Field (&fields)[N]) {
  setLayout(call, layouts, name, fields, N);
}

// A getter: made only where a test asks.
napi_value layoutsOf(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  napi_value layouts;
  if (napi_create_object(env, &layouts) != napi_ok) return nullptr;
  setLayout(call, layouts, "sockaddr", kSockaddr);
  setLayout(call, layouts, "sockaddr_in", kSockaddrIn);
  setLayout(call, layouts, "sockaddr_in6", kSockaddrIn6);
  setLayout(call, layouts, "sockaddr_un", kSockaddrUn);
  setLayout(call, layouts, "sockaddr_storage", kSockaddrStorage);
  setLayout(call, layouts, "in_addr", kInAddr);
  setLayout(call, layouts, "in6_addr", kIn6Addr);
  setLayout(call, layouts, "linger", kLinger);
  setLayout(call, layouts, "timeval", kTimeval);
  setLayout(call, layouts, "tcp_info", sys::kTcpInfo, sys::kTcpInfoCount);
  return layouts;
}

constexpr Export kFunctions[] = {{"inet_pton", ourPton}, {"inet_ntop", ourNtop}, {"inet_aton", ourAton},
                                 {"inet_addr", ourAddr}, {"inet_ntoa", ourNtoa}};

}  // namespace

bool bindLibc(napi_env env, napi_value exports, EnvState* state) {
  napi_value libc;
  if (napi_create_object(env, &libc) != napi_ok || !exportAll(env, libc, state, kFunctions)) return false;
  const napi_property_descriptor layouts = {"layouts",       nullptr, nullptr, layoutsOf,
                                            nullptr, nullptr, napi_enumerable, state};
  return napi_define_properties(env, libc, 1, &layouts) == napi_ok &&
         napi_set_named_property(env, exports, "libc", libc) == napi_ok;
}

}  // namespace netloom
