// The thread and its thread-safe function. See ready-thread.h.
#if !defined(_WIN32)

#include "ready-thread.h"

#include <signal.h>

#include <cerrno>
#include <new>

namespace netloom {

int ReadyThread::start(napi_env env, SOCKET fd, Callback callback, void* owner) {
  env_ = env;
  fd_ = fd;
  callback_ = callback;
  owner_ = owner;
  const sys::Result opened = sys::openWaker(&waker_);
  if (opened.value < 0) return opened.error;
  auto* link = new (std::nothrow) Link{this};
  napi_value name;
  // The one that holds the function is the thread: it lets it go when it ends.
  if (!link || napi_create_string_utf8(env, "netloom.reactor", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, link, onFinalize, link, onCall, &function_) !=
          napi_ok) {
    delete link;
    sys::closeWaker(&waker_);
    return ENOSYS;
  }
  napi_unref_threadsafe_function(env, function_);
  // Signals are the affair of the runtime's threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);  // MACOS: a macro
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const int notMade = ::pthread_create(&thread_, nullptr, run, this);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (notMade) {
    link->thread = nullptr;  // deleted by onFinalize
    napi_release_threadsafe_function(function_, napi_tsfn_abort);
    sys::closeWaker(&waker_);
    return notMade;
  }
  link_ = link;
  return 0;
}

void ReadyThread::setRef(bool isWaiting) {
  if (!link_) return;
  if (isWaiting) {
    napi_ref_threadsafe_function(env_, function_);
  } else {
    napi_unref_threadsafe_function(env_, function_);
  }
}

void ReadyThread::stop() {
  if (!link_) return;
  link_->thread = nullptr;
  link_ = nullptr;
  isStopped_ = true;
  sys::wake(waker_);
  ::pthread_join(thread_, nullptr);
  sys::closeWaker(&waker_);
}

void* ReadyThread::run(void* self) {
  static_cast<ReadyThread*>(self)->loop();
  return nullptr;
}

void ReadyThread::loop() {
  while (!isStopped_) {
    // Level-triggered: until the word is heard the descriptor is left out, and the wake-up says when.
    sys::PollItem items[] = {{waker_.readEnd, POLLIN, 0}, {fd_, POLLIN, 0}};
    const bool isAnswered = isAnswered_;
    if (sys::poll(items, isAnswered ? 2 : 1, -1).value < 0) continue;  // a signal
    if (items[0].revents) sys::drainWaker(waker_);
    if (!isAnswered || !items[1].revents || isStopped_) continue;
    isAnswered_ = false;
    // The environment is ending: the function is not ours any more.
    if (napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) == napi_closing) return;
  }
  napi_release_threadsafe_function(function_, napi_tsfn_release);
}

void ReadyThread::onCall(napi_env env, napi_value, void* context, void*) {
  // SAFETY: as given in start(); the link lives as long as the function.
  const auto* link = static_cast<Link*>(context);
  if (!env || !link->thread) return;
  link->thread->callback_(link->thread->owner_);
  ReadyThread* thread = link->thread;  // the callback may have ended it
  if (!thread) return;
  thread->isAnswered_ = true;
  sys::wake(thread->waker_);
}

void ReadyThread::onFinalize(napi_env, void* data, void*) { delete static_cast<Link*>(data); }

}  // namespace netloom

#endif
