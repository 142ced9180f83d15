// Preloaded: a resolver that does not answer for names that begin with "held", until the pipe NETLOOM_HOLD has a writer. Each
// such question is a byte in the file NETLOOM_HELD before it waits.
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

using GetAddrInfo = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  static const auto real = reinterpret_cast<GetAddrInfo>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (!node || strncmp(node, "held", 4) != 0) return real(node, service, hints, found);
  const int told = open(getenv("NETLOOM_HELD"), O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (told < 0 || write(told, ".", 1) != 1) abort();
  close(told);
  const int pipe = open(getenv("NETLOOM_HOLD"), O_RDONLY);  // waits for a writer
  if (pipe < 0) abort();
  close(pipe);
  return real("127.0.0.1", service, hints, found);
}
