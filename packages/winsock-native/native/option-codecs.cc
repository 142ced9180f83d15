// Structures of socket options: a JavaScript object to the compiler's own struct, and back.
//
// `optionCodecs.<structure>.pack(object)` gives bytes for setsockopt, `.unpack(view)` reads what getsockopt wrote. A field
// that is no number is 0: what an object must hold is checked in src/option-table.ts.
#include <napi.h>

#include <cstring>

#include "bind/calls.h"

namespace netloom {

namespace {

double field(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0;
}

template <typename Struct>
Napi::Value bytesFrom(Napi::Env env, const Struct& value) {
  Napi::Uint8Array bytes = Napi::Uint8Array::New(env, sizeof value);
  std::memcpy(bytes.Data(), &value, sizeof value);
  return bytes;
}

// What the view holds; bytes that it lacks are 0.
template <typename Struct>
Struct structFrom(const Napi::CallbackInfo& info) {
  Struct value{};
  const Bytes bytes = bytesOf(info.Env(), info[0]);
  if (bytes.isView) std::memcpy(&value, bytes.data, bytes.length < sizeof value ? bytes.length : sizeof value);
  return value;
}

Napi::Value packLinger(const Napi::CallbackInfo& info) {
  const Napi::Object from = info[0].IsObject() ? info[0].As<Napi::Object>() : Napi::Object::New(info.Env());
  linger value{};
  value.l_onoff = static_cast<decltype(value.l_onoff)>(field(from, "l_onoff"));
  value.l_linger = static_cast<decltype(value.l_linger)>(field(from, "l_linger"));
  return bytesFrom(info.Env(), value);
}

Napi::Value unpackLinger(const Napi::CallbackInfo& info) {
  const linger value = structFrom<linger>(info);
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("l_onoff", Napi::Number::New(info.Env(), value.l_onoff));
  object.Set("l_linger", Napi::Number::New(info.Env(), value.l_linger));
  return object;
}

Napi::Value packTimeval(const Napi::CallbackInfo& info) {
  const Napi::Object from = info[0].IsObject() ? info[0].As<Napi::Object>() : Napi::Object::New(info.Env());
  timeval value{};
  value.tv_sec = static_cast<decltype(value.tv_sec)>(field(from, "tv_sec"));
  value.tv_usec = static_cast<decltype(value.tv_usec)>(field(from, "tv_usec"));
  return bytesFrom(info.Env(), value);
}

Napi::Value unpackTimeval(const Napi::CallbackInfo& info) {
  const timeval value = structFrom<timeval>(info);
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("tv_sec", Napi::Number::New(info.Env(), static_cast<double>(value.tv_sec)));
  object.Set("tv_usec", Napi::Number::New(info.Env(), static_cast<double>(value.tv_usec)));
  return object;
}

Napi::Object codec(Napi::Env env, Napi::Function pack, Napi::Function unpack) {
  Napi::Object pair = Napi::Object::New(env);
  pair.Set("pack", pack);
  pair.Set("unpack", unpack);
  return pair;
}

}  // namespace

bool bindOptionCodecs(napi_env rawEnv, napi_value exports) {
  const Napi::Env env(rawEnv);
  Napi::Object codecs = Napi::Object::New(env);
  codecs.Set("linger", codec(env, Napi::Function::New<packLinger>(env), Napi::Function::New<unpackLinger>(env)));
  codecs.Set("timeval", codec(env, Napi::Function::New<packTimeval>(env), Napi::Function::New<unpackTimeval>(env)));
  return Napi::Object(env, exports).Set("optionCodecs", codecs);
}

}  // namespace netloom
