// The numbers that this system's headers give to the names in constants.def, as one frozen object.
#include <napi.h>

#include "bind/calls.h"

namespace netloom {

bool bindConstants(napi_env env, napi_value exports) {
  Napi::Object constants = Napi::Object::New(env);
#define NETLOOM_CONSTANT(X) constants.Set(#X, Napi::Number::New(env, static_cast<double>(X)));
#include "constants.def"
#undef NETLOOM_CONSTANT
  constants.Freeze();
  return Napi::Object(env, exports).Set("constants", constants);
}

}  // namespace netloom
