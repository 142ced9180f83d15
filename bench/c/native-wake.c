/*
 * The floor under a wake-up: an epoll loop with so many sockets watched, of which one after the other gets a byte.
 *
 *     native-wake WATCHED SPEAKERS     then lines: wake N
 *
 * SPEAKERS sockets are one end of a TCP connection; the others are UDP sockets that never get anything. One operation: a
 * byte sent at the other end, epoll_wait, recv.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>

#include "native-driver.h"

enum { BATCH = 256 };

static int epoll_fd, speakers;
static int *watched, *peers;
static long turn = 0;

static double run(const char *name, long count) {
  if (strcmp(name, "wake") != 0) exit(2);
  struct epoll_event events[BATCH];
  double begun = cpu_ns();
  for (long i = 0; i < count; i++) {
    int at = turn++ % speakers;
    char byte = (char)turn, got = 0;
    if (send(peers[at], &byte, 1, MSG_NOSIGNAL) != 1) fail("send");
    for (;;) {
      int n = epoll_wait(epoll_fd, events, BATCH, -1);
      if (n < 1) fail("epoll_wait");
      if (n > 1) wrong++;
      if ((events[0].events & EPOLLIN) != 0 && events[0].data.u32 == (unsigned)at) break;
      wrong++;
    }
    wrong += recv(watched[at], &got, 1, MSG_DONTWAIT) != 1 || got != byte;
  }
  return cpu_ns() - begun;
}

static void watch(int fd, unsigned which) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.u32 = which};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

int main(int argc, char **argv) {
  int all = argc == 3 ? atoi(argv[1]) : 0;
  speakers = argc == 3 ? atoi(argv[2]) : 0;
  if (speakers < 1 || all < speakers) {
    fprintf(stderr, "usage: native-wake WATCHED SPEAKERS\n");
    return 2;
  }
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  watched = calloc(speakers, sizeof *watched);
  peers = calloc(speakers, sizeof *peers);
  if (epoll_fd < 0 || watched == NULL || peers == NULL) fail("set-up");
  for (int i = 0; i < speakers; i++) {
    connected(&peers[i], &watched[i]);
    watch(watched[i], i);
  }
  for (int i = speakers; i < all; i++) {
    int idle = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (idle < 0) fail("socket");
    watch(idle, i);
  }
  return drive(run);
}
