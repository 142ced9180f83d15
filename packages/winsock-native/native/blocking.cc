// Interruptible waits. See blocking.h.
#include "blocking.h"

#include <algorithm>
#include <cmath>

namespace netloom {

namespace {

// How long to let pass where the kernel has no event for what is waited for (a full queue of a Unix listener).
constexpr double kRetryMs = 10;

double earlier(double deadline, double other) { return deadline == kForever ? other : std::min(deadline, other); }

}  // namespace

Interruptible::~Interruptible() {
  for (Registration& each : waiters_) state_.table.removeWaiter(each.row, &each.waiter);
  // Nobody can wake any more, so what is in the descriptor now is ours.
  const sys::Waker* waker = waiters_.empty() ? nullptr : state_.waker();
  if (waker && (wasWoken_ || isInterrupted())) sys::drainWaker(*waker);
}

void Interruptible::add(Row* row) {
  waiters_.push_back({row, {state_.waker(), false, nullptr}});
  if (state_.table.addWaiter(row, &waiters_.back().waiter)) return;
  waiters_.pop_back();
  isClosing_ = true;
}

bool Interruptible::isInterrupted() {
  if (isClosing_) return true;
  for (const Registration& each : waiters_) {
    if (state_.table.isInterrupted(each.waiter)) return true;
  }
  return false;
}

Woken Interruptible::wait(sys::PollItem* items, size_t count, double deadline) {
  const sys::Waker* waker = waiters_.empty() ? nullptr : state_.waker();
  if (waker) items[count] = {waker->readEnd, POLLIN, 0};
  size_t total = waker ? count + 1 : count;
  for (;;) {
    if (isInterrupted()) return Woken::interrupted;
    const double left = deadline == kForever ? kSliceMs : deadline - sys::nowMs();
    const double slice = std::ceil(std::clamp(left, 0.0, kSliceMs));
    const sys::Result seen = sys::poll(items, total, static_cast<int>(slice));
    if (seen.value < 0 && seen.error == sys::errors.invalid && total > count && count > 0) {
      // One more than RLIMIT_NOFILE allows: without the waker, an end from outside is seen after a slice.
      total = count;
      continue;
    }
    if (total > count && seen.value > 0 && items[count].revents != 0) {
      wasWoken_ = true;
      if (isInterrupted()) return Woken::interrupted;
      sys::drainWaker(*waker);  // meant for an earlier wait
      if (seen.value == 1) continue;
    }
    if (state_.isEnding()) return Woken::interrupted;
    if (seen.value > 0) return Woken::ready;
    if (seen.value < 0 && seen.error != sys::errors.interrupted) return Woken::failed;
    if (deadline != kForever && sys::nowMs() >= deadline) return Woken::timedOut;
  }
}

Woken Interruptible::pause(double ms) {
  sys::PollItem room[1] = {};
  const Woken woken = wait(room, 0, sys::nowMs() + ms);
  return woken == Woken::timedOut ? Woken::ready : woken;
}

Woken SocketWait::until(short events) {
  begin();
  sys::PollItem items[2] = {{s_, events, 0}, {}};
  // Ready, and yet the call would have waited, and ready still: an error queue keeps POLLERR up, and an unconnected Unix
  // datagram socket is writable whatever the queue of the one it sends to. Without a pause this would spin.
  if (wasReady_ && sys::poll(items, 1, 0).value > 0) return shortly();
  const Woken woken = sleep_.wait(items, 1, deadline_);
  wasReady_ = woken == Woken::ready;
  return woken;
}

Woken SocketWait::shortly() {
  begin();
  if (deadline_ != kForever && sys::nowMs() >= deadline_) return Woken::timedOut;
  const double until = earlier(deadline_, sys::nowMs() + kRetryMs);
  return sleep_.pause(std::max(0.0, until - sys::nowMs()));
}

void SocketWait::begin() {
  if (hasBegun_) return;
  hasBegun_ = true;
  if (row_) {
    sleep_.reserve(1);
    sleep_.add(row_);
  }
  double ms = -1;
  if (sys::timeoutMs(s_, receiving_, &ms).value == 0 && ms >= 0) deadline_ = sys::nowMs() + ms;
}

}  // namespace netloom
