/*
 * A program that is driven line by line: `NAME COUNT` on its input, one JSON object a line on its output.
 *
 * The time is the process's CPU time, user and system (getrusage), as Node's process.cpuUsage() gives it to the other side.
 */
#ifndef NATIVE_DRIVER_H
#define NATIVE_DRIVER_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static long wrong = 0; /* answers */

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double cpu_ns(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e9 +
         (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e3;
}

/* Two ends of a TCP connection over loopback, non-blocking, without Nagle: each send is a segment. */
static void connected(int *one, int *other) {
  static int listener = -1;
  static struct sockaddr_in address;
  socklen_t length = sizeof address;
  int on = 1;
  if (listener < 0) {
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0) fail("bind");
    if (listen(listener, 128) != 0) fail("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &length) != 0) fail("getsockname");
  }
  *one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (*one < 0 || connect(*one, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  *other = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (*other < 0 || fcntl(*one, F_SETFL, O_NONBLOCK) != 0) fail("accept4");
  if (setsockopt(*one, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("TCP_NODELAY");
}

/* Answers each line with what `run` gives: the nanoseconds of `count` operations. */
static int drive(double (*run)(const char *name, long count)) {
  char name[32];
  long count;
  while (scanf("%31s %ld", name, &count) == 2) {
    wrong = 0;
    double ns = run(name, count);
    printf("{\"ns\":%.3f,\"wrong\":%ld}\n", ns / count, wrong);
    fflush(stdout);
  }
  return 0;
}

#endif
