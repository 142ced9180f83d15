// Preloaded (LD_PRELOAD) into a Node: every call that opens a descriptor for the addon says ENFILE, as when the machine has no
// file left, once as many as NETLOOM_FILES_LEFT says have been opened. That limit is the whole machine's (fs.file-max), and
// does not bind root: so it is played.
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace {

int opened = 0;
char counted[32] = "";

bool isRefused() {
  // "how many, and the number of this order"; set from JavaScript, while no other thread asks.
  const char* left = std::getenv("NETLOOM_FILES_LEFT");
  if (!left) return false;
  if (std::strcmp(left, counted) != 0) {
    std::strncpy(counted, left, sizeof counted - 1);
    opened = 0;
  }
  if (opened++ < std::atoi(left)) return false;
  errno = ENFILE;
  return true;
}

}  // namespace

extern "C" {

int socket(int family, int type, int protocol) noexcept {
  return isRefused() ? -1 : static_cast<int>(syscall(SYS_socket, family, type, protocol));
}
int socketpair(int family, int type, int protocol, int* ends) noexcept {
  return isRefused() ? -1 : static_cast<int>(syscall(SYS_socketpair, family, type, protocol, ends));
}
int accept4(int s, void* name, unsigned* length, int flags) {
  return isRefused() ? -1 : static_cast<int>(syscall(SYS_accept4, s, name, length, flags));
}
int accept(int s, void* name, unsigned* length) { return accept4(s, name, length, 0); }
int eventfd(unsigned value, int flags) noexcept {
  return isRefused() ? -1 : static_cast<int>(syscall(SYS_eventfd2, value, flags));
}
int epoll_create1(int flags) noexcept { return isRefused() ? -1 : static_cast<int>(syscall(SYS_epoll_create1, flags)); }
int pipe2(int* ends, int flags) noexcept { return isRefused() ? -1 : static_cast<int>(syscall(SYS_pipe2, ends, flags)); }

}
