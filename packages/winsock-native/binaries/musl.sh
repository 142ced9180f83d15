#!/bin/sh
# musl.sh PROGRAM FOLDER: makes in FOLDER the libstdc++.so.6 that PROGRAM, which was made for musl, wants to be loaded with.
#
# Debian has musl, and no C++ library for it. But objects of the compiler's own static one only call the C library by name,
# so those that PROGRAM needs are linked anew, without glibc, and musl answers them; musl.c adds what it lacks.
set -eu
program=$1
folder=$2
binaries=$(dirname "$0")
file() {
  g++ -print-file-name="$1"
}
mkdir -p "$folder"
# Names of the C++ library and its run-time support; the rest is musl's.
wanted=$(objdump -T "$program" | awk '/UND|_ZT[IV]/ { print $NF }' | sort -u |
  grep -E '^_Z|cxa_|gxx_|_Unwind|dynamic_cast|once_proxy|frame_info' |
  grep -v -E '__cxa_(finalize|thread_atexit_impl)$' | sed 's/^/-Wl,-u,/')
# shellcheck disable=SC2086 # a list of options
gcc -shared -nostdlib -fPIC -O2 -Wl,-soname,libstdc++.so.6 -o "$folder/libstdc++.so.6" $wanted \
  "$(file crtbeginS.o)" "$binaries/musl.c" "$(file libstdc++.a)" "$(file libgcc_eh.a)" "$(file libgcc.a)" \
  "$(file crtendS.o)"
