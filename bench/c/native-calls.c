/*
 * The floor under single calls: what `recv`, `send` and the address functions cost in C.
 *
 *     native-calls      then lines: recv-idle N | recv-full N | send N | pton4 N | ntop4 N | pton6 N | ntop6 N | sockaddr N
 */
#define _GNU_SOURCE
#include <errno.h>

#include "native-driver.h"

enum { MESSAGE = 64, FULL = 64 * 1024, SENDS = 256, TEXTS = 64 };

static int near_end, far_end;
static char room[FULL];

/* Fills the receive queue with bytes that say where they stand, and waits until they are there. */
static void fill(void) {
  for (int i = 0; i < FULL; i++) room[i] = (char)(i / MESSAGE);
  for (int sent = 0; sent < FULL;) {
    ssize_t n = send(far_end, room + sent, FULL - sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) fail("send");
    if (n > 0) sent += n;
  }
  while (recv(near_end, room, FULL, MSG_PEEK) != FULL) {}
}

static double recv_idle(long count) {
  double begun = cpu_ns();
  for (long i = 0; i < count; i++) wrong += !(recv(near_end, room, MESSAGE, MSG_DONTWAIT) < 0 && errno == EAGAIN);
  return cpu_ns() - begun;
}

static double recv_full(long count) {
  double ns = 0;
  for (long done = 0; done < count; done += FULL / MESSAGE) {
    fill();
    double begun = cpu_ns();
    for (int i = 0; i < FULL / MESSAGE; i++) {
      wrong += recv(near_end, room, MESSAGE, MSG_DONTWAIT) != MESSAGE || room[0] != (char)i;
    }
    ns += cpu_ns() - begun;
  }
  return ns;
}

/* Whether a segment is acknowledged at once or later is the kernel's discretion, and a fourfold difference of one send: so
   none leaves while the clock runs, tcp(7) TCP_CORK. */
static void cork(int on) {
  if (setsockopt(near_end, IPPROTO_TCP, TCP_CORK, &on, sizeof on) != 0) fail("TCP_CORK");
}

static double send_small(long count) {
  double ns = 0;
  for (long done = 0; done < count; done += SENDS) {
    cork(1);
    double begun = cpu_ns();
    for (int i = 0; i < SENDS; i++) {
      room[0] = (char)i;
      wrong += send(near_end, room, MESSAGE, MSG_DONTWAIT | MSG_NOSIGNAL) != MESSAGE;
    }
    ns += cpu_ns() - begun;
    cork(0);
    for (int got = 0; got < SENDS * MESSAGE;) {
      ssize_t n = recv(far_end, room, FULL, 0);
      if (n < 0 && errno != EAGAIN) fail("recv");
      if (n <= 0) continue;
      if (got == 0) wrong += room[0] != 0 || (n > MESSAGE && room[MESSAGE] != 1);
      got += n;
    }
  }
  return ns;
}

static char texts4[TEXTS][INET_ADDRSTRLEN], texts6[TEXTS][INET6_ADDRSTRLEN];
static struct in_addr bytes4[TEXTS];
static struct in6_addr bytes6[TEXTS];

/* As in subjects/addresses.ts. */
static void make_addresses(void) {
  for (int i = 0; i < TEXTS; i++) {
    snprintf(texts4[i], sizeof texts4[i], "192.%d.7.%d", 100 + i, i);
    snprintf(texts6[i], sizeof texts6[i], "2001:db8:%x::%x:1", 0x1000 + i, 0xa0 + i);
    inet_pton(AF_INET, texts4[i], &bytes4[i]);
    inet_pton(AF_INET6, texts6[i], &bytes6[i]);
  }
}

static double pton(int family, long count) {
  struct in6_addr into;
  double begun = cpu_ns();
  for (long i = 0; i < count; i++) {
    int at = i % TEXTS;
    wrong += inet_pton(family, family == AF_INET ? texts4[at] : texts6[at], &into) != 1;
    wrong += memcmp(&into, family == AF_INET ? (void *)&bytes4[at] : (void *)&bytes6[at], 4) != 0;
  }
  return cpu_ns() - begun;
}

static double ntop(int family, long count) {
  char into[INET6_ADDRSTRLEN];
  double begun = cpu_ns();
  for (long i = 0; i < count; i++) {
    int at = i % TEXTS;
    inet_ntop(family, family == AF_INET ? (void *)&bytes4[at] : (void *)&bytes6[at], into, sizeof into);
    wrong += strcmp(into, family == AF_INET ? texts4[at] : texts6[at]) != 0;
  }
  return cpu_ns() - begun;
}

/* Made from text and port, then asked for both. */
static double sockaddr_in(long count) {
  char into[INET_ADDRSTRLEN];
  double begun = cpu_ns();
  for (long i = 0; i < count; i++) {
    int at = i % TEXTS;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9000 + at)};
    wrong += inet_pton(AF_INET, texts4[at], &address.sin_addr) != 1;
    inet_ntop(AF_INET, &address.sin_addr, into, sizeof into);
    wrong += ntohs(address.sin_port) != 9000 + at || strcmp(into, texts4[at]) != 0;
  }
  return cpu_ns() - begun;
}

static double run(const char *name, long count) {
  if (strcmp(name, "recv-idle") == 0) return recv_idle(count);
  if (strcmp(name, "recv-full") == 0) return recv_full(count);
  if (strcmp(name, "send") == 0) return send_small(count);
  if (strcmp(name, "pton4") == 0) return pton(AF_INET, count);
  if (strcmp(name, "pton6") == 0) return pton(AF_INET6, count);
  if (strcmp(name, "ntop4") == 0) return ntop(AF_INET, count);
  if (strcmp(name, "ntop6") == 0) return ntop(AF_INET6, count);
  if (strcmp(name, "sockaddr") == 0) return sockaddr_in(count);
  fprintf(stderr, "native-calls: no operation %s\n", name);
  exit(2);
}

int main(void) {
  connected(&near_end, &far_end);
  int on = 1;
  if (setsockopt(far_end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("TCP_NODELAY");
  make_addresses();
  return drive(run);
}
