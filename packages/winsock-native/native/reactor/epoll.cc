// The reactor on Linux: one epoll set per environment, watched by one uv_poll on the environment's own loop.
//
// epoll(7): a socket is registered once, edge-triggered; room to write is asked for when somebody first waits for it. The
// kernel's cookie carries the slot and the serial number of the registration, and an event whose slot has another by now is
// dropped. The set itself is level-triggered for
// libuv, so what does not fit into one batch comes with the next turn of the loop. Where the runtime has no loop of libuv's,
// a thread watches the set in its place (ready-thread.h); all else is the same.
#if defined(__linux__) && !defined(NETLOOM_REACTOR_UV_POLL)

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <vector>

#include "../env-state.h"
#include "delivery.h"
#include "reactor.h"
#include "ready-thread.h"
#include "uv-abi.h"

namespace netloom {

namespace {

// The cookie of the reactor's own wake-up descriptor: a serial number is never 0.
constexpr uint64_t kWakeCookie = 0;
// Slots are small numbers that src/reactor.ts hands out densely; more than this is a fault there.
constexpr uint32_t kMaxSlots = 1u << 24;
// A cookie is slot 24, serial number 40. Not the generation, which counts the lives of one number: two sockets that have one
// slot after the other may be in the same life of theirs.
constexpr uint32_t kSerialBits = 40;
constexpr uint64_t kSerials = (1ull << kSerialBits) - 1;

constexpr uint32_t kReadEvents = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET;

class EpollReactor final : public Reactor {
 public:
  EpollReactor(EnvState& state, const uv::Functions& functions)
      : state_(state), uv_(functions), delivery_(state) {}

  ~EpollReactor() override {
    if (set_ >= 0) sys::close(set_);
    sys::closeWaker(&waker_);
  }

  // Opens descriptors and what watches them, which is made last: a uv handle on `loop`, or where that is null a thread. Where
  // it fails, drop() and the destructor undo it.
  int start(napi_value deliver, uv::Loop* loop) {
    set_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (set_ < 0) return errno;
    const sys::Result opened = sys::openWaker(&waker_);
    if (opened.value < 0) return opened.error;
    epoll_event wake{};
    wake.events = EPOLLIN;
    wake.data.u64 = kWakeCookie;
    if (::epoll_ctl(set_, EPOLL_CTL_ADD, waker_.readEnd, &wake) < 0) return errno;

    if (!delivery_.make(deliver)) return EINVAL;
    if (!loop) return thread_.start(state_.env, set_, onWord, this);

    void* memory = std::calloc(1, kHandleOffset + uv_.handleSize(uv::kPollHandle));
    if (!memory) return ENOMEM;
    // SAFETY: the room before the handle is a pointer's, and aligned as calloc aligns.
    *static_cast<EpollReactor**>(memory) = this;
    poll_ = reinterpret_cast<uv::Handle*>(static_cast<char*>(memory) + kHandleOffset);
    const int notMade = uv_.pollInit(loop, poll_, set_);
    if (notMade) {
      std::free(memory);
      poll_ = nullptr;
      return -notMade;
    }
    const int notStarted = uv_.pollStart(poll_, uv::kReadable, onReadable);
    if (notStarted) {
      // The handle outlives this, as libuv wants it.
      uv_.close(poll_, [](uv::Handle* poll) { std::free(memoryOf(poll)); });
      poll_ = nullptr;
      return -notStarted;
    }
    uv_.unref(poll_);
    return 0;
  }

  void drop() { delivery_.drop(); }

  napi_value batch() override { return delivery_.batch(); }

  int add(Row* row, SOCKET s, uint32_t generation, uint32_t slot, int32_t events) override {
    if (slot >= kMaxSlots) return EINVAL;
    const std::lock_guard<std::mutex> lock(state_.table.mutex);
    // Closing takes the watches out once; one that came later would stay in the row and in the number's next life.
    if (ProcessTable::isClosing(row)) return EBADF;
    for (const WatchNode* node = row->watches.get(); node; node = node->next.get()) {
      if (node->reactor == this) return EEXIST;
    }
    if (slot >= slots_.size()) slots_.resize(slot + 1);
    if (slots_[slot].generation != 0) return EEXIST;
    auto node = std::unique_ptr<WatchNode>(new (std::nothrow) WatchNode{this, slot, nullptr});
    if (!node) return ENOMEM;
    serial_ = serial_ == kSerials ? 1 : serial_ + 1;
    const bool hasWrite = (events & kEventWrite) != 0;
    epoll_event event{};
    event.events = hasWrite ? kReadEvents | EPOLLOUT : kReadEvents;
    event.data.u64 = cookieOf(slot, serial_);
    if (::epoll_ctl(set_, EPOLL_CTL_ADD, s, &event) < 0) return errno;
    slots_[slot] = {s, generation, serial_, hasWrite};
    node->next = std::move(row->watches);
    row->watches = std::move(node);
    return 0;
  }

