// One call into JavaScript per batch. See delivery.h.
#include "delivery.h"

#include "../env-state.h"

namespace netloom {

bool Delivery::make(napi_value deliver) {
  napi_env env = state_.env;
  napi_value buffer;
  napi_value array;
  napi_value name;
  void* memory = nullptr;
  constexpr size_t kCells = size_t{kBatchEvents} * 2;
  if (napi_create_arraybuffer(env, kCells * sizeof(int32_t), &memory, &buffer) != napi_ok ||
      napi_create_typedarray(env, napi_int32_array, kCells, buffer, 0, &array) != napi_ok ||
      napi_create_reference(env, array, 1, &batchRef_) != napi_ok ||
      napi_create_reference(env, deliver, 1, &deliverRef_) != napi_ok ||
      napi_create_string_utf8(env, "netloom.reactor", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_async_init(env, nullptr, name, &asyncContext_) != napi_ok) {
    return false;
  }
  // SAFETY: kept alive by batchRef_; our own JavaScript never transfers it.
  pairs_ = static_cast<int32_t*>(memory);
  return true;
}

void Delivery::drop() {
  if (batchRef_) napi_delete_reference(state_.env, batchRef_);
  if (deliverRef_) napi_delete_reference(state_.env, deliverRef_);
  end();
}

void Delivery::end() {
  if (asyncContext_) napi_async_destroy(state_.env, asyncContext_);
  asyncContext_ = nullptr;
}

napi_value Delivery::batch() {
  napi_value array = nullptr;
  napi_get_reference_value(state_.env, batchRef_, &array);
  return array;
}

void Delivery::deliver(int count) {
  napi_handle_scope handles;
  if (napi_open_handle_scope(state_.env, &handles) != napi_ok) return;
  callBack(count);
  napi_close_handle_scope(state_.env, handles);
}

void Delivery::callBack(int count) {
  napi_env env = state_.env;
  napi_value function;
  napi_value undefined;
  napi_value argument;
  if (state_.isEnding() || napi_get_reference_value(env, deliverRef_, &function) != napi_ok ||
      napi_get_undefined(env, &undefined) != napi_ok || napi_create_int32(env, count, &argument) != napi_ok) {
    return;
  }
  // A callback scope and a call, not napi_make_callback: an exception must be reported while the scope is open, because
  // outside of it no context is entered and napi_fatal_exception would abort.
  napi_callback_scope scope;
  if (napi_open_callback_scope(env, function, asyncContext_, &scope) != napi_ok) return;
  if (napi_call_function(env, undefined, function, 1, &argument, nullptr) == napi_pending_exception) {
    napi_value error;
    const bool isOurs = napi_get_and_clear_last_exception(env, &error) == napi_ok && !state_.isEnding();
    if (isOurs) napi_fatal_exception(env, error);
  }
  napi_close_callback_scope(env, scope);
}

}  // namespace netloom
