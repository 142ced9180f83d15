// How a reactor's news crosses into JavaScript: pairs [slot, events] in one Int32Array, one call per batch.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>

namespace netloom {

class EnvState;

// The array and the function of one environment. Lives in the reactor, on the environment's thread.
class Delivery {
 public:
  // Bounds the work of one wake-up; a batch is 8 KiB.
  static constexpr int kBatchEvents = 1024;

  explicit Delivery(EnvState& state) : state_(state) {}
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // Makes array, references and async context; false where Node refuses, then drop() gives back what was made.
  bool make(napi_value deliver);

  // Gives back what make() made, after a start that failed; in the end the environment does it.
  void drop();

  // Ends the async context, when the reactor ends.
  void end();

  napi_value batch();

  // Writes pair `at`; below kBatchEvents.
  void put(int at, uint32_t slot, int32_t events) {
    int32_t* pair = pairs_ + static_cast<std::ptrdiff_t>(at) * 2;
    pair[0] = static_cast<int32_t>(slot);
    pair[1] = events;
  }

  // One call into JavaScript. An exception becomes an uncaughtException; when the environment is ending, silence.
  void deliver(int count);

 private:
  void callBack(int count);

  EnvState& state_;
  napi_ref batchRef_ = nullptr;
  napi_ref deliverRef_ = nullptr;
  napi_async_context asyncContext_ = nullptr;
  int32_t* pairs_ = nullptr;
};

}  // namespace netloom
