// An array of views as the pieces of one call that gathers or scatters.
#pragma once

#include "calls.h"

namespace netloom {

class Pieces {
 public:
  // Reads views; `lengths`, where given, says how many bytes of each. False where one is no view or has fewer bytes.
  // What is beyond kMostPieces is left out.
  bool read(napi_env env, napi_value views, const double* lengths);

  // Takes what was moved off the front.
  void drop(size_t moved);

  // Whether all has moved: what is left has no bytes.
  bool isDone() const { return first_ == count_; }

  sys::Piece* data() { return list_ + first_; }
  size_t count() const { return count_ - first_; }

 private:
  // On the stack of the call, and only as much of it touched as there are pieces.
  sys::Piece list_[sys::kMostPieces];
  size_t first_ = 0;
  size_t count_ = 0;
};

// How many elements an array has; 0 where it is none.
uint32_t lengthOf(napi_env env, napi_value array);

}  // namespace netloom
