// All state of one JavaScript environment (the main thread's or a worker's), and its end.
//
// Every exported function gets a pointer to it as its data, so that no lookup is needed. It hangs on the environment's
// instance data; the cleanup hook closes what the environment still owns, and its reactor.
#pragma once

#include <node_api.h>

#include <memory>

#include "process-table.h"
#include "reactor/reactor.h"
#include "resolver/resolver.h"

namespace netloom {

class EnvState {
 public:
  // Makes the state, hangs it on the environment and arms the cleanup hook. Null when Node refuses or memory is out.
  static EnvState* create(napi_env env);

  ~EnvState();
  EnvState(const EnvState&) = delete;
  EnvState& operator=(const EnvState&) = delete;

  // Whether the environment is being ended (a worker terminated, process.exit elsewhere): no JavaScript can run any more.
  bool isEnding() const;

  // What wakes this thread in a blocking call; null where no descriptor could be opened (then only the slices end a wait).
  const sys::Waker* waker();

  napi_env const env;
  ProcessTable& table;
  const uint32_t number;
  int lastError = 0;
  std::unique_ptr<Reactor> reactor;  // opened by the first watch
  Resolver* resolver = nullptr;      // the process's; set by the first look-up, which opens the inbox
  Inbox inbox;
  uint32_t lookUps = 0;  // how many were begun: the latest one's number

 private:
  EnvState(napi_env env, ProcessTable& table);
  void endLookUps();
  static void onCleanup(napi_async_cleanup_hook_handle hook, void* self);
  static void onPlainCleanup(void* self);
  static void onFinalize(napi_env env, void* self, void* hint);

  sys::Waker waker_;
};

}  // namespace netloom
