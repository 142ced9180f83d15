/*
 * The load generator: one thread, one epoll set, every byte checked.
 *
 *     load exchange PORT CLIENTS SECONDS
 *     load echo     PORT CLIENTS SECONDS DEPTH
 *
 * exchange: CLIENTS at a time connect, read 36 bytes, send 14, and wait for the server to close first.
 * echo: CLIENTS connections, DEPTH messages of 64 bytes in flight on each; a new one for each that came back.
 * After SECONDS nothing new is begun, and what is under way is brought to its end: every operation counted is whole.
 *
 * Clients spread over many source addresses of 127/8, so that neither ephemeral ports nor TIME_WAIT (which lies at the
 * server, the side that closes first) run out; EADDRNOTAVAIL is a failure like any other. Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dialogue.h"

enum {
  BATCH = 256,
  SOURCES = 200,         /* 127.0.1.1 to 127.0.1.200 */
  MAX_DEPTH = 64,
  MAX_FAILURES = 100,    /* then it is no measurement any more */
  STALL_MS = 5000,       /* nothing heard for so long: the rest counts as failed */
  SUB_BUCKETS = 32,      /* latencies are kept with 3 % precision */
};

struct client {
  int fd;
  int received;              /* exchange: bytes of the greeting so far */
  uint64_t begun;            /* exchange: when it connected */
  uint64_t sent, returned;   /* echo: messages */
  int partial;               /* echo: bytes of the message that is coming back */
  uint64_t sent_at[MAX_DEPTH];
};

static int epoll_fd, port, depth;
static uint64_t deadline;
static uint64_t operations = 0, failures = 0, connections = 0, under_way = 0;
static char first_failure[160] = "";
static uint64_t histogram[64 * SUB_BUCKETS];

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void record(uint64_t ns) {
  int power = 63 - __builtin_clzll(ns | SUB_BUCKETS);
  histogram[power * SUB_BUCKETS + ((ns >> (power - 5)) & (SUB_BUCKETS - 1))]++;
}

static double percentile_us(double share) {
  uint64_t all = 0, seen = 0;
  for (int i = 0; i < 64 * SUB_BUCKETS; i++) all += histogram[i];
  for (int i = 0; i < 64 * SUB_BUCKETS; i++) {
    seen += histogram[i];
    if (seen > 0 && seen >= share * all) {
      int power = i / SUB_BUCKETS;
      return (((uint64_t)(i % SUB_BUCKETS + SUB_BUCKETS) << (power - 5)) + 0.5) / 1000.0;
    }
  }
  return 0;
}

static void failed(const char *what, int error) {
  if (failures++ == 0) {
    snprintf(first_failure, sizeof first_failure, "%s%s%s", what, error ? ": " : "",
             error ? strerror(error) : "");
  }
}

/* A socket of its own source address, connecting. -1: counted as failed. */
static int begin_connection(int flags) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (fd < 0) fail("socket");
  int on = 1;
  /* The port is chosen at connect, where only the whole four-tuple must be free. */
  if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) != 0) fail("setsockopt");
  struct sockaddr_in from = {.sin_family = AF_INET};
  from.sin_addr.s_addr = htonl(0x7f000101 + connections % SOURCES);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connections++;
  if (bind(fd, (struct sockaddr *)&from, sizeof from) == 0 &&
      (connect(fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS)) {
    return fd;
  }
  failed("connect", errno);
  close(fd);
  return -1;
}

static void watch(struct client *c) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = c};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) != 0) fail("epoll_ctl");
}

/* Begins the client's next exchange, unless the time is over. */
static void begin_exchange(struct client *c) {
  c->fd = -1;
  while (failures < MAX_FAILURES) {
    uint64_t now = now_ns();
    if (now >= deadline) return;
    c->received = 0;
    c->begun = now;
    c->fd = begin_connection(SOCK_NONBLOCK);
    if (c->fd < 0) continue;
    watch(c);
    under_way++;
    return;
  }
}

static void end_exchange(struct client *c, const char *fault, int error) {
  if (fault != NULL) {
    failed(fault, error);
  } else {
    operations++;
    record(now_ns() - c->begun);
  }
  close(c->fd);
  under_way--;
  begin_exchange(c);
}

static void exchange(struct client *c, unsigned events) {
  char room[GREETING_BYTES + 1]; /* one more than may come: too much is noticed */
  for (;;) {
    ssize_t n = recv(c->fd, room, sizeof room, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return end_exchange(c, "recv", errno);
    if (n == 0) {
      int is_whole = c->received == GREETING_BYTES;
      return end_exchange(c, is_whole ? NULL : "closed before the greeting was whole", 0);
    }
    if (c->received + n > GREETING_BYTES || memcmp(room, GREETING + c->received, n) != 0) {
      return end_exchange(c, "wrong bytes in the greeting", 0);
    }
    c->received += n;
    if (c->received == GREETING_BYTES) {
      if (send(c->fd, REPLY, REPLY_BYTES, MSG_NOSIGNAL) != REPLY_BYTES) {
        return end_exchange(c, "send", errno);
      }
    }
    /* Shorter than the room: nothing is left, and the end will have an edge of its own if this was not it. */
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) return;
  }
}

