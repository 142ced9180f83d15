// The one state that all environments of the process share: the start-up count, and a row per socket number.
//
// A row is found in O(1) without a lock and names one life of its number. A call *enters* the row before it touches the
// number and *leaves* it afterwards; closing marks the row, and the number goes back to the kernel only when the last call
// has left, so no call in progress ever reaches a stranger's connection. Freed with the last environment.
//
//   word of a row:  | generation 32 | open 1 | closing 1 | 6 unused | calls in progress 24 |
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "sys/sys.h"

namespace netloom {

class Reactor;
class Resolver;

// A thread that is blocked in a call on a row. Lives on that thread's stack; guarded by the table's mutex.
struct Waiter {
  const sys::Waker* waker = nullptr;
  bool isInterrupted = false;
  Waiter* next = nullptr;
};

// A reactor that watches a row. Guarded by the table's mutex.
struct WatchNode {
  Reactor* reactor;
  uint32_t slot;
  std::unique_ptr<WatchNode> next;
};

// One cache line: a hot call touches no other.
struct alignas(64) Row {
  std::atomic<uint64_t> word{0};
  std::atomic<uint32_t> flags{0};
  std::atomic<uint32_t> owner{0};  // number of the environment that closes it when it ends; 0 for none
  std::atomic<uint16_t> family{0};
  std::atomic<uint16_t> type{0};
  std::atomic<int> keptError{0};  // the system's number; of a call that gave a count instead, for the next one
  // Guarded by the table's mutex.
  Waiter* waiters = nullptr;
  std::unique_ptr<WatchNode> watches;
};

// Flags of a row.
constexpr uint32_t kHeldBySocket = 1;   // a Socket object owns it: no other may adopt it
constexpr uint32_t kNonBlocking = 2;    // FIONBIO: calls under C names do not wait
constexpr uint32_t kConnecting = 4;     // connect has begun and nothing has yet been sent or received
constexpr uint32_t kConnected = 8;      // it was connected at some time
constexpr uint32_t kShutSend = 16;      // this side has shut down sending
// SO_LINGER may be on, so that the kernel's close would wait. Never taken back: a duplicate elsewhere may set it, and what a
// listener hands out may have been made while it was on. Only what has the flag is asked when it closes.
constexpr uint32_t kMayLinger = 32;
// Nobody outside of our own code was told the number: so there is no duplicate, but for a moment in a child between fork and
// exec. Taken back for good in this life when it is told.
constexpr uint32_t kNumberUntold = 64;

// The answer of enter().
enum class Entered { yes, absent, stale };

class ProcessTable {
 public:
  // The table of the process, made for its first environment.
  static ProcessTable* acquire();
  // Ends one environment's use; the last one frees the table.
  static void release(ProcessTable* table);

  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;

  uint32_t newEnvironmentNumber() noexcept { return ++environments_; }

  // WSAStartup and WSACleanup: how many starts are not yet cleaned up. cleanUp is false where there was none.
  void startUp() noexcept { startUps_.fetch_add(1); }
  bool cleanUp() noexcept;
  bool isStarted() const noexcept { return startUps_.load(std::memory_order_relaxed) > 0; }

  // The row of a number; null where no socket of ours ever had it.
  Row* find(SOCKET s) const noexcept;

  // Whether a life of the number has begun and not ended.
  bool isOpen(SOCKET s) const noexcept {
    const Row* row = find(s);
    return row && (row->word.load(std::memory_order_acquire) & kOpen) != 0;
  }

  // Begins a call on the life `generation` of the row (0: whichever lives). After `yes`, `entered` (where given) is the
  // generation that lives, and leave() must follow.
  Entered enter(Row* row, uint32_t generation, uint32_t* entered = nullptr) noexcept {
    if (!row) return Entered::absent;
    uint64_t word = row->word.load(std::memory_order_acquire);
    for (;;) {
      if (!(word & kOpen)) return generation == 0 ? Entered::absent : Entered::stale;
      if (word & kClosing) return Entered::stale;
      if (generation != 0 && generationOf(word) != generation) return Entered::stale;
      if (!row->word.compare_exchange_weak(word, word + 1, std::memory_order_acquire)) continue;
      if (entered) *entered = generationOf(word);
      return Entered::yes;
    }
  }

