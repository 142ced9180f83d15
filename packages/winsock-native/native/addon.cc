// Module entry: makes the environment's state and puts the functions on the exports. No OS call is made here, and importing
// the addon starts nothing. A worker may be terminated meanwhile: then every call of Node-API says so and the entry returns.
#include "bind/calls.h"

NAPI_MODULE_INIT() {
  using namespace netloom;
  EnvState* state = EnvState::create(env);
  const bool isComplete =
      state && bindConstants(env, exports) && bindLifecycle(env, exports, state) && bindStreams(env, exports, state) &&
      bindMessages(env, exports, state) && bindNames(env, exports, state) && bindOptions(env, exports, state) &&
      bindWait(env, exports, state) && bindOwned(env, exports, state) && bindTransfer(env, exports, state) &&
      bindReactor(env, exports, state) && bindResolver(env, exports, state) &&
      bindOptionCodecs(env, exports, state) && bindLibc(env, exports, state);
  if (!isComplete) {
    napi_throw_error(env, nullptr, "winsock_native: the environment is ending or out of memory");
    return nullptr;
  }
  return exports;
}
