// The few libuv functions that the reactor uses, declared with opaque handles and resolved at start.
//
// uv.h is not among the headers of Node-API, and a runtime without libuv must still be able to load the addon: so nothing
// here is linked. Sizes and numbers are libuv 1.x's, whose binary interface is stable.
#pragma once

#include "../sys/sys.h"

namespace netloom::uv {

struct Loop;
struct Handle;

using PollCallback = void (*)(Handle* poll, int status, int events);
using CloseCallback = void (*)(Handle* handle);
using Callback = void (*)(Handle* handle);

constexpr int kReadable = 1;      // UV_READABLE
constexpr int kWritable = 2;      // UV_WRITABLE
constexpr int kDisconnect = 4;    // UV_DISCONNECT
constexpr int kAsyncHandle = 1;   // UV_ASYNC in uv_handle_type
constexpr int kCheckHandle = 2;   // UV_CHECK
constexpr int kPollHandle = 8;    // UV_POLL

struct Functions {
  size_t (*handleSize)(int type);
  int (*pollInit)(Loop* loop, Handle* poll, int fd);
  int (*pollStart)(Handle* poll, int events, PollCallback callback);
  int (*pollStop)(Handle* poll);
  void (*ref)(Handle* handle);
  void (*unref)(Handle* handle);
  void (*close)(Handle* handle, CloseCallback callback);
  // What only a reactor with a handle per socket uses.
  int (*pollInitSocket)(Loop* loop, Handle* poll, SOCKET s);
  int (*asyncInit)(Loop* loop, Handle* async, Callback callback);
  int (*asyncSend)(Handle* async);
  int (*checkInit)(Loop* loop, Handle* check);
  int (*checkStart)(Handle* check, Callback callback);
  int (*checkStop)(Handle* check);
};

template <typename Function>
bool find(Function* slot, const char* name) {
  // SAFETY: the signatures are those of libuv 1.x, with the handle types made opaque.
  *slot = reinterpret_cast<Function>(sys::findSymbol(name));
  return *slot != nullptr;
}

// Fills in the functions; false where the program has no libuv to offer.
inline bool resolve(Functions* uv) {
  return find(&uv->handleSize, "uv_handle_size") && find(&uv->pollInit, "uv_poll_init") &&
         find(&uv->pollStart, "uv_poll_start") && find(&uv->pollStop, "uv_poll_stop") &&
         find(&uv->ref, "uv_ref") && find(&uv->unref, "uv_unref") && find(&uv->close, "uv_close");
}

// The rest of them.
inline bool resolveMore(Functions* uv) {
  return find(&uv->pollInitSocket, "uv_poll_init_socket") && find(&uv->asyncInit, "uv_async_init") &&
         find(&uv->asyncSend, "uv_async_send") && find(&uv->checkInit, "uv_check_init") &&
         find(&uv->checkStart, "uv_check_start") && find(&uv->checkStop, "uv_check_stop");
}

}  // namespace netloom::uv