  int arm(uint32_t slot, uint32_t generation, int32_t events) override {
    const std::lock_guard<std::mutex> lock(state_.table.mutex);
    if (slot >= slots_.size() || slots_[slot].generation != generation) return 0;  // its closing is news by itself
    Slot& watched = slots_[slot];
    if (!(events & kEventWrite) || watched.hasWrite) return 0;
    epoll_event event{};
    event.events = kReadEvents | EPOLLOUT;
    event.data.u64 = cookieOf(slot, watched.serial);
    if (::epoll_ctl(set_, EPOLL_CTL_MOD, watched.s, &event) < 0) return errno;
    watched.hasWrite = true;
    return 0;
  }

  bool remove(Row* row, SOCKET s, uint32_t generation, bool closesNow) override {
    const std::lock_guard<std::mutex> lock(state_.table.mutex);
    // Already closing: only the news of it may still be on its way.
    for (size_t i = 0; i < closed_.size(); i++) {
      if (closed_[i].s != s || closed_[i].generation != generation) continue;
      closed_.erase(closed_.begin() + static_cast<std::ptrdiff_t>(i));
      return true;
    }
    if (!row) return false;
    for (std::unique_ptr<WatchNode>* at = &row->watches; *at; at = &(*at)->next) {
      WatchNode* node = at->get();
      if (node->reactor != this || slots_[node->slot].generation != generation) continue;
      // Closing takes it out as well, if there is no duplicate. What a child holds between fork and exec is gone at once; its
      // events till then are edges, so that none repeats itself, and are dropped by their serial number.
      const bool isEnough = closesNow && (row->flags.load() & kNumberUntold);
      if (isEnough) {
        slots_[node->slot] = {};
      } else {
        forget(s, node->slot);
      }
      *at = std::move(node->next);
      return true;
    }
    return false;
  }

  void socketCloses(SOCKET s, uint32_t generation, uint32_t slot) override {
    if (slot >= slots_.size() || slots_[slot].generation != generation) return;
    forget(s, slot);
    closed_.push_back({s, generation, slot});
    sys::wake(waker_);
  }

  void setRef(bool isWaiting) override {
    thread_.setRef(isWaiting);
    if (!poll_) return;
    if (isWaiting) {
      uv_.ref(poll_);
    } else {
      uv_.unref(poll_);
    }
  }

  void close(napi_async_cleanup_hook_handle hook) override {
    hook_ = hook;
    detachFromRows();
    if (thread_.isRunning()) {
      thread_.stop();
      finish();
      return;
    }
    uv_.pollStop(poll_);
    uv_.close(poll_, onClosed);
  }

 private:
  struct Slot {
    SOCKET s = INVALID_SOCKET;
    uint32_t generation = 0;  // 0: free
    uint64_t serial = 0;
    bool hasWrite = false;  // room to write is reported
  };
  struct Closed {
    SOCKET s;
    uint32_t generation;
    uint32_t slot;
  };

  static uint64_t cookieOf(uint32_t slot, uint64_t serial) {
    return (static_cast<uint64_t>(slot) << kSerialBits) | serial;
  }

  // The mutex is held. The descriptor leaves the set before it is closed: a duplicate would go on firing otherwise.
  void forget(SOCKET s, uint32_t slot) {
    epoll_event ignored{};
    ::epoll_ctl(set_, EPOLL_CTL_DEL, s, &ignored);
    slots_[slot] = {};
  }

  void detachFromRows() {
    const std::lock_guard<std::mutex> lock(state_.table.mutex);
    for (const Slot& slot : slots_) {
      if (slot.generation == 0) continue;
      Row* row = state_.table.find(slot.s);
      for (std::unique_ptr<WatchNode>* at = &row->watches; *at;) {
        if ((*at)->reactor == this) {
          *at = std::move((*at)->next);
        } else {
          at = &(*at)->next;
        }
      }
    }
    slots_.clear();
    closed_.clear();
  }

  // The reactor's own pointer lies before its uv handle, so that a callback finds it without asking libuv.
  static constexpr size_t kHandleOffset = alignof(std::max_align_t);

