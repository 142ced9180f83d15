// The reactor's functions. Opened by the first watch: importing the addon starts nothing.
#include "calls.h"

namespace netloom {

namespace {

napi_value reactorOpen(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.state().reactor) {
    int error = 0;
    call.state().reactor = Reactor::open(call.state(), call.value(0), !call.boolean(1), &error);
    if (!call.state().reactor) return call.refuse(error);
  }
  return call.state().reactor->batch();
}

napi_value reactorAdd(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.state().reactor) return call.refuse(sys::errors.invalid);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  return call.refuse(call.state().reactor->add(use.row(), use.s(), use.generation(), call.uint32(2), call.int32(3)));
}

napi_value reactorArm(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.state().reactor) return call.refuse(sys::errors.invalid);
  return call.refuse(call.state().reactor->arm(call.uint32(0), call.uint32(1), call.int32(2)));
}

napi_value reactorRemove(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const SOCKET s = call.handle(0);
  if (!call.state().reactor || s == INVALID_SOCKET) return call.refuse(sys::errors.badHandle);
  Row* row = call.table().find(s);
  const bool wasWatched = call.state().reactor->remove(row, s, call.uint32(1), call.boolean(2));
  return wasWatched ? call.give(0) : call.refuse(sys::errors.badHandle);
}

napi_value reactorRef(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (call.state().reactor) call.state().reactor->setRef(call.boolean(0));
  return nullptr;
}

constexpr Export kFunctions[] = {{"reactorOpen", reactorOpen},
                                 {"reactorAdd", reactorAdd},
                                 {"reactorArm", reactorArm},
                                 {"reactorRemove", reactorRemove},
                                 {"reactorRef", reactorRef}};

}  // namespace

bool bindReactor(napi_env env, napi_value exports, EnvState* state) {
  napi_value mustArm;
  return exportAll(env, exports, state, kFunctions) && napi_get_boolean(env, Reactor::kMustArm, &mustArm) == napi_ok &&
         napi_set_named_property(env, exports, "reactorMustArm", mustArm) == napi_ok;
}

}  // namespace netloom
