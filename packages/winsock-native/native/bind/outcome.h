// What the calls that wait and move bytes end with: streams.cc and messages.cc.
#pragma once

#include "../blocking.h"
#include "calls.h"

namespace netloom {

// What a call under a C name ends with.
struct Outcome {
  int64_t value;
  int wsaCode;
};

// A wait that did not end by being ready.
inline Outcome ended(Woken woken, size_t moved) {
  if (moved > 0) return {static_cast<int64_t>(moved), 0};
  return {-1, wsaOf(woken)};
}

// The system said no; what had moved before counts first, and the error is the next call's.
inline Outcome failed(const Use& use, int error, size_t moved) {
  if (moved == 0) return {-1, wsaOf(use, error)};
  if (error != sys::errors.wouldBlock) keepError(use.row(), error);
  return {static_cast<int64_t>(moved), 0};
}

inline napi_value finish(const Call& call, const Outcome& outcome) {
  return outcome.value < 0 ? call.fail(outcome.wsaCode) : call.give(outcome.value);
}

}  // namespace netloom
