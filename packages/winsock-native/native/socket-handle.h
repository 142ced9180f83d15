// A socket number that closes itself: the owner between the kernel's answer and the row in the process table.
// release() is the only way out.
#pragma once

#include "sys/sys.h"

namespace netloom {

class SocketHandle {
 public:
  explicit SocketHandle(SOCKET s) noexcept : s_(s) {}
  SocketHandle(const SocketHandle&) = delete;
  SocketHandle& operator=(const SocketHandle&) = delete;
  ~SocketHandle() {
    if (s_ != INVALID_SOCKET) sys::close(s_);
  }

  SOCKET get() const noexcept { return s_; }

  // Gives the number to whoever closes it from now on.
  SOCKET release() noexcept {
    const SOCKET s = s_;
    s_ = INVALID_SOCKET;
    return s;
  }

 private:
  SOCKET s_;
};

}  // namespace netloom
