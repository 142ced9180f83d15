// sendmsg recvmsg socketpair, and the owned calls that gather, scatter, pass descriptors and send files.
// sendmsg(2) recvmsg(2) socketpair(2) sendfile(2) unix(7); winsock2 WSASend WSARecv WSASendTo WSARecvFrom, which stand on these.
#include <algorithm>
#include <climits>
#include <cstring>

#include "../socket-handle.h"
#include "outcome.h"
#include "pieces.h"

namespace netloom {

uint32_t lengthOf(napi_env env, napi_value array) {
  uint32_t length = 0;
  return napi_get_array_length(env, array, &length) == napi_ok ? length : 0;
}

bool Pieces::read(napi_env env, napi_value views, const double* lengths) {
  const uint32_t total = lengthOf(env, views);
  count_ = std::min<size_t>(total, sys::kMostPieces);
  for (size_t i = 0; i < count_; i++) {
    napi_value view;
    if (napi_get_element(env, views, static_cast<uint32_t>(i), &view) != napi_ok) return false;
    const Bytes bytes = bytesOf(env, view);
    if (!bytes.isView) return false;
    if (lengths && !(lengths[i] >= 0 && lengths[i] <= static_cast<double>(bytes.length))) return false;
    list_[i] = sys::pieceOf(bytes.data, lengths ? static_cast<size_t>(lengths[i]) : bytes.length);
  }
  return true;
}

void Pieces::drop(size_t moved) {
  while (first_ < count_ && moved >= sys::pieceLength(list_[first_])) moved -= sys::pieceLength(list_[first_++]);
  if (first_ < count_ && moved > 0) sys::dropFront(&list_[first_], moved);
}

namespace {

// The lengths that follow those of the pieces: of the name and of the control bytes.
constexpr size_t kLengthsBeside = 2;

// What sendmsg and recvmsg are given, checked.
struct Given {
  Pieces pieces;
  sys::Message message{};
  size_t pieceCount = 0;
};

// Arguments 1 to 4: name, views, lengths (name's and control's behind the views'), control. 0, or Winsock's code.
int readMessage(const Call& call, Given* given) {
  given->pieceCount = lengthOf(call.env, call.value(2));
  if (given->pieceCount > sys::kMostPieces) return kWsaMessageSize;
  const double* lengths = cellsOf<double>(call.bytes(3), given->pieceCount + kLengthsBeside);
  if (!lengths || !given->pieces.read(call.env, call.value(2), lengths)) return kWsaFault;
  const Bytes name = call.bytes(1);
  const Bytes control = call.bytes(4);
  const double nameLength = lengths[given->pieceCount];
  const double controlLength = lengths[given->pieceCount + 1];
  if (name.isView && !(nameLength >= 0 && nameLength <= static_cast<double>(name.length))) return kWsaFault;
  if (control.isView && !(controlLength >= 0 && controlLength <= static_cast<double>(control.length))) return kWsaFault;
  sys::Message& message = given->message;
  message.name = name.isView ? name.data : nullptr;
  message.nameLength = name.isView ? static_cast<int>(std::min<double>(nameLength, INT_MAX)) : 0;
  message.control = control.isView ? control.data : nullptr;
  message.controlLength = control.isView ? static_cast<size_t>(controlLength) : 0;
  return 0;
}

Outcome transmit(EnvState& state, const Use& use, Given* given, int flags) {
  const bool mayWait = !(flags & sys::kDontWait) && use.isBlocking();
  const bool sendsAll = mayWait && use.isStream();
  SocketWait wait(state, use.row(), use.s(), false);
  size_t moved = 0;
  for (;;) {
    given->message.pieces = given->pieces.data();
    given->message.count = given->pieces.count();
    const sys::Result done = withKept(use.row(), sys::sendMessage(use.s(), given->message, flags | sys::kDontWait));
    if (done.value >= 0) {
      noteTraffic(use.row());
      moved += static_cast<size_t>(done.value);
      given->pieces.drop(static_cast<size_t>(done.value));
      if (!sendsAll || given->pieces.isDone()) return {static_cast<int64_t>(moved), 0};
      // They went with the first byte.
      given->message.controlLength = 0;
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

// What came with a message gets its row at once: a number without one would be a stranger's.
void addRows(EnvState& state, const sys::Message& message, uint32_t flags, uint32_t* out, size_t room, size_t* written) {
  uint8_t* places[sys::kMostDescriptors];
  const size_t count = sys::descriptorsIn(message, places);
  *written = 0;
  for (size_t i = 0; i < count; i++) {
    int number;
    std::memcpy(&number, places[i], sizeof number);
    const auto s = static_cast<SOCKET>(number);
    const sys::Result type = sys::typeOf(s);
    uint32_t life = 0;
    int family = 0;
    if (type.value >= 0) {
      family = static_cast<int>(sys::familyOf(s).value);
      sockaddr_storage peer;
      int length = sizeof peer;
      const uint32_t wasConnected = sys::peerName(s, &peer, &length).value < 0 ? 0 : kConnected;
      if (sys::adopt(s).value >= 0) {
        life = state.table.add(s, state.number, flags | wasConnected | kMayLinger, family, static_cast<int>(type.value));
      }
      if (life == 0) {
        // No room for it: closed here, and nobody is told a number that is not open.
        sys::close(s);
        number = -1;
        std::memcpy(places[i], &number, sizeof number);
        continue;
      }
    }
    if (!out || (*written + 1) * 3 > room) continue;
    out[*written * 3] = static_cast<uint32_t>(number);
    out[*written * 3 + 1] = life;
    out[*written * 3 + 2] = static_cast<uint32_t>(family);
    ++*written;
  }
}

// One recvmsg and the rows of what came with it, before anybody else can take the numbers for a stranger's.
sys::Result receiveOnce(EnvState& state, const Use& use, sys::Message* message, int flags, bool* isCut) {
  if (!message->control) return withKept(use.row(), sys::recvMessage(use.s(), message, flags, isCut));
  const std::shared_lock<std::shared_mutex> birth(state.table.births);
  const sys::Result done = withKept(use.row(), sys::recvMessage(use.s(), message, flags, isCut));
  size_t written = 0;
  if (done.value >= 0) addRows(state, *message, 0, nullptr, 0, &written);
  return done;
}

Outcome receive(EnvState& state, const Use& use, Given* given, int flags) {
  const bool mayWait = !(flags & (sys::kDontWait | sys::kNeverWaits)) && use.isBlocking();
  const bool wantsAll = mayWait && (flags & sys::kWaitAll) && !(flags & sys::kPeek) && use.isStream();
  SocketWait wait(state, use.row(), use.s(), true);
  const sys::Message asked = given->message;
  size_t moved = 0;
  for (;;) {
    bool isCut = false;
    sys::Message message = asked;
    message.pieces = given->pieces.data();
    message.count = given->pieces.count();
    // What a second part of MSG_WAITALL brings has no room left: the first part's is in it.
    if (moved > 0) message.control = nullptr;
    const sys::Result done = receiveOnce(state, use, &message, flags | sys::kDontWait, &isCut);
    if (done.value >= 0) {
      noteTraffic(use.row());
      if (moved == 0) given->message = message;
      if (isCut && !(flags & sys::kWantTrueSize)) return {-1, kWsaMessageSize};
      moved += static_cast<size_t>(done.value);
      if (!wantsAll || done.value == 0) return {static_cast<int64_t>(moved), 0};
      given->pieces.drop(static_cast<size_t>(done.value));
      if (given->pieces.isDone()) return {static_cast<int64_t>(moved), 0};
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

// (s, name | null, views, lengths, control | null, flags)
napi_value sendmsg(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  Given given;
  const int wrong = readMessage(call, &given);
  if (wrong) return call.fail(wrong);
  return finish(call, transmit(call.state(), use, &given, call.int32(5)));
}

// (s, name | null, views, lengths, control | null, flags, out: name's length, control's length, flags)
napi_value recvmsg(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  const Use use(call.table(), call.handle(0));
  if (!use.isSocket()) return call.fail(kWsaNotSocket);
  Given given;
  const int wrong = readMessage(call, &given);
  auto* out = cellsOf<int32_t>(call.bytes(6), 3);
  if (wrong || !out) return call.fail(wrong ? wrong : kWsaFault);
  const sys::Message& message = given.message;
  if (message.name && message.nameLength < sys::nameSize(use.family()) && !use.isStream()) return call.fail(kWsaFault);
  const Outcome outcome = receive(call.state(), use, &given, call.int32(5));
  if (outcome.value >= 0 || outcome.wsaCode == kWsaMessageSize) {
    out[0] = message.name ? message.nameLength : 0;
    out[1] = message.control ? static_cast<int32_t>(message.controlLength) : 0;
    out[2] = message.flags;
  }
  return finish(call, outcome);
}

// Opens both ends with their rows. `lives` gets two generations; 0 or the system's number.
int openPair(const Call& call, uint32_t flags, SOCKET* ends, uint32_t* lives) {
  const std::shared_lock<std::shared_mutex> birth(call.table().births);
  const sys::Result made = sys::openPair(call.int32(0), call.int32(1), call.int32(2), ends);
  if (made.value < 0) return made.error;
  SocketHandle first(ends[0]);
  SocketHandle second(ends[1]);
  const int type = static_cast<int>(sys::typeOf(ends[0]).value);
  for (int i = 0; i < 2; i++) {
    lives[i] = call.table().add(ends[i], call.state().number, flags | kConnected, call.int32(0), type);
  }
  if (lives[0]) first.release();
  if (lives[1]) second.release();
  if (lives[0] && lives[1]) return 0;
  for (int i = 0; i < 2; i++) {
    if (lives[i]) call.table().close(ends[i], lives[i]);
  }
  return sys::errors.tooManyOpen;
}

napi_value socketpair(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.table().isStarted()) return call.fail(kWsaNotStarted);
  auto* out = cellsOf<int32_t>(call.bytes(3), 2);
  if (!out) return call.fail(kWsaFault);
  SOCKET ends[2];
  uint32_t lives[2];
  const uint32_t flags = call.int32(1) & sys::kNonBlockingType ? kNonBlocking : 0;
  const int error = openPair(call, flags, ends, lives);
  if (error) return call.fail(sys::toWsa(error));
  for (int i = 0; i < 2; i++) out[i] = static_cast<int32_t>(ends[i]);
  return call.give(0);
}

napi_value sockPair(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  auto* out = cellsOf<uint32_t>(call.bytes(3), 4);
  if (!out) return call.refuse(sys::errors.fault);
  SOCKET ends[2];
  uint32_t lives[2];
  const int error = openPair(call, kHeldBySocket | kNumberUntold, ends, lives);
  if (error) return call.refuse(error);
  for (int i = 0; i < 2; i++) {
    out[2 * i] = static_cast<uint32_t>(ends[i]);
    out[2 * i + 1] = lives[i];
  }
  return call.give(0);
}

// (handle, generation, views, control | null, flags)
napi_value trySendParts(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  Pieces pieces;
  if (!pieces.read(env, call.value(2), nullptr)) return call.refuse(sys::errors.fault);
  const Bytes control = call.bytes(3);
  sys::Message message{};
  message.pieces = pieces.data();
  message.count = pieces.count();
  message.control = control.isView ? control.data : nullptr;
  message.controlLength = control.isView ? control.length : 0;
  sys::Result done;
  do {
    done = sys::sendMessage(use.s(), message, call.int32(4) | sys::kDontWait);
  } while (done.value < 0 && done.error == sys::errors.interrupted);
  done = withKept(use.row(), done);
  if (done.value >= 0 || done.error == sys::errors.reset) noteTraffic(use.row());
  return call.answer(done);
}

// What tryRecvParts writes before the descriptors: how many, the control bytes' length, the message's flags.
constexpr size_t kOutHead = 3;

// (handle, generation, views, control | null, flags, out: head, then number, generation or 0, family of each descriptor)
napi_value tryRecvParts(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  Pieces pieces;
  if (!pieces.read(env, call.value(2), nullptr)) return call.refuse(sys::errors.fault);
  const Bytes control = call.bytes(3);
  const Bytes room = call.bytes(5);
  auto* out = cellsOf<uint32_t>(room, kOutHead);
  if (!out) return call.refuse(sys::errors.fault);
  sys::Message message{};
  bool isCut = false;
  std::shared_lock<std::shared_mutex> birth(call.table().births, std::defer_lock);
  if (control.isView) birth.lock();
  sys::Result done;
  do {
    message.pieces = pieces.data();
    message.count = pieces.count();
    message.control = control.isView ? control.data : nullptr;
    message.controlLength = control.isView ? control.length : 0;
    done = sys::recvMessage(use.s(), &message, call.int32(4) | sys::kDontWait, &isCut);
  } while (done.value < 0 && done.error == sys::errors.interrupted);
  done = withKept(use.row(), done);
  if (done.value >= 0 || done.error == sys::errors.reset) noteTraffic(use.row());
  if (done.value < 0) return call.answer(done);
  size_t written = 0;
  const size_t cells = room.length / sizeof(uint32_t) - kOutHead;
  if (message.control) addRows(call.state(), message, kHeldBySocket, out + kOutHead, cells, &written);
  out[0] = static_cast<uint32_t>(written);
  out[1] = message.control ? static_cast<uint32_t>(message.controlLength) : 0;
  out[2] = static_cast<uint32_t>(message.flags);
  return call.give(done.value);
}

// (handle, generation, file, offset, length)
napi_value trySendFile(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const Use use(call.table(), call.handle(0), call.uint32(1));
  if (!use.row()) return call.refuse(sys::errors.badHandle);
  const int64_t length = call.int64(4);
  if (length <= 0 || call.int64(3) < 0) return call.refuse(sys::errors.invalid);
  sys::Result done;
  do {
    done = sys::sendFile(use.s(), call.int32(2), call.int64(3), static_cast<size_t>(length));
  } while (done.value < 0 && done.error == sys::errors.interrupted);
  if (done.value < 0) done = withKept(use.row(), done);
  if (done.value > 0 || done.error == sys::errors.reset) noteTraffic(use.row());
  return call.answer(done);
}

constexpr Export kFunctions[] = {{"sendmsg", sendmsg},           {"recvmsg", recvmsg},
                                 {"socketpair", socketpair},     {"sockPair", sockPair},
                                 {"trySendParts", trySendParts}, {"tryRecvParts", tryRecvParts},
                                 {"trySendFile", trySendFile}};

// How control bytes lie here: [bytes of a length, where data begin, alignment].
bool exportControlLayout(napi_env env, napi_value exports) {
  const int numbers[] = {sys::controlLayout.lengthBytes, sys::controlLayout.dataAt, sys::controlLayout.alignment};
  napi_value list;
  if (napi_create_array_with_length(env, 3, &list) != napi_ok) return false;
  for (uint32_t i = 0; i < 3; i++) {
    napi_value number;
    if (napi_create_int32(env, numbers[i], &number) != napi_ok || napi_set_element(env, list, i, number) != napi_ok) {
      return false;
    }
  }
  return napi_set_named_property(env, exports, "controlLayout", list) == napi_ok;
}

}  // namespace

bool bindMessages(napi_env env, napi_value exports, EnvState* state) {
  return exportAll(env, exports, state, kFunctions) && exportControlLayout(env, exports);
}

}  // namespace netloom
