// The reactor where there is no epoll: one uv_poll per socket, on the environment's own loop.
//
// uv_poll is level-triggered, so a direction is watched only while somebody waits for it: arm() starts it, its news end it.
// Level-triggered also means that nothing is lost in between. News of one turn of the loop are gathered and delivered by a
// uv_check at its end. A watched row counts one call in progress until its uv_poll is closed, so that the number is not
// given out again meanwhile; where another thread closes the socket, that is when this loop turns next.
#if !defined(__linux__) || defined(NETLOOM_REACTOR_UV_POLL)

#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

#include "../env-state.h"
#include "delivery.h"
#include "reactor.h"
#include "uv-abi.h"

namespace netloom {

namespace {

// Slots are small numbers that src/reactor.ts hands out densely; more than this is a fault there.
constexpr uint32_t kMaxSlots = 1u << 24;

// The owner's pointer lies before its uv handle, so that a callback finds it without asking libuv.
constexpr size_t kHandleOffset = alignof(std::max_align_t);

void* memoryOf(uv::Handle* handle) {
  // SAFETY: allocated so in makeHandle().
  return reinterpret_cast<char*>(handle) - kHandleOffset;
}

template <typename Owner>
Owner* ownerOf(uv::Handle* handle) {
  return *static_cast<Owner**>(memoryOf(handle));
}

void freeHandle(uv::Handle* handle) { std::free(memoryOf(handle)); }

template <typename Owner>
uv::Handle* makeHandle(const uv::Functions& uv, int type, Owner* owner) {
  void* memory = std::calloc(1, kHandleOffset + uv.handleSize(type));
  if (!memory) return nullptr;
  // SAFETY: the room before the handle is a pointer's, and aligned as calloc aligns.
  *static_cast<Owner**>(memory) = owner;
  return reinterpret_cast<uv::Handle*>(static_cast<char*>(memory) + kHandleOffset);
}

class PollReactor final : public Reactor {
 public:
  PollReactor(EnvState& state, const uv::Functions& functions)
      : state_(state), uv_(functions), delivery_(state), thread_(sys::threadId()) {}

  // Makes the handles, the async one last. Where it fails, drop() and the destructor undo it.
  int start(napi_value deliver) {
    // SAFETY: uv_loop_s is opaque on both sides; the pointer goes back to libuv only.
    if (napi_get_uv_event_loop(state_.env, reinterpret_cast<uv_loop_s**>(&loop_)) != napi_ok) return sys::errors.notThere;
    if (!delivery_.make(deliver)) return sys::errors.invalid;
    check_ = makeHandle(uv_, uv::kCheckHandle, this);
    async_ = makeHandle(uv_, uv::kAsyncHandle, this);
    if (!check_ || !async_) return sys::errors.noMemory;
    uv_.checkInit(loop_, check_);  // libuv: always successful
    uv_.unref(check_);
    const int notMade = uv_.asyncInit(loop_, async_, onAsync);
    if (notMade) {
      // The handle outlives this, as libuv wants it.
      uv_.close(std::exchange(check_, nullptr), freeHandle);
      return -notMade;
    }
    uv_.unref(async_);
    handles_ = 2;
    return 0;
  }

  void drop() {
    if (check_) freeHandle(check_);
    if (async_) freeHandle(async_);
    delivery_.drop();
  }

  napi_value batch() override { return delivery_.batch(); }

  int add(Row* row, SOCKET s, uint32_t generation, uint32_t slot, int32_t) override {
    if (slot >= kMaxSlots) return sys::errors.invalid;
    const std::lock_guard<std::mutex> lock(state_.table.mutex);
    // Closing takes the watches out once; one that came later would stay in the row and in the number's next life.
    if (ProcessTable::isClosing(row)) return sys::errors.badHandle;
    for (const WatchNode* node = row->watches.get(); node; node = node->next.get()) {
      if (node->reactor == this) return sys::errors.exists;
    }
    if (slot >= slots_.size()) slots_.resize(slot + 1);
    if (slots_[slot]) return sys::errors.exists;
    auto node = std::unique_ptr<WatchNode>(new (std::nothrow) WatchNode{this, slot, nullptr});
    auto watched = std::unique_ptr<Watched>(new (std::nothrow) Watched{this, row, s, generation, slot});
    if (!node || !watched) return sys::errors.noMemory;
    watched->poll = makeHandle(uv_, uv::kPollHandle, watched.get());
    if (!watched->poll) return sys::errors.noMemory;
    const int notMade = uv_.pollInitSocket(loop_, watched->poll, s);
    if (notMade) {
      freeHandle(watched->poll);
      return -notMade;
    }
    uv_.unref(watched->poll);
    handles_++;
    // Cannot fail: the caller is in the row, and its closing begins under the mutex.
    state_.table.enter(row, generation);
    slots_[slot] = watched.release();  // deleted when its handle is closed
    node->next = std::move(row->watches);
    row->watches = std::move(node);
    return 0;
  }