/* Every message differs from every other, in every eight bytes. */
static void fill_message(char *into, const struct client *c, uint64_t number) {
  for (int i = 0; i < ECHO_BYTES / 8; i++) {
    uint64_t word = ((uint64_t)c->fd << 48) ^ (number * 8 + i) * 0x9e3779b97f4a7c15u;
    memcpy(into + i * 8, &word, 8);
  }
}

static void end_echo(struct client *c, const char *fault, int error) {
  under_way -= c->sent - c->returned;
  failed(fault, error);
  close(c->fd);
  c->fd = -1;
}

/* Sends `count` messages with one call. */
static void send_messages(struct client *c, int count) {
  char room[MAX_DEPTH * ECHO_BYTES];
  uint64_t now = now_ns();
  if (now >= deadline || failures > 0) return;
  for (int i = 0; i < count; i++) {
    c->sent_at[c->sent % MAX_DEPTH] = now;
    fill_message(room + i * ECHO_BYTES, c, c->sent++);
  }
  under_way += count;
  if (send(c->fd, room, count * ECHO_BYTES, MSG_NOSIGNAL) != count * ECHO_BYTES) {
    end_echo(c, "send", errno);
  }
}

static void echo(struct client *c, unsigned events) {
  char room[MAX_DEPTH * ECHO_BYTES + 1];
  char expected[ECHO_BYTES];
  ssize_t n = recv(c->fd, room, sizeof room, 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) return end_echo(c, n == 0 ? "closed by the server" : "recv", n == 0 ? 0 : errno);
  int whole = 0;
  uint64_t now = now_ns();
  for (ssize_t at = 0; at < n;) {
    if (c->returned == c->sent) return end_echo(c, "more came back than was sent", 0);
    int take = ECHO_BYTES - c->partial;
    if (take > n - at) take = n - at;
    fill_message(expected, c, c->returned);
    if (memcmp(room + at, expected + c->partial, take) != 0) {
      return end_echo(c, "wrong bytes in an echo", 0);
    }
    at += take;
    c->partial = (c->partial + take) % ECHO_BYTES;
    if (c->partial == 0) {
      record(now - c->sent_at[c->returned++ % MAX_DEPTH]);
      whole++;
      operations++;
      under_way--;
    }
  }
  /* The end may come with the edge of the last bytes; here the server is never the one to end. */
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) return end_echo(c, "closed by the server", 0);
  if (whole > 0) send_messages(c, whole);
}

static void begin_echo(struct client *c) {
  int on = 1;
  c->fd = begin_connection(0);
  if (c->fd < 0) return;
  if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("TCP_NODELAY");
  watch(c);
}

static void run(void (*handle)(struct client *, unsigned)) {
  struct epoll_event events[BATCH];
  while (under_way > 0) {
    int n = epoll_wait(epoll_fd, events, BATCH, STALL_MS);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    if (n == 0) {
      failed("nothing heard for 5 seconds", 0);
      failures += under_way - 1;
      return;
    }
    for (int i = 0; i < n; i++) {
      struct client *c = events[i].data.ptr;
      if (c->fd >= 0) handle(c, events[i].events);
    }
  }
}

static double cpu_seconds(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec +
         (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv) {
  int is_exchange = argc == 5 && strcmp(argv[1], "exchange") == 0;
  int is_echo = argc == 6 && strcmp(argv[1], "echo") == 0;
  int clients = argc > 3 ? atoi(argv[3]) : 0;
  depth = is_echo ? atoi(argv[5]) : 1;
  if ((!is_exchange && !is_echo) || clients < 1 || depth < 1 || depth > MAX_DEPTH) {
    fprintf(stderr, "usage: load exchange PORT CLIENTS SECONDS | load echo PORT CLIENTS SECONDS DEPTH\n");
    return 2;
  }
  port = atoi(argv[2]);
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  struct client *all = calloc(clients, sizeof *all);
  if (epoll_fd < 0 || all == NULL) fail("set-up");
  if (is_echo) {
    for (int i = 0; i < clients; i++) begin_echo(&all[i]);
  }

  double cpu = cpu_seconds();
  uint64_t begun = now_ns();
  deadline = begun + (uint64_t)(atof(argv[4]) * 1e9);
  for (int i = 0; i < clients; i++) {
    if (is_exchange) begin_exchange(&all[i]);
    else if (all[i].fd >= 0) send_messages(&all[i], depth);
  }
  run(is_exchange ? exchange : echo);
  double seconds = (now_ns() - begun) / 1e9;
  cpu = cpu_seconds() - cpu;

  printf("{\"operations\":%lu,\"connections\":%lu,\"failures\":%lu,\"firstFailure\":\"%s\","
         "\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"p50Us\":%.1f,\"p99Us\":%.1f}\n",
         operations, connections, failures, first_failure, seconds, cpu, percentile_us(0.5),
         percentile_us(0.99));
  return failures == 0 ? 0 : 1;
}
