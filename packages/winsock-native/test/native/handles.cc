// handles.cc [operations] [seed]: eight threads, each an environment of its own, open, use, close, watch, give away and take
// sockets at random, their own and each other's, against the model of world.h. Built with ThreadSanitizer.
//
// No owned handle ever reaches a stranger's connection, and no call in progress does: its bytes all carry one stamp, though
// it may have slept between them. Exit code 1 with the promise that was broken; a data race is the sanitizer's to report.
#include <dirent.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

#include "fake-node.h"
#include "reactor/reactor.h"
#include "world.h"

namespace {

using fake::number;
using fake::view;

constexpr int kThreads = 8;
constexpr size_t kMostStamps = 16;

class Actor {
 public:
  Actor(World& world, uint32_t seed) : world_(world), counts_(world.counts), random_(seed), name_(seed) { begin(); }

  void run(uint64_t operations) {
    for (uint64_t i = 0; i < operations; i++) {
      act();
      if (random_() % 16 == 0) env_->turn();
      counts_.operations++;
    }
    finish();
  }

 private:
  // --- the environment
  void begin() {
    env_ = std::make_unique<napi_env__>();
    env_->deliver = [this](int32_t count) { deliver(count); };
    env_->call("startup", {number(0x0202)});
    hasLoop_ = random_() % 2 == 0;
    must(env_->call("reactorOpen", {fake::null(), number(!hasLoop_)}), "reactorOpen");
    std::array<uint32_t, 3> out{};
    listener_ = static_cast<int>(env_->call("sockCreate", {number(AF_UNIX), number(SOCK_STREAM), number(0), cells(out)}));
    if (listener_ < 0) violated("no listener: %d", listener_);
    listenerLife_ = out[0];
    address_.sun_family = AF_UNIX;
    // An abstract name: the path begins with a zero byte.
    const int length = std::snprintf(&address_.sun_path[1], sizeof address_.sun_path - 1, "netloom-%d-%u-%u", getpid(), name_,
                                     lives_++);
    addressLength_ = static_cast<int64_t>(offsetof(sockaddr_un, sun_path)) + 1 + length;
    must(env_->call("sockBind", {number(listener_), number(listenerLife_), address(), number(addressLength_)}), "bind");
    must(env_->call("sockListen", {number(listener_), number(listenerLife_), number(8)}), "listen");
  }

  // Whatever this environment owns may be closed by its end.
  void finish() {
    for (size_t i = 0; i < World::kSlots; i++) {
      const auto pair = world_.at(i);
      if (!pair) continue;
      for (End& end : pair->ends) {
        if (end.owner == env_->number()) end.mayBeClosed = true;
      }
    }
    // Before the end and not after: so that its number goes back while the others are busy.
    env_->call("cleanup", {});
    env_.reset();
    watched_.clear();
    counts_.ended++;
  }

  // --- one operation
  void act() {
    const auto dice = random_() % 1000;
    if (dice < 1) {
      finish();
      return begin();
    }
    const size_t slot = random_() % World::kSlots;
    if (dice < 120) return open(slot, random_() % 4 != 0);
    const auto pair = world_.at(slot);
    if (!pair) return open(slot, true);
    End& end = pair->ends[random_() % 2];
    if (dice < 160) return close(*pair, end);
    if (dice < 240) return watch(pair, end);
    if (dice < 280) return unwatch(end);
    if (dice < 340) return give(*pair, end);
    if (dice < 380) return take(*pair, end);
    if (dice < 640) return send(*pair, end);
    if (dice < 660) return look(slot);
    if (!pair->isOwned && dice < 760) return receiveWaiting(*pair, end);
    return receive(*pair, end);
  }

