// send recv sendto recvfrom, which wait as in C. winsock2; send(2) recv(2).
#include "outcome.h"

namespace netloom {

namespace {

struct Room {
  uint8_t* data;
  size_t length;
};

struct Name {
  void* data = nullptr;
  int length = 0;
};

// MSG_PEEK with MSG_WAITALL: what is there already keeps the socket readable, so nothing tells when there is more.
Outcome peekAll(SocketWait& wait, const Use& use, const Room& room, int flags) {
  for (;;) {
    sys::PollItem item = {use.s(), static_cast<short>(sys::kPollRead | sys::kPollHangup), 0};
    sys::poll(&item, 1, 0);
    const sys::Result seen =
        withKept(use.row(), sys::recv(use.s(), room.data, room.length, flags | sys::kDontWait));
    const bool isWaiting = seen.value < 0 && seen.error == sys::errors.wouldBlock;
    if (seen.value < 0 && !isWaiting && seen.error != sys::errors.interrupted) return {-1, wsaOf(use, seen.error)};
    const bool isLast = (item.revents & (POLLERR | POLLHUP | sys::kPollHangup)) != 0;
    if (seen.value == static_cast<int64_t>(room.length) || (seen.value >= 0 && isLast)) return {seen.value, 0};
    const Woken woken = isWaiting ? wait.until(sys::kPollRead) : wait.shortly();
    if (woken != Woken::ready) return ended(woken, seen.value > 0 ? static_cast<size_t>(seen.value) : 0);
  }
}

Outcome receive(EnvState& state, const Use& use, const Room& room, int flags, Name* from) {
  const bool mayWait = !(flags & (sys::kDontWait | sys::kNeverWaits)) && use.isBlocking();
  const bool isStream = use.row() && use.isStream();
  const bool wantsAll = mayWait && (flags & sys::kWaitAll) && room.length > 0 && use.isStream();
  SocketWait wait(state, use.row(), use.s(), true);
  if (wantsAll && (flags & sys::kPeek)) return peekAll(wait, use, room, flags);
  const int fromRoom = from ? from->length : 0;
  size_t moved = 0;
  for (;;) {
    bool isCut = false;
    if (from) from->length = fromRoom;
    uint8_t* into = room.data + moved;
    const size_t left = room.length - moved;
    // A stream has neither names nor ends of messages, and its call is the cheaper one.
    const sys::Result got = !from && isStream
                                ? sys::recv(use.s(), into, left, flags | sys::kDontWait)
                                : sys::recvFrom(use.s(), into, left, flags | sys::kDontWait, from ? from->data : nullptr,
                                                from ? &from->length : nullptr, &isCut);
    const sys::Result done = withKept(use.row(), got);
    if (done.value >= 0) {
      noteTraffic(use.row());
      if (isCut && !(flags & sys::kWantTrueSize)) return {-1, kWsaMessageSize};
      moved += static_cast<size_t>(done.value);
      if (!wantsAll || done.value == 0 || moved >= room.length) return {static_cast<int64_t>(moved), 0};
      wait.moved();
      continue;
    }
    if (done.error == sys::errors.interrupted) continue;
    if (done.error != sys::errors.wouldBlock || !mayWait) {
      if (done.error == sys::errors.reset) noteTraffic(use.row());
      return failed(use, done.error, moved);
    }
    const Woken woken = wait.until(sys::kPollRead);
    if (woken != Woken::ready) return ended(woken, moved);
  }
}

Outcome transmit(EnvState& state, const Use& use, const Room& room, int flags, const Name& to) {
  const bool mayWait = !(flags & sys::kDontWait) && use.isBlocking();
  const bool sendsAll = mayWait && use.isStream();
  SocketWait wait(state, use.row(), use.s(), false);
  size_t moved = 0;
  for (;;) {
    const uint8_t* from = room.data + moved;
    const size_t left = room.length - moved;
    const sys::Result sent = to.data ? sys::sendTo(use.s(), from, left, flags | sys::kDontWait, to.data, to.length)
                                     : sys::send(use.s(), from, left, flags | sys::kDontWait);
    const sys::Result done = withKept(use.row(), sent);
    if (done.value >= 0) {
      noteTraffic(use.row());
      moved += static_cast<size_t>(done.value);
      if (!sendsAll || moved >= room.length) return {static_cast<int64_t>(moved), 0};
      wait.moved();
      continue;
    }
    if (done.error == sys::errors.interrupted) continue;
    if (done.error != sys::errors.wouldBlock || !mayWait || isWithoutPort(use)) {
      if (done.error == sys::errors.reset) noteTraffic(use.row());
      return failed(use, done.error, moved);
    }
    const Woken woken = wait.until(POLLOUT);
    if (woken != Woken::ready) return ended(woken, moved);
  }
}

bool isLengthRight(const Bytes& bytes, int64_t length) {
  if (length < 0) return false;
  return bytes.isView ? static_cast<size_t>(length) <= bytes.length : length == 0;
}

napi_value send(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const Bytes from = call.bytes(1);
  const int64_t length = call.int64(2);
  if (!isLengthRight(from, length)) return call.fail(kWsaFault);
  const Room room{from.data, static_cast<size_t>(length)};
  return finish(call, transmit(call.state(), use, room, call.int32(3), Name{}));
}

napi_value recv(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const Bytes into = call.bytes(1);
  const int64_t length = call.int64(2);
  if (!isLengthRight(into, length)) return call.fail(kWsaFault);
  const Room room{into.data, static_cast<size_t>(length)};
  return finish(call, receive(call.state(), use, room, call.int32(3), nullptr));
}

napi_value sendto(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const Bytes from = call.bytes(1);
  const Bytes to = call.bytes(4);
  if (!isLengthRight(from, call.int64(2))) return call.fail(kWsaFault);
  if (to.isView && !isLengthRight(to, call.int64(5))) return call.fail(kWsaFault);
  const Room room{from.data, static_cast<size_t>(call.int64(2))};
  const Name name{to.isView ? to.data : nullptr, to.isView ? call.int32(5) : 0};
  return finish(call, transmit(call.state(), use, room, call.int32(3), name));
}

napi_value recvfrom(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  const Bytes into = call.bytes(1);
  const Bytes from = call.bytes(4);
  auto* lengthCell = cellsOf<int32_t>(call.bytes(5), 1);
  if (!isLengthRight(into, call.int64(2))) return call.fail(kWsaFault);
  Name name;
  if (from.isView) {
    if (!lengthCell) return call.fail(kWsaFault);
    name = {from.data, *lengthCell};
    if (name.length < 0 || static_cast<size_t>(name.length) > from.length) return call.fail(kWsaFault);
    // A stream gives no name, so no room is too small for it.
    if (name.length < sys::nameSize(use.family()) && !use.isStream()) return call.fail(kWsaFault);
  }
  const Room room{into.data, static_cast<size_t>(call.int64(2))};
  const Outcome outcome = receive(call.state(), use, room, call.int32(3), from.isView ? &name : nullptr);
  // A cut datagram fails, and yet its sender is known.
  const bool wasDelivered = outcome.value >= 0 || outcome.wsaCode == kWsaMessageSize;
  if (from.isView && wasDelivered) *lengthCell = name.length;
  return finish(call, outcome);
}

constexpr Export kFunctions[] = {{"send", send}, {"recv", recv}, {"sendto", sendto}, {"recvfrom", recvfrom}};

}  // namespace

bool bindStreams(napi_env env, napi_value exports, EnvState* state) {
  return exportAll(env, exports, state, kFunctions);
}

}  // namespace netloom
