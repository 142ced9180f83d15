// The queue and its threads. See resolver.h.
#include "resolver.h"

#include <new>

namespace netloom {

void LookUpList::add(LookUp* one) noexcept {
  one->next = nullptr;
  (last_ ? last_->next : first_) = one;
  last_ = one;
}

LookUp* LookUpList::take() noexcept {
  LookUp* one = first_;
  if (one) remove(one);
  return one;
}

bool LookUpList::remove(const LookUp* one) noexcept {
  LookUp* before = nullptr;
  for (LookUp* at = first_; at; before = at, at = at->next) {
    if (at != one) continue;
    (before ? before->next : first_) = at->next;
    if (last_ == at) last_ = before;
    return true;
  }
  return false;
}

LookUp* LookUpList::find(const Inbox* inbox, uint32_t id) const noexcept {
  for (LookUp* at = first_; at; at = at->next) {
    if (at->inbox == inbox && (id == 0 || at->id == id)) return at;
  }
  return nullptr;
}

Resolver* Resolver::create() noexcept { return new (std::nothrow) Resolver(); }

void Resolver::release() noexcept {
  bool isLast;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    isLast = --uses_ == 0;
  }
  if (isLast) delete this;
}

int Resolver::start(LookUp* asked) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  queue_.add(asked);
  // Each thread goes on until the queue is empty: with as many as allowed, one of them will come to it.
  if (threads_ == kMaxThreads) return 0;
  const sys::Result started = sys::startThread(run, this);
  if (started.value >= 0) {
    threads_++;
    uses_++;
    return 0;
  }
  if (threads_ > 0) return 0;
  queue_.remove(asked);
  delete asked;
  return started.error;
}

void Resolver::cancel(const Inbox* inbox, uint32_t id) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  drop(inbox, id);
}

LookUp* Resolver::take(Inbox* inbox) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  return inbox->answers.take();
}

void Resolver::detach(Inbox* inbox) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  while (drop(inbox, 0)) continue;
  while (LookUp* answer = inbox->answers.take()) delete answer;
}

// One that waits is deleted, one that is worked on by its thread. False where there is none.
bool Resolver::drop(const Inbox* inbox, uint32_t id) noexcept {
  if (LookUp* waiting = queue_.find(inbox, id)) {
    queue_.remove(waiting);
    delete waiting;
    return true;
  }
  LookUp* worked = working_.find(inbox, id);
  if (worked) worked->inbox = nullptr;
  return worked != nullptr;
}

void Resolver::run(void* self) noexcept {
  // SAFETY: as given in start(); a use was counted for this thread.
  auto* resolver = static_cast<Resolver*>(self);
  resolver->work();
  resolver->release();
}

void Resolver::work() noexcept {
  std::unique_lock<std::mutex> lock(mutex_);
  for (LookUp* one = queue_.take(); one; one = queue_.take()) {
    working_.add(one);
    lock.unlock();
    if (one->kind == LookUp::Kind::addresses) {
      one->code = sys::getAddresses(one->host, one->service, one->hints, &one->found);
    } else {
      one->code = sys::getNames(&one->name, one->nameLength, one->host, one->service, one->flags);
    }
    lock.lock();
    working_.remove(one);
    if (Inbox* inbox = one->inbox) {
      inbox->answers.add(one);
      sys::wake(inbox->waker);
    } else {
      delete one;
    }
  }
  // Under the lock that found the queue empty: who asks next counts on no thread that ends.
  threads_--;
}

}  // namespace netloom