  void open(size_t slot, bool isOwned) {
    auto pair = std::make_shared<Pair>();
    pair->stamp = world_.nextStamp++;
    pair->isOwned = isOwned;
    std::array<uint32_t, 3> out{};
    if (isOwned) {
      const auto made = env_->call("sockCreate", {number(AF_UNIX), number(SOCK_STREAM), number(0), cells(out)});
      begin(pair->ends[0], made, out[0]);
      must(env_->call("sockConnect", {number(made), number(out[0]), address(), number(addressLength_)}), "connect");
    } else {
      const auto made = env_->call("socket", {number(AF_UNIX), number(SOCK_STREAM), number(0)});
      begin(pair->ends[0], made, 0);
      must(env_->call("connect", {number(made), address(), number(addressLength_)}), "connect");
    }
    std::array<uint8_t, 128> peer{};
    const auto taken = isOwned
                           ? env_->call("tryAccept", {number(listener_), number(listenerLife_), view(peer.data(), peer.size()), cells(out)})
                           : env_->call("accept", {number(listener_), fake::null(), fake::null()});
    begin(pair->ends[1], taken, isOwned ? out[0] : 0);
    // Of owned ones too: a recv by number may meet one that has the number of a pair that is gone.
    for (const End& end : pair->ends) limit(end);
    counts_.opened++;
    const auto old = world_.put(slot, pair);
    if (!old) return;
    for (End& end : old->ends) close(*old, end);
  }

  void begin(End& end, int64_t handle, uint32_t generation) {
    if (handle < 0) violated("could not open: %lld", static_cast<long long>(handle));
    end.handle = static_cast<int>(handle);
    end.generation = generation;
    end.owner = env_->number();
  }

  void limit(const End& end) {
    timeval time = {0, 3000};
    must(env_->call("setsockopt", {number(end.handle), number(SOL_SOCKET), number(SO_RCVTIMEO), view(&time, sizeof time), number(sizeof time)}), "limit");
  }

  void close(Pair& pair, End& end) {
    if (pair.isOwned) {
      end.mayBeClosed = true;
      if (random_() % 2) unwatch(end, true);
      const auto done = env_->call("sockClose", {number(end.handle), number(end.generation)});
      if (done == 0) noteClosed(end, counts_);
      return;
    }
    // By number alone whoever comes second would close a stranger's, as in C: one has the right to.
    if (end.mayBeClosed.exchange(true)) return;
    if (end.owner == kNobody) return;
    // Unless its owner's end was first: then the number may be somebody else's by now.
    if (end.owner != env_->number()) return;
    if (env_->call("closesocket", {number(end.handle)}) == 0) noteClosed(end, counts_);
  }

  void send(Pair& pair, End& end) {
    std::array<uint64_t, kMostStamps> stamps;
    stamps.fill(pair.stamp);
    const auto bytes = (1 + random_() % kMostStamps) * sizeof pair.stamp;
    if (!pair.isOwned) return sendByNumber(end, stamps.data(), bytes);
    const auto sent = env_->call("trySend", {number(end.handle), number(end.generation), view(stamps.data(), bytes), number(0)});
    judge(pair, end, sent, "trySend");
  }

  // Only by who may close it, so that the number is known to be this one's.
  void sendByNumber(End& end, uint64_t* stamps, size_t bytes) {
    if (end.owner != env_->number() || end.mayBeClosed) return;
    env_->call("send", {number(end.handle), view(stamps, bytes), number(static_cast<int64_t>(bytes)), number(MSG_DONTWAIT)});
  }

  void receive(Pair& pair, End& end) {
    if (!pair.isOwned) return receiveWaiting(pair, end);
    std::array<uint64_t, kMostStamps> stamps{};
    const auto bytes = (1 + random_() % kMostStamps) * sizeof pair.stamp;
    const auto got = env_->call("tryRecv", {number(end.handle), number(end.generation), view(stamps.data(), bytes), number(0)});
    judge(pair, end, got, "tryRecv");
    if (got <= 0) return;
    for (size_t i = 0; i < static_cast<size_t>(got) / sizeof pair.stamp; i++) {
      if (stamps[i] != pair.stamp) violated("tryRecv on a life of %d read a stranger's bytes", end.handle);
    }
    counts_.received++;
  }