  static void* memoryOf(uv::Handle* poll) {
    // SAFETY: allocated so in start().
    return reinterpret_cast<char*>(poll) - kHandleOffset;
  }

  static EpollReactor* of(uv::Handle* poll) { return *static_cast<EpollReactor**>(memoryOf(poll)); }

  static void onReadable(uv::Handle* poll, int, int) { of(poll)->takeBatch(); }

  static void onWord(void* self) { static_cast<EpollReactor*>(self)->takeBatch(); }

  static void onClosed(uv::Handle* poll) {
    // SAFETY: the state that owns the reactor lives until the hook is removed.
    EpollReactor* self = of(poll);
    std::free(memoryOf(poll));
    self->poll_ = nullptr;
    self->finish();
  }

  void finish() {
    napi_async_cleanup_hook_handle hook = hook_;
    // A plain hook runs outside of any scope, and the environment takes the context with it.
    if (hook) delivery_.end();
    state_.reactor.reset();  // deletes this
    if (hook) napi_remove_async_cleanup_hook(hook);
  }

  void takeBatch() {
    const int count = fillBatch();
    if (count > 0) delivery_.deliver(count);
  }

  // Writes what happened into the batch and gives the number of pairs.
  int fillBatch() {
    std::array<epoll_event, Delivery::kBatchEvents> events;
    int seen;
    do {
      seen = ::epoll_wait(set_, events.data(), Delivery::kBatchEvents, 0);
    } while (seen < 0 && errno == EINTR);
    const std::lock_guard<std::mutex> lock(state_.table.mutex);
    int count = 0;
    bool wasWoken = false;
    for (int i = 0; i < seen; i++) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      if (event.data.u64 == kWakeCookie) {
        wasWoken = true;
        continue;
      }
      const auto slot = static_cast<uint32_t>(event.data.u64 >> kSerialBits);
      if (slot >= slots_.size() || slots_[slot].serial != (event.data.u64 & kSerials)) continue;  // stale
      delivery_.put(count++, slot, eventsOf(event.events));
    }
    while (count < Delivery::kBatchEvents && !closed_.empty()) {
      delivery_.put(count++, closed_.back().slot, kEventClosed);
      closed_.pop_back();
    }
    // Left signalled while some did not fit. Where the signal was not yet in this batch it makes one of its own, which may
    // be empty: cheaper than a read in every batch.
    if (wasWoken && closed_.empty()) sys::drainWaker(waker_);
    return count;
  }

  static int32_t eventsOf(uint32_t epollEvents) {
    int32_t events = 0;
    if (epollEvents & EPOLLIN) events |= kEventRead;
    // tcp(7): a read stops at the mark of urgent data, so that being short does not say that nothing lies behind it.
    if (epollEvents & EPOLLPRI) events |= kEventRead | kEventUrgent;
    if (epollEvents & EPOLLOUT) events |= kEventWrite;
    if (epollEvents & EPOLLRDHUP) events |= kEventRead | kEventHangup;
    if (epollEvents & EPOLLHUP) events |= kEventRead | kEventWrite | kEventHangup;
    if (epollEvents & EPOLLERR) events |= kEventRead | kEventWrite | kEventError;
    return events;
  }

  EnvState& state_;
  const uv::Functions uv_;
  Delivery delivery_;
  int set_ = -1;
  sys::Waker waker_;
  uv::Handle* poll_ = nullptr;
  ReadyThread thread_;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  // Guarded by the table's mutex.
  std::vector<Slot> slots_;
  std::vector<Closed> closed_;
  uint64_t serial_ = 0;  // of the last registration
};

}  // namespace

const bool Reactor::kMustArm = false;

std::unique_ptr<Reactor> Reactor::open(EnvState& state, napi_value deliver, bool hasLoop, int* error) {
  uv::Functions uv{};
  uv::Loop* loop = nullptr;
  // SAFETY: uv_loop_s is opaque on both sides; the pointer goes back to libuv only.
  if (hasLoop && uv::resolve(&uv) &&
      napi_get_uv_event_loop(state.env, reinterpret_cast<uv_loop_s**>(&loop)) != napi_ok) {
    loop = nullptr;
  }
  auto reactor = std::unique_ptr<EpollReactor>(new (std::nothrow) EpollReactor(state, uv));
  *error = reactor ? reactor->start(deliver, loop) : ENOMEM;
  if (*error) {
    if (reactor) reactor->drop();
    return nullptr;
  }
  return reactor;
}

}  // namespace netloom

#endif
