// The numbers that this system's headers give to the names in constants.def, as one frozen object.
#include "bind/calls.h"

namespace netloom {

namespace {

struct Constant {
  const char* name;
  double value;
};

const Constant kConstants[] = {
#define NETLOOM_CONSTANT(X) {#X, static_cast<double>(X)},
#include "constants.def"
#undef NETLOOM_CONSTANT
};

}  // namespace

bool bindConstants(napi_env env, napi_value exports) {
  napi_value constants;
  if (napi_create_object(env, &constants) != napi_ok) return false;
  for (const Constant& each : kConstants) {
    napi_value value;
    if (napi_create_double(env, each.value, &value) != napi_ok ||
        napi_set_named_property(env, constants, each.name, value) != napi_ok) {
      return false;
    }
  }
  return napi_object_freeze(env, constants) == napi_ok &&
         napi_set_named_property(env, exports, "constants", constants) == napi_ok;
}

}  // namespace netloom