  // The call has a number and no generation: whose it is is decided when it begins, and must not change until it ends.
  void receiveWaiting(Pair& pair, End& end) {
    std::array<uint64_t, 2> stamps{};
    const auto got = env_->call("recv", {number(end.handle), view(stamps.data(), sizeof stamps), number(sizeof stamps), number(MSG_WAITALL)});
    const auto code = got < 0 ? env_->call("lastError", {}) : 0;
    if (code == 10004) {
      expectGone(end, "recv");
      counts_.interrupted++;
    }
    if (code == 10038) expectGone(end, "recv");
    if (got == sizeof stamps[0]) counts_.halves++;
    if (got == sizeof stamps && stamps[0] != stamps[1]) violated("a recv in progress on %d went over to a stranger", end.handle);
    if (got > 0 && stamps[0] != pair.stamp && !mayBeGone(end)) violated("recv on %d read a stranger's bytes", end.handle);
    if (got > 0) counts_.received++;
  }

  // What an owned call may say.
  void judge(Pair& pair, End& end, int64_t result, const char* call) {
    if (result > 0 || result == -EAGAIN) return;
    if (result == -EBADF) {
      expectGone(end, call);
      counts_.refused++;
      return;
    }
    const bool isPeersEnd = result == 0 || result == -EPIPE || result == -ECONNRESET;
    if (!isPeersEnd) violated("%s said %lld", call, static_cast<long long>(result));
    if (!mayBeGone(pair.other(end))) violated("%s saw the end of a peer that nobody closed", call);
  }

  // --- giving away and taking
  void give(Pair& pair, End& end) {
    if (!pair.isOwned || end.owner != env_->number() || end.wasGiven.exchange(true)) return;
    end.owner = kNobody;
    const auto done = env_->call("sockRelease", {number(end.handle), number(end.generation)});
    if (done != 0) {
      if (done == -EBADF) expectGone(end, "sockRelease");
      // A reactor watches it, or it is closing: still this environment's.
      end.owner = env_->number();
      return;
    }
    counts_.given++;
    if (random_() % 2) return;
    end.mayBeDiscarded = true;
    env_->call("sockDiscard", {number(end.handle), number(end.generation)});
    counts_.discarded++;
  }

  void take(Pair& pair, End& end) {
    if (!pair.isOwned) return;
    std::array<uint32_t, 2> out{};
    const auto done = env_->call("sockAdopt", {number(end.handle), number(end.generation), cells(out)});
    if (done == -EBADF) return expectGone(end, "sockAdopt");
    if (done == -EBUSY) return;
    if (done != 0) violated("sockAdopt said %lld", static_cast<long long>(done));
    uint32_t nobody = kNobody;
    if (!end.owner.compare_exchange_strong(nobody, env_->number())) violated("%d was taken from its owner", end.handle);
    end.wasTaken = true;
    counts_.taken++;
  }

  // --- the reactor
  void watch(const std::shared_ptr<Pair>& pair, End& end) {
    if (!pair->isOwned) return;
    uint32_t slot = 0;
    while (watched_.count(slot)) slot++;
    const auto done = env_->call("reactorAdd", {number(end.handle), number(end.generation), number(slot), number(random_() % 4)});
    if (done == -EBADF) return expectGone(end, "reactorAdd");
    if (done == -EEXIST) return;
    if (done != 0) violated("reactorAdd said %lld", static_cast<long long>(done));
    watched_[slot] = {pair, &end};
  }

  void unwatch(End& end, bool closesNow = false) {
    for (auto at = watched_.begin(); at != watched_.end(); ++at) {
      if (at->second.end != &end) continue;
      const auto done = env_->call("reactorRemove", {number(end.handle), number(end.generation), number(closesNow)});
      if (done != 0) violated("reactorRemove of what is watched said %lld", static_cast<long long>(done));
      watched_.erase(at);
      return;
    }
  }

  void deliver(int32_t count) {
    for (int32_t i = 0; i < count; i++) {
      const auto at = watched_.find(static_cast<uint32_t>(env_->batch[i * 2]));
      if (at == watched_.end()) violated("news of a slot that nobody watches");
      (hasLoop_ ? counts_.events : counts_.threadEvents)++;
      if (env_->batch[i * 2 + 1] != netloom::kEventClosed) continue;
      expectGone(*at->second.end, "the reactor");
      watched_.erase(at);
      counts_.closedEvents++;
    }
  }

