// select and poll over many sockets. winsock2: select, WSAPoll; poll(2).
#include <deque>
#include <unordered_map>
#include <vector>

#include "../blocking.h"
#include "calls.h"

namespace netloom {

namespace {

// All rows of one call, entered and left together. A deque, because a Use neither moves nor copies.
using Uses = std::deque<Use>;

double deadlineOf(double timeoutMs) { return timeoutMs < 0 ? kForever : sys::nowMs() + timeoutMs; }

// Waits, registered in every row that has one.
Woken sleepOn(EnvState& state, const Uses& uses, std::vector<sys::PollItem>& items, double deadline) {
  Interruptible sleep(state);
  sleep.reserve(uses.size());
  for (const Use& use : uses) {
    if (use.row()) sleep.add(use.row());
  }
  const size_t count = items.size();
  items.push_back({});
  const Woken woken = sleep.wait(items.data(), count, deadline);
  items.pop_back();
  return woken;
}

// A socket that is writable and has no error is connected, if it was connecting.
void noteConnections(const Uses& uses, const std::vector<sys::PollItem>& items) {
  for (size_t i = 0; i < items.size(); i++) {
    if ((items[i].revents & (POLLOUT | POLLERR | POLLHUP)) == POLLOUT) noteTraffic(uses[i].row());
  }
}

// One of select's sets: [n, h1, h2 ...], rewritten in place to what is ready.
struct Set {
  double* cells = nullptr;
  size_t count = 0;
  short events = 0;
  std::vector<size_t> at;  // for each of its handles, which of all items

