// See fake-node.h. Signatures are node_api.h's and libuv's; what the addon never asks for is left out.
#include "fake-node.h"

#include <poll.h>

#include <algorithm>

#include "bind/calls.h"

using fake::Value;

napi_env__::napi_env__() {
  netloom::EnvState* state = netloom::EnvState::create(this);
  Value exports;
  if (!state || !netloom::bindLifecycle(this, &exports, state) || !netloom::bindStreams(this, &exports, state) ||
      !netloom::bindNames(this, &exports, state) || !netloom::bindOptions(this, &exports, state) ||
      !netloom::bindWait(this, &exports, state) || !netloom::bindOwned(this, &exports, state) ||
      !netloom::bindTransfer(this, &exports, state) || !netloom::bindReactor(this, &exports, state)) {
    std::abort();
  }
}

napi_env__::~napi_env__() {
  // The hook's handle is this environment itself, which is all that napi_remove_async_cleanup_hook needs.
  hook(reinterpret_cast<napi_async_cleanup_hook_handle>(this), hookData);
  while (!isHookRemoved) turn();
  for (napi_threadsafe_function__& each : threadSafe) each.end();
  finalizer(this, instanceData, nullptr);
}

int64_t napi_env__::call(const char* name, std::initializer_list<Value> list) {
  values_.clear();
  const std::vector<Value> given(list);
  const Value& function = functions.at(name);
  arguments = &given;
  functionData = function.data;
  const napi_value result = function.function(this, nullptr);
  return result ? result->number : 0;
}

void napi_env__::turn() {
  values_.clear();
  const std::vector<fake::Poll*> now = polls;
  for (fake::Poll* each : now) {
    pollfd item = {each->fd, POLLIN, 0};
    if (each->isActive && ::poll(&item, 1, 0) > 0) each->ready(each, 0, 1);
  }
  threadSafe.remove_if([](napi_threadsafe_function__& each) { return !each.turn(); });
  const auto ended = std::move(closing);
  closing.clear();
  for (const auto& [handle, callback] : ended) callback(handle);
}

bool napi_threadsafe_function__::turn() {
  std::deque<void*> now;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (!isClosing) now.swap(asked);
  }
  for (void* each : now) callJs(env, nullptr, context, each);
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (!isClosing && (threads > 0 || !asked.empty())) return true;
  }
  end();
  return false;
}

void napi_threadsafe_function__::end() {
  std::deque<void*> now;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    isClosing = true;
    now.swap(asked);
  }
  finalizer(env, data, context);
  // In this order in Node too: the context may be gone.
  for (void* each : now) callJs(nullptr, nullptr, context, each);
}

uint32_t napi_env__::number() const { return static_cast<netloom::EnvState*>(instanceData)->number; }

