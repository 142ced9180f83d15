// Node as the addon sees it, for programs without Node: as much of Node-API and libuv as native/ calls, and no more.
//
// The seam is Node-API's own: everything below it, from bind/ to sys/, is the code that ships. An Environment is a thread's:
// it calls the exported functions by name, turns its event loop by hand, and ends as Node ends one (hook, loop, finalizer).
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

// Node-API leaves these to whoever implements it.
struct napi_value__ {
  enum class Kind { undefined, null, number, boolean, view, function, other } kind = Kind::undefined;
  int64_t number = 0;
  void* data = nullptr;
  size_t length = 0;  // in elements
  napi_typedarray_type type = napi_uint8_array;
  napi_callback function = nullptr;
};

namespace fake {

using Value = napi_value__;

inline Value null() { return {Value::Kind::null, 0, nullptr, 0, napi_uint8_array, nullptr}; }
inline Value number(int64_t value) { return {Value::Kind::number, value, nullptr, 0, napi_uint8_array, nullptr}; }
inline Value view(void* data, size_t length, napi_typedarray_type type = napi_uint8_array) {
  return {Value::Kind::view, 0, data, length, type, nullptr};
}

// A handle of the fake libuv: what uv_poll_t is to the addon.
struct Poll {
  napi_env__* env;
  int fd;
  bool isActive;
  void (*ready)(void* poll, int status, int events);
};

}  // namespace fake

// Any thread asks, the environment's own calls: in turn(), as Node does, and at its end without an environment.
struct napi_threadsafe_function__ {
  napi_threadsafe_function__(napi_env e, void* d, napi_finalize f, void* c, napi_threadsafe_function_call_js call, size_t t)
      : env(e), data(d), finalizer(f), context(c), callJs(call), threads(t) {}

  const napi_env env;
  void* const data;  // the finalizer's
  const napi_finalize finalizer;
  void* const context;
  const napi_threadsafe_function_call_js callJs;
  size_t threads;  // that have it
  std::mutex mutex;
  std::deque<void*> asked;
  bool isClosing = false;

  // Makes the calls that were asked for; false when the last thread has let go and it is over.
  bool turn();
  void end();
};

struct napi_env__ {
  // The state is made and every group of native/bind is exported.
  napi_env__();
  // Ends as Node ends an environment: the hook, the loop until the hook is removed, the finalizer.
  ~napi_env__();
  napi_env__(const napi_env__&) = delete;
  napi_env__& operator=(const napi_env__&) = delete;

  // Calls an exported function; what it returned as a number.
  int64_t call(const char* name, std::initializer_list<fake::Value> arguments);

  // One turn of the event loop.
  void turn();

  // Number of its rows' owner.
  uint32_t number() const;

  // What the reactor calls with the number of pairs in `batch`.
  std::function<void(int32_t count)> deliver;
  const int32_t* batch = nullptr;

  // --- for the functions of Node-API
  napi_value make(fake::Value value) {
    values_.push_back(value);
    return &values_.back();
  }
  const std::vector<fake::Value>* arguments = nullptr;
  void* functionData = nullptr;
  void* instanceData = nullptr;
  napi_finalize finalizer = nullptr;
  napi_async_cleanup_hook hook = nullptr;
  void* hookData = nullptr;
  bool isHookRemoved = false;
  std::unordered_map<std::string, fake::Value> functions;
  std::deque<std::vector<std::byte>> buffers;  // memory of array buffers
  std::vector<fake::Poll*> polls;
  std::vector<std::pair<void*, void (*)(void*)>> closing;
  std::list<napi_threadsafe_function__> threadSafe;

 private:
  std::deque<fake::Value> values_;  // what handle scopes would hold
};