  int arm(uint32_t slot, uint32_t generation, int32_t events) override {
    const std::lock_guard<std::mutex> lock(state_.table.mutex);
    Watched* watched = find(slot, generation);
    if (!watched) return 0;  // its closing is news by itself
    watched->armed |= events & (kEventRead | kEventWrite);
    if (watch(watched)) return 0;
    // Whoever waits tries, and the call says what is wrong.
    news_.push_back({slot, generation, kEventRead | kEventWrite | kEventError});
    uv_.asyncSend(async_);
    return 0;
  }

  bool remove(Row* row, SOCKET s, uint32_t generation, bool) override {
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
      Watched* watched = node->reactor == this ? find(node->slot, generation) : nullptr;
      if (!watched) continue;
      *at = std::move(node->next);
      slots_[watched->slot] = nullptr;
      letGo(watched);
      return true;
    }
    return false;
  }

  void socketCloses(SOCKET s, uint32_t generation, uint32_t slot) override {
    Watched* watched = find(slot, generation);
    if (!watched) return;
    slots_[slot] = nullptr;
    closed_.push_back({s, generation, slot});
    if (sys::threadId() == thread_) {
      letGo(watched);
    } else {
      doomed_.push_back(watched);
    }
    uv_.asyncSend(async_);
  }

  void setRef(bool isWaiting) override {
    if (!async_) return;
    if (isWaiting) {
      uv_.ref(async_);
    } else {
      uv_.unref(async_);
    }
  }

  void close(napi_async_cleanup_hook_handle hook) override {
    hook_ = hook;
    letAllGo();
    uv_.close(std::exchange(check_, nullptr), onOwnClosed);
    uv_.close(std::exchange(async_, nullptr), onOwnClosed);
  }

 private:
  // A socket that is watched; lives as long as its uv handle.
  struct Watched {
    PollReactor* reactor;
    Row* row;
    SOCKET s;
    uint32_t generation;
    uint32_t slot;
    int32_t armed = 0;  // directions that somebody waits for
    uv::Handle* poll = nullptr;
  };
  struct News {
    uint32_t slot;
    uint32_t generation;
    int32_t events;
  };
  struct Closed {
    SOCKET s;
    uint32_t generation;
    uint32_t slot;
  };

  Watched* find(uint32_t slot, uint32_t generation) const {
    Watched* watched = slot < slots_.size() ? slots_[slot] : nullptr;
    return watched && watched->generation == generation ? watched : nullptr;
  }

  // Watches what is armed; false where libuv refuses.
  bool watch(Watched* watched) {
    int events = 0;
    if (watched->armed & kEventRead) events |= uv::kReadable | uv::kDisconnect;
    if (watched->armed & kEventWrite) events |= uv::kWritable;
    return (events == 0 ? uv_.pollStop(watched->poll) : uv_.pollStart(watched->poll, events, onPoll)) == 0;
  }

  // Closes the uv handle, then leaves the row: if it is closing, and this was the last, the number goes back to the system.
  void letGo(Watched* watched) {
    uv_.close(watched->poll, onPollClosed);
    state_.table.leave(watched->row, watched->s, watched->generation);
  }

  void letAllGo() {
    const std::lock_guard<std::mutex> lock(state_.table.mutex);
    for (Watched* watched : slots_) {
      if (!watched) continue;
      for (std::unique_ptr<WatchNode>* at = &watched->row->watches; *at;) {
        if ((*at)->reactor == this) {
          *at = std::move((*at)->next);
        } else {
          at = &(*at)->next;
        }
      }
      letGo(watched);
    }
    slots_.clear();
    for (Watched* watched : doomed_) letGo(watched);
    doomed_.clear();
    closed_.clear();
    news_.clear();
  }

  static void onPoll(uv::Handle* poll, int status, int events) {
    auto* watched = ownerOf<Watched>(poll);
    watched->reactor->take(watched, status, events);
  }

