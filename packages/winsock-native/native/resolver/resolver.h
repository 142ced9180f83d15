// Looking up names beside the event loop: threads of ours that wait in the system's resolver, which cannot be interrupted.
//
// One resolver per process. A thread lives while there is something to look up, knows no Node-API, and owns what it works
// on: whoever asked may go at any moment, and what is found for nobody is thrown away. An answer lies in the inbox of its
// environment, which is woken by a descriptor that its reactor watches.
//
//     start ──▶ queue ──▶ working (a thread each, at most kMaxThreads) ──▶ inbox ──▶ take
//                 └────────── cancel, detach: removed, or worked on for nobody ──┘
#pragma once

#include <cstdint>
#include <mutex>

#include "../sys/sys.h"

namespace netloom {

struct Inbox;

// One question, then its answer.
struct LookUp {
  enum class Kind { addresses, names };

  ~LookUp() { sys::freeAddresses(found); }

  Kind kind = Kind::addresses;
  uint32_t id = 0;
  Inbox* inbox = nullptr;  // null: nobody wants it any more
  LookUp* next = nullptr;
  // Asked.
  addrinfo hints{};
  char host[NI_MAXHOST] = "";  // empty: none
  char service[NI_MAXSERV] = "";
  sockaddr_storage name{};
  int nameLength = 0;
  int flags = 0;
  // Answered: 0 or Winsock's code.
  int code = 0;
  addrinfo* found = nullptr;  // of `names`: host and service have been written
};

// A list that is taken from in the order in which it was filled.
class LookUpList {
 public:
  void add(LookUp* one) noexcept;
  LookUp* take() noexcept;
  bool remove(const LookUp* one) noexcept;
  LookUp* find(const Inbox* inbox, uint32_t id) const noexcept;  // 0: any
  bool isEmpty() const noexcept { return !first_; }

 private:
  LookUp* first_ = nullptr;
  LookUp* last_ = nullptr;
};

// The answers of one environment. Guarded by the resolver's mutex.
struct Inbox {
  sys::Waker waker;
  LookUpList answers;
};

class Resolver {
 public:
  // A name server that is gone holds each thread for up to half a minute, wanted or not: that many at a time.
  static constexpr int kMaxThreads = 16;

  // With one use, the caller's; null without memory.
  static Resolver* create() noexcept;
  // Ends a use. The threads have their own, so that it may outlive whoever made it.
  void release() noexcept;

  // Takes the question over, whatever it answers: 0, or the system's number where no thread could be started.
  int start(LookUp* asked) noexcept;
  // Drops a question or its answer; nothing where there is none.
  void cancel(const Inbox* inbox, uint32_t id) noexcept;
  // The next answer, the caller's to delete; null where there is none.
  LookUp* take(Inbox* inbox) noexcept;
  // Drops everything of an inbox. Nothing reaches it, nor its waker, afterwards.
  void detach(Inbox* inbox) noexcept;

 private:
  Resolver() = default;
  ~Resolver() = default;
  static void run(void* self) noexcept;
  void work() noexcept;
  bool drop(const Inbox* inbox, uint32_t id) noexcept;

  std::mutex mutex_;
  LookUpList queue_;
  LookUpList working_;
  int threads_ = 0;
  int uses_ = 1;
};

}  // namespace netloom
