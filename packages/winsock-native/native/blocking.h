// Waits as C does, and can be interrupted; the only place where a thread sleeps.
//
// Neither process.exit() nor worker.terminate() reaches a thread inside a native call, and no hook runs meanwhile. So a wait
// is cut into slices, and after each the environment is asked whether it is ending. closesocket of another thread ends a
// wait at once, through the environment's wake-up descriptor.
#pragma once

#include <vector>

#include "env-state.h"

namespace netloom {

// The longest sleep without a look at the environment. The other thread must get its word within a second.
constexpr double kSliceMs = 250;

// Longer than any process lives.
constexpr double kForever = -1;

// Why a wait ended.
enum class Woken { ready, timedOut, interrupted, failed };

// A blocked thread, registered in the rows of the sockets it waits for while this lives.
class Interruptible {
 public:
  explicit Interruptible(EnvState& state) : state_(state) {}
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

  // Room for that many rows; pointers to waiters must stay where they are.
  void reserve(size_t rows) { waiters_.reserve(rows); }

  // Adds an entered row; a row that is closing makes the wait end at once.
  void add(Row* row);

  // Waits until poll(2) reports something for one of the items, or until `deadline` (sys::nowMs; kForever). `failed`: the
  // kernel polls no such list (more items than RLIMIT_NOFILE). `items` has `count` entries and room for one more.
  Woken wait(sys::PollItem* items, size_t count, double deadline);

  // Waits without a socket.
  Woken pause(double ms);

 private:
  struct Registration {
    Row* row;
    Waiter waiter;
  };
  bool isInterrupted();

  EnvState& state_;
  std::vector<Registration> waiters_;
  bool isClosing_ = false;
  bool wasWoken_ = false;
};

// Waits for one socket, with the time limit that SO_RCVTIMEO or SO_SNDTIMEO sets; asks for it only when it must wait.
class SocketWait {
 public:
  SocketWait(EnvState& state, Row* row, SOCKET s, bool receiving)
      : sleep_(state), row_(row), s_(s), receiving_(receiving) {}

  // Waits for poll events; errors and hang-ups count as ready, the call says what they are.
  Woken until(short events);

  // Says that the call did something since it was ready: being ready again is news then.
  void moved() { wasReady_ = false; }

  // Waits a little, where no event tells when to try again.
  Woken shortly();

 private:
  void begin();

  Interruptible sleep_;
  Row* row_;
  SOCKET s_;
  bool receiving_;
  bool hasBegun_ = false;
  bool wasReady_ = false;  // and nothing has moved since
  double deadline_ = kForever;
};

}  // namespace netloom
