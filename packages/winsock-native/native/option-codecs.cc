// Structures of socket options: a JavaScript object to the compiler's own struct, and back.
//
// `optionCodecs.<structure>.pack(object)` gives bytes for setsockopt, `.unpack(view)` reads what getsockopt wrote. A field
// that is no number is 0: what an object must hold is checked in src/option-table.ts.
#include <cstring>

#include "bind/calls.h"

namespace netloom {

namespace {

double field(const Call& call, const char* name) {
  napi_value found;
  double value = 0;
  if (napi_get_named_property(call.env, call.value(0), name, &found) == napi_ok) {
    napi_get_value_double(call.env, found, &value);
  }
  return value;
}

void setField(const Call& call, napi_value object, const char* name, double number) {
  napi_value value;
  if (napi_create_double(call.env, number, &value) == napi_ok) napi_set_named_property(call.env, object, name, value);
}

// A null answer is undefined in JavaScript; only an environment that is ending or out of memory sees one.
template <typename Struct>
napi_value bytesFrom(const Call& call, const Struct& value) {
  napi_value buffer;
  napi_value bytes = nullptr;
  void* memory = nullptr;
  if (napi_create_arraybuffer(call.env, sizeof value, &memory, &buffer) != napi_ok) return nullptr;
  std::memcpy(memory, &value, sizeof value);
  napi_create_typedarray(call.env, napi_uint8_array, sizeof value, buffer, 0, &bytes);
  return bytes;
}

// What the view holds; bytes that it lacks are 0.
template <typename Struct>
Struct structFrom(const Call& call) {
  Struct value{};
  const Bytes bytes = call.bytes(0);
  if (bytes.isView) std::memcpy(&value, bytes.data, bytes.length < sizeof value ? bytes.length : sizeof value);
  return value;
}

napi_value packLinger(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  linger value{};
  value.l_onoff = static_cast<decltype(value.l_onoff)>(field(call, "l_onoff"));
  value.l_linger = static_cast<decltype(value.l_linger)>(field(call, "l_linger"));
  return bytesFrom(call, value);
}

napi_value unpackLinger(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const auto value = structFrom<linger>(call);
  napi_value object;
  if (napi_create_object(env, &object) != napi_ok) return nullptr;
  setField(call, object, "l_onoff", value.l_onoff);
  setField(call, object, "l_linger", value.l_linger);
  return object;
}

napi_value packTimeval(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  timeval value{};
  value.tv_sec = static_cast<decltype(value.tv_sec)>(field(call, "tv_sec"));
  value.tv_usec = static_cast<decltype(value.tv_usec)>(field(call, "tv_usec"));
  return bytesFrom(call, value);
}

napi_value unpackTimeval(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const auto value = structFrom<timeval>(call);
  napi_value object;
  if (napi_create_object(env, &object) != napi_ok) return nullptr;
  setField(call, object, "tv_sec", static_cast<double>(value.tv_sec));
  setField(call, object, "tv_usec", static_cast<double>(value.tv_usec));
  return object;
}

bool setCodec(napi_env env, napi_value codecs, const char* name, EnvState* state, Function pack, Function unpack) {
  const Export pair[] = {{"pack", pack}, {"unpack", unpack}};
  napi_value codec;
  return napi_create_object(env, &codec) == napi_ok && exportAll(env, codec, state, pair) &&
         napi_set_named_property(env, codecs, name, codec) == napi_ok;
}

}  // namespace

bool bindOptionCodecs(napi_env env, napi_value exports, EnvState* state) {
  napi_value codecs;
  return napi_create_object(env, &codecs) == napi_ok &&
         setCodec(env, codecs, "linger", state, packLinger, unpackLinger) &&
         setCodec(env, codecs, "timeval", state, packTimeval, unpackTimeval) &&
         napi_set_named_property(env, exports, "optionCodecs", codecs) == napi_ok;
}

}  // namespace netloom