  // Ends a call; closes the number if the row was marked and this call was the last.
  void leave(Row* row, SOCKET s, uint32_t generation) noexcept {
    uint64_t word = row->word.load(std::memory_order_relaxed);
    for (;;) {
      // Not ours any more: somebody closed the number behind our back and it began a new life (see add).
      if (generationOf(word) != generation || (word & kCalls) == 0) return;
      const uint64_t next = word - 1;
      if (row->word.compare_exchange_weak(word, next, std::memory_order_acq_rel)) {
        if ((next & kClosing) && (next & kCalls) == 0) finishClose(row, s, next);
        return;
      }
    }
  }

  // A new life of the number; 0 where the number is beyond the table or memory is out, then the caller closes it.
  uint32_t add(SOCKET s, uint32_t owner, uint32_t flags, int family, int type);

  // Marks the row as closing, takes it out of every reactor, wakes who waits; the number is closed when the last call has
  // left. False where this life is over already.
  bool close(SOCKET s, uint32_t generation);

  // Closes an ownerless row of this life; false where it is gone or owned.
  bool closeOwnerless(SOCKET s, uint32_t generation);

  // Closes what the environment still owns.
  void closeAllOf(uint32_t owner);

  // Gives the row to a Socket of the environment; false where a Socket holds it. Between enter and leave.
  bool adopt(Row* row, uint32_t owner);

  // Makes the row ownerless: whoever adopts it next owns it; false where a reactor watches it or it is closing. Between enter
  // and leave.
  bool disown(Row* row);

  // Registers a blocked thread; false where the row is closing already. Between enter and leave.
  bool addWaiter(Row* row, Waiter* waiter);
  void removeWaiter(Row* row, Waiter* waiter);
  bool isInterrupted(const Waiter& waiter);

  // Whether closing has begun. Lasting only under the mutex, and where it is true.
  static bool isClosing(const Row* row) noexcept { return (row->word.load(std::memory_order_acquire) & kClosing) != 0; }

  static uint32_t generationOf(uint64_t word) noexcept { return static_cast<uint32_t>(word >> 32); }

  // What looks names up for all environments, made by the first that asks; null without memory.
  Resolver* resolver();

  // Guards owners, waiters and watches of all rows, and the reactors' slots.
  std::mutex mutex;

  // Held shared from before the kernel gives out a number until its row is there; alone by who takes a number without a row
  // for a stranger's, because it may be one that is just being opened here. Before `strangers`.
  std::shared_mutex births;

  // Held while a stranger's socket has another SO_RCVTIMEO or SO_SNDTIMEO for the time of a call, and while one is being
  // adopted: so that two calls do not restore each other's value, nor two Sockets adopt one number.
  std::mutex strangers;

 private:
  static constexpr uint64_t kOpen = 1ull << 31;
  static constexpr uint64_t kClosing = 1ull << 30;
  static constexpr uint64_t kCalls = (1ull << 24) - 1;
  // 8192 chunks of 1024 rows: numbers up to 8 million, in 64 KiB steps.
  static constexpr uint32_t kChunkBits = 10;
  static constexpr uint32_t kChunkRows = 1u << kChunkBits;
  static constexpr uint32_t kChunks = 8192;

  struct Chunk {
    std::array<Row, kChunkRows> rows;
  };

  ProcessTable() = default;
  ~ProcessTable();
  Row* findOrMake(SOCKET s);
  bool beginClose(Row* row, SOCKET s, uint32_t generation, const uint32_t* onlyOwner);
  void detach(Row* row, SOCKET s, uint32_t generation);
  void finishClose(Row* row, SOCKET s, uint64_t word) noexcept;

  Resolver* resolver_ = nullptr;  // guarded by the mutex
  std::atomic<int> startUps_{0};
  std::atomic<uint32_t> environments_{0};
  std::array<std::atomic<Chunk*>, kChunks> chunks_{};
};

}  // namespace netloom
