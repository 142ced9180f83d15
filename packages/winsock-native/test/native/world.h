// The model: what the eight threads of handles.cc know of every socket they have made, and what may be seen of it.
//
// All that is ever written to either end of a pair is the pair's stamp, eight bytes each time. So whoever reads can tell whose
// bytes they are. An end may be gone only after somebody has said so here, before the call that closes it.
#pragma once

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

constexpr uint32_t kNobody = 0;

struct End {
  int handle = -1;
  uint32_t generation = 0;
  std::atomic<uint32_t> owner{kNobody};  // the environment's number; nobody while it is given away
  std::atomic<bool> mayBeClosed{false};
  std::atomic<bool> isReplaced{false};      // who took its slot is about to close it, and its owner may end before
  std::atomic<bool> mayBeDiscarded{false};  // set once, by who gave it away and found no taker
  std::atomic<bool> wasGiven{false};
  std::atomic<bool> wasTaken{false};
  std::atomic<int> closes{0};
};

struct Pair {
  uint64_t stamp = 0;
  bool isOwned = false;  // made and closed by handle and generation; otherwise under C names
  std::array<End, 2> ends;
  End& other(const End& end) { return &end == &ends[0] ? ends[1] : ends[0]; }
};

// What has happened; each must have, or nothing was shown.
struct Counts {
  std::atomic<uint64_t> operations{0}, opened{0}, received{0}, refused{0}, closed{0}, interrupted{0}, given{0}, taken{0},
      discarded{0}, events{0}, threadEvents{0}, closedEvents{0}, ended{0}, halves{0};
};

[[noreturn]] inline void violated(const char* format, ...) {
  std::va_list list;
  va_start(list, format);
  std::fputs("VIOLATED: ", stderr);
  std::vfprintf(stderr, format, list);
  std::fputc('\n', stderr);
  va_end(list);
  std::_Exit(1);
}

// Whether a call may be told that this life is over. Asked after the call.
inline bool mayBeGone(const End& end) {
  return end.mayBeClosed || end.isReplaced || (end.mayBeDiscarded && !end.wasTaken);
}

inline void expectGone(const End& end, const char* call) {
  if (!mayBeGone(end)) {
    violated("%s was refused although nobody closed %d/%u of %u (given %d, taken %d)", call, end.handle, end.generation,
             end.owner.load(), end.wasGiven.load(), end.wasTaken.load());
  }
}

// A closing call said that it was the one.
inline void noteClosed(End& end, Counts& counts) {
  if (end.closes.fetch_add(1) != 0) violated("%d/%u was closed twice", end.handle, end.generation);
  counts.closed++;
}

struct World {
  static constexpr size_t kSlots = 24;
  struct Slot {
    std::mutex mutex;
    std::shared_ptr<Pair> pair;
  };
  std::array<Slot, kSlots> slots;
  std::atomic<uint64_t> nextStamp{1};
  Counts counts;

  std::shared_ptr<Pair> at(size_t index) {
    const std::lock_guard<std::mutex> lock(slots[index].mutex);
    return slots[index].pair;
  }
  std::shared_ptr<Pair> put(size_t index, std::shared_ptr<Pair> pair) {
    const std::lock_guard<std::mutex> lock(slots[index].mutex);
    slots[index].pair.swap(pair);
    // Under the mutex: an environment that ends marks what it finds in the slots.
    if (pair) {
      for (End& end : pair->ends) end.isReplaced = true;
    }
    return pair;
  }
};
