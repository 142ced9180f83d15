// Word that a descriptor can be read, where the runtime has Node-API but no event loop of libuv's (Bun, Deno): a thread that
// sleeps in poll(2), and a thread-safe function that brings it to JavaScript's thread. Unix only.
#pragma once

#include <node_api.h>
#include <pthread.h>

#include <atomic>

#include "../sys/sys.h"

namespace netloom {

class ReadyThread {
 public:
  using Callback = void (*)(void* owner);

  ReadyThread() = default;
  ~ReadyThread() { stop(); }
  ReadyThread(const ReadyThread&) = delete;
  ReadyThread& operator=(const ReadyThread&) = delete;

  // Calls `callback(owner)` on the environment's thread whenever `fd` can be read: once, and again while it still can be
  // after the call. 0 or the system's error number.
  int start(napi_env env, SOCKET fd, Callback callback, void* owner);

  bool isRunning() const { return link_ != nullptr; }

  // Whether it keeps the environment alive; at first it does not.
  void setRef(bool isWaiting);

  // Ends the thread; no call comes after it. On the environment's thread.
  void stop();

 private:
  // What a call that is still under way finds; lives until the runtime lets the function go.
  struct Link {
    ReadyThread* thread;
  };

  static void* run(void* self);
  static void onCall(napi_env env, napi_value function, void* link, void* data);
  static void onFinalize(napi_env env, void* data, void* link);
  void loop();

  napi_env env_ = nullptr;
  SOCKET fd_ = INVALID_SOCKET;
  Callback callback_ = nullptr;
  void* owner_ = nullptr;
  napi_threadsafe_function function_ = nullptr;
  Link* link_ = nullptr;
  pthread_t thread_{};
  sys::Waker waker_;
  std::atomic<bool> isStopped_{false};
  std::atomic<bool> isAnswered_{true};  // the last word was heard: look again
};

}  // namespace netloom