  // --- poll and select over some of all
  void look(size_t from) {
    std::vector<double> items;
    std::vector<double> set = {0};
    for (size_t i = 0; i < 6; i++) {
      const auto pair = world_.at((from + i) % World::kSlots);
      if (!pair) continue;
      const double handle = pair->ends[i % 2].handle;
      items.insert(items.end(), {handle, POLLIN, 0});
      set.push_back(handle);
      set[0]++;
    }
    env_->call("poll", {view(items.data(), items.size(), napi_float64_array), number(static_cast<int64_t>(items.size() / 3)), number(1)});
    env_->call("select", {view(set.data(), set.size(), napi_float64_array), fake::null(), fake::null(), number(1)});
  }

  template <size_t N>
  static fake::Value cells(std::array<uint32_t, N>& out) {
    return view(out.data(), N, napi_uint32_array);
  }
  fake::Value address() { return view(&address_, sizeof address_); }
  void must(int64_t result, const char* call) {
    if (result < 0) violated("%s failed: %lld, %lld", call, static_cast<long long>(result), static_cast<long long>(env_->call("lastError", {})));
  }

  struct Watched {
    std::shared_ptr<Pair> pair;
    End* end;
  };

  World& world_;
  Counts& counts_;
  std::mt19937 random_;
  const uint32_t name_;
  uint32_t lives_ = 0;
  std::unique_ptr<napi_env__> env_;
  bool hasLoop_ = false;  // otherwise its reactor has a thread of its own
  int listener_ = -1;
  uint32_t listenerLife_ = 0;
  sockaddr_un address_{};
  int64_t addressLength_ = 0;
  std::unordered_map<uint32_t, Watched> watched_;
};

size_t openDescriptors() {
  size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (::readdir(folder)) count++;
  ::closedir(folder);
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t operations = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100000;
  const auto seed = static_cast<uint32_t>(argc > 2 ? std::strtoull(argv[2], nullptr, 10)
                                                   : std::chrono::steady_clock::now().time_since_epoch().count());
  std::printf("seed %u\n", seed);
  std::fflush(stdout);
  World world;
  // As Node's main thread: the table, and with it the generations, outlives every other environment.
  napi_env__ mainThread;
  const size_t before = openDescriptors();
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kThreads; i++) {
    threads.emplace_back([&world, seed, i, operations] { Actor(world, seed + i).run(operations / kThreads); });
  }
  for (std::thread& thread : threads) thread.join();

  const Counts& seen = world.counts;
  const struct {
    const char* name;
    uint64_t count;
  } rows[] = {{"operations", seen.operations}, {"opened", seen.opened},       {"received", seen.received},
              {"refused", seen.refused},       {"closed", seen.closed},       {"interrupted", seen.interrupted},
              {"cut short", seen.halves},      {"given", seen.given},         {"taken", seen.taken},
              {"discarded", seen.discarded},   {"events", seen.events},       {"by a thread", seen.threadEvents},
              {"closed events", seen.closedEvents}, {"environments ended", seen.ended}};
  for (const auto& row : rows) {
    std::printf("%s %llu\n", row.name, static_cast<unsigned long long>(row.count));
    if (row.count == 0) violated("nothing was seen of: %s", row.name);
  }
  // What was given away and never taken nobody closes, as agreed; everything else went with its environment.
  size_t adrift = 0;
  for (size_t i = 0; i < World::kSlots; i++) {
    const auto pair = world.at(i);
    if (!pair) continue;
    for (const End& end : pair->ends) adrift += end.owner == kNobody && end.closes == 0 && !end.mayBeDiscarded ? 1 : 0;
  }
  const size_t left = openDescriptors() - before;
  std::printf("descriptors left %zu, given away and not taken %zu\n", left, adrift);
  if (left > adrift) violated("descriptors were left open");
}
