// What libstdc++ of a glibc system asks of its C library and musl has not: for musl.sh.
extern int getentropy(void* into, unsigned long length);

char __libc_single_threaded = 0;

// Where no randomness can be had the caller only tries another name.
unsigned arc4random(void) {
  unsigned value = 0;
  return getentropy(&value, sizeof(value)) == 0 ? value : 0;
}

// Unwinding finds nothing, so that an exception ends the program. Neither Bun nor the addon throws one.
int _dl_find_object(void* address, void* found) {
  (void)address;
  (void)found;
  return -1;
}
