/*
 * The floor: what the kernel alone costs. A server in plain C with one thread and one epoll set.
 *
 *     epoll-server exchange | echo
 *
 * exchange: sends 36 bytes at accept, reads exactly 14, closes first. echo: sends back what it reads.
 * Prints its port as JSON; at SIGTERM prints how many connections it accepted, and ends.
 *
 * As few system calls as the work allows: accept4 makes the socket non-blocking, it is registered once and
 * edge-triggered, a read shorter than the room means that nothing is left, so the kernel is not asked again.
 * The listener is level-triggered and gives one connection a turn: accepting until EAGAIN would cost a call more.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dialogue.h"

enum { BATCH = 256, ROOM = 64 * 1024 };

struct connection {
  int fd;
  int received;      /* exchange: bytes of the reply so far */
  char *unsent;      /* echo: what the kernel did not take; while there is some, nothing is read */
  size_t unsent_from, unsent_bytes;
};

static volatile sig_atomic_t is_ending = 0;
static int epoll_fd;
static unsigned long accepted = 0;
static char room[ROOM];

static void on_term(int signal_number) {
  (void)signal_number;
  is_ending = 1;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void end_connection(struct connection *c) {
  close(c->fd); /* takes it out of the set: there is no duplicate */
  free(c->unsent);
  free(c);
}

static void accept_one(int listener, int is_exchange) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return;
    fail("accept4");
  }
  struct connection *c = calloc(1, sizeof *c);
  if (c == NULL) fail("calloc");
  c->fd = fd;
  accepted++;
  if (is_exchange) {
    if (send(fd, GREETING, GREETING_BYTES, MSG_NOSIGNAL) != GREETING_BYTES) {
      end_connection(c);
      return;
    }
  } else {
    int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("TCP_NODELAY");
  }
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = c};
  if (!is_exchange) event.events |= EPOLLOUT;
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

static void exchange(struct connection *c) {
  char reply[REPLY_BYTES];
  for (;;) {
    ssize_t n = recv(c->fd, reply, REPLY_BYTES - c->received, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) break;
    c->received += n;
    if (c->received == REPLY_BYTES) break;
  }
  end_connection(c);
}

/* Returns 1 when all was taken, 0 when the kernel is full, -1 when the peer is gone. */
static int send_all(struct connection *c, const char *from, size_t bytes) {
  while (bytes > 0) {
    ssize_t n = send(c->fd, from, bytes, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return -1;
    if (n < 0) {
      if (c->unsent == NULL && (c->unsent = malloc(ROOM)) == NULL) fail("malloc");
      memmove(c->unsent, from, bytes);
      c->unsent_from = 0;
      c->unsent_bytes = bytes;
      return 0;
    }
    from += n;
    bytes -= n;
  }
  return 1;
}

static void echo(struct connection *c, unsigned events) {
  if (c->unsent_bytes > 0) {
    size_t bytes = c->unsent_bytes;
    c->unsent_bytes = 0;
    int taken = send_all(c, c->unsent + c->unsent_from, bytes);
    if (taken < 0) end_connection(c);
    if (taken <= 0) return;
    events |= EPOLLIN; /* what came meanwhile has had its edge */
  }
  if ((events & ~EPOLLOUT) == 0) return;
  for (;;) {
    ssize_t n = recv(c->fd, room, ROOM, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) break;
    int taken = send_all(c, room, n);
    if (taken == 0) return;
    if (taken < 0) break;
    if (n < ROOM && (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) return;
  }
  end_connection(c);
}

static int listen_anywhere(void) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (listener < 0) fail("socket");
  if (bind(listener, (struct sockaddr *)&address, length) != 0) fail("bind");
  if (listen(listener, 4096) != 0) fail("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &length) != 0) fail("getsockname");
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(int argc, char **argv) {
  if (argc != 2 || (strcmp(argv[1], "exchange") != 0 && strcmp(argv[1], "echo") != 0)) {
    fprintf(stderr, "usage: epoll-server exchange | echo\n");
    return 2;
  }
  int is_exchange = strcmp(argv[1], "exchange") == 0;
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  struct sigaction action = {.sa_handler = on_term};
  sigaction(SIGTERM, &action, NULL);

  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) fail("epoll_create1");
  int listener = listen_anywhere();
  struct epoll_event listening = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &listening) != 0) fail("epoll_ctl");

  struct epoll_event events[BATCH];
  while (!is_ending) {
    int n = epoll_wait(epoll_fd, events, BATCH, -1);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      if (c == NULL) accept_one(listener, is_exchange);
      else if (is_exchange) exchange(c);
      else echo(c, events[i].events);
    }
  }
  printf("{\"connections\":%lu}\n", accepted);
  return 0;
}
