/*
 * The original's recv: a buffer of 100 units, 200 bytes, and a length of 400.
 *
 * What lies behind the buffer is the neighbour, a member of the same structure: so here the overflow hits memory that is
 * ours. Where the compiler puts something else there, it is that which is hit: other variables, the return address.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UNITS = 100, SENT_UNITS = 150, CLAIMED_BYTES = 400 };

struct memory {
  uint16_t buf[UNITS]; /* Windows' wchar_t has two bytes */
  char neighbour[2 * UNITS];
};

int main(void) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
    perror("socketpair");
    return 1;
  }
  uint16_t message[SENT_UNITS];
  for (int unit = 0; unit < SENT_UNITS; unit++) message[unit] = unit < UNITS ? 'A' : 'B';
  if (send(ends[0], message, sizeof message, 0) != (ssize_t)sizeof message) {
    perror("send");
    return 1;
  }

  struct memory memory;
  memset(&memory, 0, sizeof memory);
  strcpy(memory.neighbour, "somebody else's");
  printf("before: %s\n", memory.neighbour);
  ssize_t received = recv(ends[1], (char *)&memory, CLAIMED_BYTES, 0);
  if (received < 0) {
    perror("recv");
    return 1;
  }
  printf("recv(..., %d) = %zd into %zu\n", CLAIMED_BYTES, received, sizeof memory.buf);
  int overwritten = 0;
  while (memory.neighbour[overwritten] == 'B' && memory.neighbour[overwritten + 1] == 0) overwritten += 2;
  printf("after: %d bytes overwritten\n", overwritten);
  close(ends[0]);
  close(ends[1]);
  return 0;
}