  bool read(const Bytes& bytes) {
    if (!bytes.isView) return true;
    cells = cellsOf<double>(bytes, 1);
    const size_t room = bytes.length / sizeof(double);
    if (!cells || !(cells[0] >= 0) || cells[0] > static_cast<double>(room - 1)) return false;
    count = static_cast<size_t>(cells[0]);
    return true;
  }
};

SOCKET handleFrom(double number) {
  const bool isNumber = number >= 0 && number <= 9007199254740991.0;
  const auto s = isNumber ? static_cast<SOCKET>(static_cast<int64_t>(number)) : INVALID_SOCKET;
  return isNumber && static_cast<double>(s) == number ? s : INVALID_SOCKET;
}

// A pollfd's events. No short holds what src/wait.ts refuses before; here it only must not be undefined.
short eventsFrom(double number) {
  const bool fits = number >= -32768 && number <= 65535;
  return fits ? static_cast<short>(static_cast<int32_t>(number)) : short{0};
}

// A connect that was refused shows in the except set, as Winsock has it.
short eventsThatCount(const Use& use, short wanted, short seen) {
  if (wanted == sys::kPollRead) return static_cast<short>(seen & (sys::kPollRead | POLLHUP | POLLERR));
  if (wanted == POLLOUT) return static_cast<short>(seen & (POLLOUT | POLLERR));
  const short failed = use.has(kConnecting) ? POLLERR : 0;
  return static_cast<short>(seen & (sys::kPollUrgent | failed));
}

int64_t rewrite(const Uses& uses, const std::vector<sys::PollItem>& items, Set& set, bool counts) {
  size_t kept = 0;
  for (size_t i = 0; i < set.count; i++) {
    const size_t at = set.at[i];
    if (!counts || !eventsThatCount(uses[at], set.events, items[at].revents)) continue;
    set.cells[1 + kept++] = set.cells[1 + i];
  }
  if (set.cells) set.cells[0] = static_cast<double>(kept);
  return static_cast<int64_t>(kept);
}

// Whether poll's news concerns a set at all: POLLERR and POLLHUP come unasked.
bool isAnyReady(const Uses& uses, const std::vector<sys::PollItem>& items, const Set (&sets)[3]) {
  for (const Set& set : sets) {
    for (const size_t at : set.at) {
      if (eventsThatCount(uses[at], set.events, items[at].revents)) return true;
    }
  }
  return false;
}

napi_value select(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  Set sets[3];
  const short wanted[3] = {sys::kPollRead, POLLOUT, sys::kPollUrgent};
  size_t total = 0;
  for (size_t i = 0; i < 3; i++) {
    if (!sets[i].read(call.bytes(i))) return call.fail(kWsaFault);
    sets[i].events = wanted[i];
    total += sets[i].count;
  }
  const double timeout = call.number(3);
  if (total == 0 || (timeout < 0 && timeout != -1)) return call.fail(kWsaInvalid);
  Uses uses;
  std::vector<sys::PollItem> items;
  items.reserve(total + 1);
  // One item for a handle, whichever sets it is in: the kernel polls no more items than descriptors may be open.
  std::unordered_map<SOCKET, size_t> known;
  for (Set& set : sets) {
    for (size_t i = 0; i < set.count; i++) {
      const SOCKET s = handleFrom(set.cells[1 + i]);
      const auto [place, isNew] = known.try_emplace(s, items.size());
      if (isNew) {
        uses.emplace_back(call.table(), s);
        if (!uses.back().isSocket()) return call.fail(kWsaNotSocket);
        items.push_back({s, 0, 0});
      }
      items[place->second].events = static_cast<short>(items[place->second].events | set.events);
      set.at.push_back(place->second);
    }
  }
  const double deadline = deadlineOf(timeout);
  for (;;) {
    const Woken woken = sleepOn(call.state(), uses, items, deadline);
    if (woken == Woken::interrupted || woken == Woken::failed) return call.fail(wsaOf(woken));
    noteConnections(uses, items);
    if (woken == Woken::ready && !isAnyReady(uses, items, sets)) {
      // Only an error or a hang-up that none of the sets asks for: stays up, so give time instead of spinning.
      constexpr double kMisledMs = 10;
      Interruptible pause(call.state());
      pause.reserve(uses.size());
      for (const Use& use : uses) {
        if (use.row()) pause.add(use.row());
      }
      if (pause.pause(kMisledMs) == Woken::interrupted) return call.fail(kWsaInterrupted);
      if (deadline == kForever || sys::nowMs() < deadline) continue;
    }
    int64_t ready = 0;
    for (Set& set : sets) ready += rewrite(uses, items, set, woken == Woken::ready);
    return call.give(ready);
  }
}

napi_value poll(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Bytes bytes = call.bytes(0);
  const auto count = static_cast<size_t>(call.uint32(1));
  auto* cells = cellsOf<double>(bytes, count * 3);
  if (!cells) return call.fail(kWsaFault);
  Uses uses;
  std::vector<sys::PollItem> items;
  items.reserve(count + 1);
  bool hasInvalid = false;
  for (size_t i = 0; i < count; i++) {
    SOCKET s = handleFrom(cells[i * 3]);
    const bool isSkipped = cells[i * 3] < 0;
    uses.emplace_back(call.table(), s);
    // A closing row looks closed: poll says POLLNVAL of numbers that are not open.
    const bool isStale = !isSkipped && !uses.back().isValid();
    if (isStale) s = INVALID_SOCKET;
    hasInvalid = hasInvalid || isStale;
    items.push_back({s, eventsFrom(cells[i * 3 + 1]), 0});
  }
  const double deadline = hasInvalid ? sys::nowMs() : deadlineOf(call.number(2));
  const Woken woken = sleepOn(call.state(), uses, items, deadline);
  if (woken == Woken::interrupted || woken == Woken::failed) return call.fail(wsaOf(woken));
  noteConnections(uses, items);
  int64_t ready = 0;
  for (size_t i = 0; i < count; i++) {
    const bool isStale = cells[i * 3] >= 0 && !uses[i].isValid();
    const short revents = isStale ? static_cast<short>(POLLNVAL) : items[i].revents;
    cells[i * 3 + 2] = revents;
    if (revents) ready++;
  }
  return call.give(ready);
}

constexpr Export kFunctions[] = {{"select", select}, {"poll", poll}};

}  // namespace

bool bindWait(napi_env env, napi_value exports, EnvState* state) { return exportAll(env, exports, state, kFunctions); }

}  // namespace netloom
