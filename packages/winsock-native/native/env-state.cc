// The life of an environment's state. See env-state.h.
#include "env-state.h"

#include <new>

namespace netloom {

namespace {

bool isDeno(napi_env env) {
  napi_value global;
  bool has = false;
  return napi_get_global(env, &global) == napi_ok && napi_has_named_property(env, global, "Deno", &has) == napi_ok && has;
}

}  // namespace

EnvState* EnvState::create(napi_env env) {
  ProcessTable* table = ProcessTable::acquire();
  if (!table) return nullptr;
  std::unique_ptr<EnvState> state(new (std::nothrow) EnvState(env, *table));
  if (!state) {
    ProcessTable::release(table);
    return nullptr;
  }
  if (napi_set_instance_data(env, state.get(), onFinalize, nullptr) != napi_ok) return nullptr;
  EnvState* owned = state.release();  // from here on Node deletes it, by onFinalize
  // Deno frees an asynchronous hook twice that ends before it returns, as ours does without a reactor; it has no uv handle of
  // ours, so that a plain one will do.
  if (isDeno(env)) return napi_add_env_cleanup_hook(env, onPlainCleanup, owned) == napi_ok ? owned : nullptr;
  // Asynchronous, because a uv handle that is still open when a worker's loop ends aborts the process: uv_close's callback
  // must have run before Node goes on.
  if (napi_add_async_cleanup_hook(env, onCleanup, owned, nullptr) != napi_ok) return nullptr;
  return owned;
}

EnvState::EnvState(napi_env e, ProcessTable& t) : env(e), table(t), number(t.newEnvironmentNumber()) {}

EnvState::~EnvState() { ProcessTable::release(&table); }

bool EnvState::isEnding() const {
  // napi_strict_equals is the cheapest call that Node refuses when no JavaScript can run any more (worker stopped or
  // stopping). Only the status is of interest.
  napi_value undefined;
  bool isEqual = false;
  if (napi_get_undefined(env, &undefined) != napi_ok) return true;
  return napi_strict_equals(env, undefined, undefined, &isEqual) != napi_ok;
}

const sys::Waker* EnvState::waker() {
  if (waker_.readEnd == INVALID_SOCKET && sys::openWaker(&waker_).value < 0) return nullptr;
  return &waker_;
}

// Nobody waits for what is being looked up any more, and the inbox's descriptor goes: its readable end with its row.
void EnvState::endLookUps() {
  if (!resolver) return;
  resolver->detach(&inbox);
  resolver = nullptr;
  if (inbox.waker.readEnd == inbox.waker.writeEnd) inbox.waker.writeEnd = INVALID_SOCKET;
  inbox.waker.readEnd = INVALID_SOCKET;
  sys::closeWaker(&inbox.waker);
}

void EnvState::onCleanup(napi_async_cleanup_hook_handle hook, void* self) {
  // SAFETY: registered with this type in create(); Node deletes the state only after the hook has been removed.
  auto* state = static_cast<EnvState*>(self);
  state->endLookUps();
  state->table.closeAllOf(state->number);
  sys::closeWaker(&state->waker_);
  if (!state->reactor) {
    napi_remove_async_cleanup_hook(hook);
    return;
  }
  // The reactor removes the hook when its handle is closed.
  state->reactor->close(hook);
}

void EnvState::onPlainCleanup(void* self) {
  // SAFETY: as in onCleanup.
  auto* state = static_cast<EnvState*>(self);
  state->endLookUps();
  state->table.closeAllOf(state->number);
  sys::closeWaker(&state->waker_);
  if (state->reactor) state->reactor->close(nullptr);
}

void EnvState::onFinalize(napi_env, void* self, void*) {
  // SAFETY: the pointer that create() released.
  delete static_cast<EnvState*>(self);
}

}  // namespace netloom
