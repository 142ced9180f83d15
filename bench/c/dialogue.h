/*
 * The bytes that both C programs agree on: the tutorial's dialogue, and the message of the echo.
 */
#ifndef NETLOOM_BENCH_DIALOGUE_H
#define NETLOOM_BENCH_DIALOGUE_H

/* "Welcome to server!" in UTF-16LE. */
static const char GREETING[36] = {'W', 0, 'e', 0, 'l', 0, 'c', 0, 'o', 0, 'm', 0,
                                  'e', 0, ' ', 0, 't', 0, 'o', 0, ' ', 0, 's', 0,
                                  'e', 0, 'r', 0, 'v', 0, 'e', 0, 'r', 0, '!', 0};

/* "ThisIs1" in UTF-16LE. */
static const char REPLY[14] = {'T', 0, 'h', 0, 'i', 0, 's', 0, 'I', 0, 's', 0, '1', 0};

enum { GREETING_BYTES = sizeof GREETING, REPLY_BYTES = sizeof REPLY, ECHO_BYTES = 64 };

#endif