  // Another thread closed sockets, or arm() failed.
  static void onAsync(uv::Handle* async) {
    auto* self = ownerOf<PollReactor>(async);
    {
      const std::lock_guard<std::mutex> lock(self->state_.table.mutex);
      for (Watched* watched : self->doomed_) self->letGo(watched);
      self->doomed_.clear();
    }
    self->deliverAll();
  }

  static void onCheck(uv::Handle* check) {
    auto* self = ownerOf<PollReactor>(check);
    self->uv_.checkStop(check);
    self->deliverAll();
  }

  static void onPollClosed(uv::Handle* poll) {
    auto* watched = ownerOf<Watched>(poll);
    PollReactor* self = watched->reactor;
    delete watched;
    freeHandle(poll);
    self->oneLess();
  }

  static void onOwnClosed(uv::Handle* handle) {
    auto* self = ownerOf<PollReactor>(handle);
    freeHandle(handle);
    self->oneLess();
  }

  void oneLess() {
    if (--handles_ > 0) return;
    // SAFETY: the state that owns the reactor lives until the hook is removed.
    const napi_async_cleanup_hook_handle hook = hook_;
    delivery_.end();
    state_.reactor.reset();  // deletes this
    napi_remove_async_cleanup_hook(hook);
  }

  void take(Watched* watched, int status, int events) {
    const std::lock_guard<std::mutex> lock(state_.table.mutex);
    if (find(watched->slot, watched->generation) != watched) return;  // doomed
    const int32_t news = status < 0 ? kEventRead | kEventWrite | kEventError : eventsOf(events);
    watched->armed = status < 0 ? 0 : watched->armed & ~news;
    watch(watched);
    if (news_.empty()) uv_.checkStart(check_, onCheck);  // libuv: fails only without a callback
    news_.push_back({watched->slot, watched->generation, news});
  }

  static int32_t eventsOf(int uvEvents) {
    int32_t events = 0;
    if (uvEvents & uv::kReadable) events |= kEventRead;
    if (uvEvents & uv::kWritable) events |= kEventWrite;
    if (uvEvents & uv::kDisconnect) events |= kEventRead | kEventHangup;
    return events;
  }

  // What has come until now; what comes meanwhile has a turn of its own.
  void deliverAll() {
    std::vector<News> news;
    {
      const std::lock_guard<std::mutex> lock(state_.table.mutex);
      news.swap(news_);
    }
    for (size_t at = 0; at < news.size();) {
      const int count = fill(news, &at);
      if (count > 0) delivery_.deliver(count);
    }
    while (const int count = fillClosed()) delivery_.deliver(count);
  }

  int fill(const std::vector<News>& news, size_t* at) {
    const std::lock_guard<std::mutex> lock(state_.table.mutex);
    int count = 0;
    for (; *at < news.size() && count < Delivery::kBatchEvents; ++*at) {
      const News& one = news[*at];
      if (find(one.slot, one.generation)) delivery_.put(count++, one.slot, one.events);  // else stale
    }
    return count;
  }

  int fillClosed() {
    const std::lock_guard<std::mutex> lock(state_.table.mutex);
    int count = 0;
    while (count < Delivery::kBatchEvents && !closed_.empty()) {
      delivery_.put(count++, closed_.back().slot, kEventClosed);
      closed_.pop_back();
    }
    return count;
  }

  EnvState& state_;
  const uv::Functions uv_;
  Delivery delivery_;
  const uint64_t thread_;
  uv::Loop* loop_ = nullptr;
  uv::Handle* check_ = nullptr;
  uv::Handle* async_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  size_t handles_ = 0;  // not yet closed
  // Guarded by the table's mutex.
  std::vector<Watched*> slots_;
  std::vector<Watched*> doomed_;  // their rows close; this thread has to let them go
  std::vector<Closed> closed_;
  std::vector<News> news_;
};

}  // namespace

const bool Reactor::kMustArm = true;

std::unique_ptr<Reactor> Reactor::open(EnvState& state, napi_value deliver, bool hasLoop, int* error) {
  uv::Functions uv;
  if (!hasLoop || !uv::resolve(&uv) || !uv::resolveMore(&uv)) {
    *error = sys::errors.notThere;
    return nullptr;
  }
  auto reactor = std::unique_ptr<PollReactor>(new (std::nothrow) PollReactor(state, uv));
  *error = reactor ? reactor->start(deliver) : sys::errors.noMemory;
  if (*error) {
    if (reactor) reactor->drop();
    return nullptr;
  }
  return reactor;
}

}  // namespace netloom

#endif
