// The contract of a reactor: watch, unwatch, deliver a batch. Knows events, not bytes.
//
// One per environment, on that environment's own event loop. What happened is written into an Int32Array as pairs
// [slot, events] and crosses into JavaScript as one call per batch, in a callback scope of its own, so that ticks and
// promise jobs run. A batch is a list of hints: no byte is read here.
#pragma once

#include <node_api.h>

#include <memory>

#include "../process-table.h"

namespace netloom {

class EnvState;

// What a batch says of a slot. Hang-up and error come together with the directions they make ready.
constexpr int32_t kEventRead = 1;
constexpr int32_t kEventWrite = 2;
constexpr int32_t kEventHangup = 4;
constexpr int32_t kEventError = 8;
constexpr int32_t kEventClosed = 16;
// Urgent data lie unread: every event says so until they are passed, and together with read.
constexpr int32_t kEventUrgent = 32;

class Reactor {
 public:
  // Whether add() alone watches nothing, and each wait has to arm its direction.
  static const bool kMustArm;

  // The system's reactor, running; null with `error` set where the host has no event loop to offer or the system refuses.
  // hasLoop: whether the runtime's libuv can be called; some have its functions and end the process in them, or do nothing.
  static std::unique_ptr<Reactor> open(EnvState& state, napi_value deliver, bool hasLoop, int* error);

  virtual ~Reactor() = default;

  // The Int32Array in which deliver() finds its pairs.
  virtual napi_value batch() = 0;

  // Watches a row, edge-triggered: what can be read, and with kEventWrite in `events` also room to write; where kMustArm only
  // what is armed. Between enter and leave. 0 or the system's error number, or libuv's.
  virtual int add(Row* row, SOCKET s, uint32_t generation, uint32_t slot, int32_t events) = 0;

  // Where kMustArm: reports kEventRead or kEventWrite once, as soon as there is something, also if there was before. Elsewhere
  // room to write is reported from now on, also if there was before. 0 or the system's error number.
  virtual int arm(uint32_t slot, uint32_t generation, int32_t events) = 0;

  // Stops watching this life of the number, whether it still lives or not; false where it was not watched. closesNow: the
  // caller, its owner, closes it next, and that may be enough.
  virtual bool remove(Row* row, SOCKET s, uint32_t generation, bool closesNow) = 0;

  // Called from any thread with the table's mutex held, before the number is closed: unwatch, and report kEventClosed.
  virtual void socketCloses(SOCKET s, uint32_t generation, uint32_t slot) = 0;

  // Whether the reactor keeps the event loop alive; at first it does not.
  virtual void setRef(bool isWaiting) = 0;

  // Ends the reactor, and removes the hook once its uv handle is closed. Null where the runtime has no such hook, and no
  // loop either: then all is over on return.
  virtual void close(napi_async_cleanup_hook_handle hook) = 0;
};

}  // namespace netloom
