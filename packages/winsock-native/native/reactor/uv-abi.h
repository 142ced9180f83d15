// The few libuv functions that the reactor uses, declared with opaque handles and resolved at start.
//
// uv.h is not among the headers of Node-API, and a runtime without libuv must still be able to load the addon: so nothing
// here is linked. Sizes and numbers are libuv 1.x's, whose binary interface is stable.
#pragma once

#include <type_traits>

#include "../sys/sys.h"

namespace netloom::uv {

struct Loop;
struct Handle;

using PollCallback = void (*)(Handle* poll, int status, int events);
using CloseCallback = void (*)(Handle* handle);

constexpr int kReadable = 1;      // UV_READABLE
constexpr int kPollHandle = 8;    // UV_POLL in uv_handle_type

struct Functions {
  size_t (*handleSize)(int type);
  int (*pollInit)(Loop* loop, Handle* poll, int fd);
  int (*pollStart)(Handle* poll, int events, PollCallback callback);
  int (*pollStop)(Handle* poll);
  void (*ref)(Handle* handle);
  void (*unref)(Handle* handle);
  void (*close)(Handle* handle, CloseCallback callback);
};

// Fills in the functions; false where the program has no libuv to offer.
inline bool resolve(Functions* uv) {
  // SAFETY: the signatures are those of libuv 1.x, with the handle types made opaque.
  const auto find = [](auto* slot, const char* name) {
    *slot = reinterpret_cast<std::remove_reference_t<decltype(*slot)>>(sys::findSymbol(name));
    return *slot != nullptr;
  };
  return find(&uv->handleSize, "uv_handle_size") && find(&uv->pollInit, "uv_poll_init") &&
         find(&uv->pollStart, "uv_poll_start") && find(&uv->pollStop, "uv_poll_stop") &&
         find(&uv->ref, "uv_ref") && find(&uv->unref, "uv_unref") && find(&uv->close, "uv_close");
}

}  // namespace netloom::uv