extern "C" {

// --- values
napi_status napi_get_cb_info(napi_env env, napi_callback_info, size_t* count, napi_value* argv, napi_value*, void** data) {
  for (size_t i = 0; i < *count; i++) {
    argv[i] = env->make(i < env->arguments->size() ? (*env->arguments)[i] : Value{});
  }
  *count = env->arguments->size();
  *data = env->functionData;
  return napi_ok;
}

#define READ(NAME, TYPE)                                              \
  napi_status NAME(napi_env, napi_value value, TYPE* result) {        \
    if (value->kind != Value::Kind::number) return napi_number_expected; \
    *result = static_cast<TYPE>(value->number);                       \
    return napi_ok;                                                   \
  }
READ(napi_get_value_int64, int64_t)
READ(napi_get_value_int32, int32_t)
READ(napi_get_value_uint32, uint32_t)
READ(napi_get_value_double, double)
#undef READ

napi_status napi_get_value_bool(napi_env, napi_value value, bool* result) {
  *result = value->number != 0;
  return napi_ok;
}
napi_status napi_typeof(napi_env, napi_value value, napi_valuetype* result) {
  const auto kind = value->kind;
  *result = kind == Value::Kind::undefined ? napi_undefined : kind == Value::Kind::null ? napi_null : napi_object;
  return napi_ok;
}
napi_status napi_create_int64(napi_env env, int64_t value, napi_value* result) {
  *result = env->make(fake::number(value));
  return napi_ok;
}
napi_status napi_create_int32(napi_env env, int32_t value, napi_value* result) {
  *result = env->make(fake::number(value));
  return napi_ok;
}
napi_status napi_create_object(napi_env env, napi_value* result) {
  *result = env->make({});
  return napi_ok;
}
napi_status napi_create_string_utf8(napi_env env, const char*, size_t, napi_value* result) {
  *result = env->make({});
  return napi_ok;
}
napi_status napi_get_boolean(napi_env env, bool value, napi_value* result) {
  *result = env->make(fake::number(value ? 1 : 0));
  return napi_ok;
}
napi_status napi_get_undefined(napi_env env, napi_value* result) {
  *result = env->make({});
  return napi_ok;
}
napi_status napi_strict_equals(napi_env, napi_value, napi_value, bool* result) {
  *result = true;
  return napi_ok;
}
napi_status napi_get_typedarray_info(napi_env env, napi_value value, napi_typedarray_type* type, size_t* length, void** data,
                                     napi_value* buffer, size_t*) {
  if (value->kind != Value::Kind::view) return napi_invalid_arg;
  if (type) *type = value->type;
  if (length) *length = value->length;
  if (data) *data = value->data;
  if (buffer) *buffer = env->make({});
  return napi_ok;
}
napi_status napi_get_dataview_info(napi_env, napi_value, size_t*, void**, napi_value*, size_t*) { return napi_invalid_arg; }
napi_status napi_is_detached_arraybuffer(napi_env, napi_value, bool* result) {
  *result = false;
  return napi_ok;
}
napi_status napi_create_arraybuffer(napi_env env, size_t length, void** data, napi_value* result) {
  env->buffers.emplace_back(length);
  *data = env->buffers.back().data();
  *result = env->make(fake::view(*data, length));
  return napi_ok;
}
napi_status napi_create_typedarray(napi_env env, napi_typedarray_type type, size_t length, napi_value buffer, size_t,
                                   napi_value* result) {
  *result = env->make(fake::view(buffer->data, length, type));
  if (type == napi_int32_array) env->batch = static_cast<const int32_t*>(buffer->data);
  return napi_ok;
}

// No calls of arrays are made here: an array is the message calls' argument, and these are not played.
napi_status napi_get_array_length(napi_env, napi_value, uint32_t*) { return napi_array_expected; }
napi_status napi_get_element(napi_env, napi_value, uint32_t, napi_value*) { return napi_array_expected; }
napi_status napi_set_element(napi_env, napi_value, uint32_t, napi_value) { return napi_ok; }
napi_status napi_create_array_with_length(napi_env env, size_t, napi_value* result) {
  *result = env->make({});
  return napi_ok;
}

// --- functions, references and scopes
napi_status napi_create_function(napi_env env, const char*, size_t, napi_callback function, void* data, napi_value* result) {
  *result = env->make({Value::Kind::function, 0, data, 0, napi_uint8_array, function});
  return napi_ok;
}
napi_status napi_set_named_property(napi_env env, napi_value, const char* name, napi_value value) {
  if (value->kind == Value::Kind::function) env->functions[name] = *value;
  return napi_ok;
}
napi_status napi_call_function(napi_env env, napi_value, napi_value, size_t, const napi_value* argv, napi_value*) {
  env->deliver(static_cast<int32_t>(argv[0]->number));
  return napi_ok;
}
napi_status napi_create_reference(napi_env, napi_value, uint32_t, napi_ref* result) {
  *result = nullptr;
  return napi_ok;
}
napi_status napi_get_reference_value(napi_env env, napi_ref, napi_value* result) {
  *result = env->make({});
  return napi_ok;
}
napi_status napi_delete_reference(napi_env, napi_ref) { return napi_ok; }
napi_status napi_open_handle_scope(napi_env, napi_handle_scope*) { return napi_ok; }
napi_status napi_close_handle_scope(napi_env, napi_handle_scope) { return napi_ok; }
napi_status napi_open_callback_scope(napi_env, napi_value, napi_async_context, napi_callback_scope*) { return napi_ok; }
napi_status napi_close_callback_scope(napi_env, napi_callback_scope) { return napi_ok; }
napi_status napi_async_init(napi_env, napi_value, napi_value, napi_async_context*) { return napi_ok; }
napi_status napi_async_destroy(napi_env, napi_async_context) { return napi_ok; }
napi_status napi_get_and_clear_last_exception(napi_env, napi_value*) { return napi_generic_failure; }
napi_status napi_fatal_exception(napi_env, napi_value) { return napi_generic_failure; }

// --- the environment
napi_status napi_set_instance_data(napi_env env, void* data, napi_finalize finalizer, void*) {
  env->instanceData = data;
  env->finalizer = finalizer;
  return napi_ok;
}
napi_status napi_add_async_cleanup_hook(napi_env env, napi_async_cleanup_hook hook, void* data,
                                        napi_async_cleanup_hook_handle*) {
  env->hook = hook;
  env->hookData = data;
  return napi_ok;
}
napi_status napi_remove_async_cleanup_hook(napi_async_cleanup_hook_handle hook) {
  reinterpret_cast<napi_env__*>(hook)->isHookRemoved = true;
  return napi_ok;
}
// --- what runtimes without libuv's loop are asked; this one is not Deno
napi_status napi_get_global(napi_env env, napi_value* result) {
  *result = env->make({});
  return napi_ok;
}
napi_status napi_has_named_property(napi_env, napi_value, const char*, bool* result) {
  *result = false;
  return napi_ok;
}
napi_status napi_add_env_cleanup_hook(napi_env, void (*)(void*), void*) { return napi_generic_failure; }
napi_status napi_create_threadsafe_function(napi_env env, napi_value, napi_value, napi_value, size_t, size_t threads,
                                            void* data, napi_finalize finalizer, void* context,
                                            napi_threadsafe_function_call_js callJs, napi_threadsafe_function* result) {
  env->threadSafe.emplace_back(env, data, finalizer, context, callJs, threads);
  *result = &env->threadSafe.back();
  return napi_ok;
}
napi_status napi_call_threadsafe_function(napi_threadsafe_function function, void* data,
                                          napi_threadsafe_function_call_mode) {
  const std::lock_guard<std::mutex> lock(function->mutex);
  if (function->isClosing) {
    function->threads--;
    return napi_closing;
  }
  function->asked.push_back(data);
  return napi_ok;
}
napi_status napi_ref_threadsafe_function(napi_env, napi_threadsafe_function) { return napi_ok; }
napi_status napi_unref_threadsafe_function(napi_env, napi_threadsafe_function) { return napi_ok; }
napi_status napi_release_threadsafe_function(napi_threadsafe_function function, napi_threadsafe_function_release_mode mode) {
  const std::lock_guard<std::mutex> lock(function->mutex);
  function->threads--;
  if (mode == napi_tsfn_abort) function->isClosing = true;
  return napi_ok;
}

napi_status napi_get_uv_event_loop(napi_env env, uv_loop_s** loop) {
  *loop = reinterpret_cast<uv_loop_s*>(env);
  return napi_ok;
}

// --- libuv, which the addon looks up by name
size_t uv_handle_size(int) { return sizeof(fake::Poll); }
int uv_poll_init(void* loop, void* handle, int fd) {
  auto* env = static_cast<napi_env__*>(loop);
  auto* poll = static_cast<fake::Poll*>(handle);
  *poll = {env, fd, false, nullptr};
  env->polls.push_back(poll);
  return 0;
}
int uv_poll_start(void* handle, int, void (*ready)(void*, int, int)) {
  auto* poll = static_cast<fake::Poll*>(handle);
  poll->ready = ready;
  poll->isActive = true;
  return 0;
}
int uv_poll_stop(void* handle) {
  static_cast<fake::Poll*>(handle)->isActive = false;
  return 0;
}
void uv_ref(void*) {}
void uv_unref(void*) {}
void uv_close(void* handle, void (*closed)(void*)) {
  auto* poll = static_cast<fake::Poll*>(handle);
  napi_env__* env = poll->env;
  env->polls.erase(std::find(env->polls.begin(), env->polls.end(), poll));
  env->closing.emplace_back(handle, closed);
}

}  // extern "C"
