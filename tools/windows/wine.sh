# The shell functions by which the lane starts Windows programs; for `.`, with $tools (setup.sh's folder) and $scratch set.
# shellcheck shell=sh

WINEPREFIX=$scratch/prefix
WINEARCH=win64
WINEDEBUG=${WINEDEBUG:--all}
# No dialogues, and no browser or .NET to install.
WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe=d'
# For the tests: what Wine does otherwise than Windows is data (test/contract/harness.mjs).
NETLOOM_WINE=10
export WINEPREFIX WINEARCH WINEDEBUG WINEDLLOVERRIDES NETLOOM_WINE
unset DISPLAY WAYLAND_DISPLAY WINELOADER WINESERVER NODE_EXTRA_CA_CERTS NODE_PATH NODE_OPTIONS VITEST

# wine SECONDS PROGRAM...: runs a Windows program from the current folder. What it writes goes through files, because libuv
# cannot open a pipe of Unix that Wine hands down.
wine() {
  seconds=$1
  shift
  # Waited for, so that a signal is heard meanwhile; end_prefix then ends the program.
  timeout -k 5 "$seconds" "$tools/wine/usr/lib/wine/wine64" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null &
  wait $!
  code=$?
  cat "$scratch/out"
  cat "$scratch/err" >&2
  [ "$code" != 124 ] || echo "timed out after $seconds s: $*" >&2
  return "$code"
}

# A Windows of its own. On a broken one winecfg and wineboot would wait for ever.
make_prefix() {
  mkdir -p "$WINEPREFIX/drive_c/windows/system32"
  # An installed Wine finds it elsewhere.
  cp "$tools/wine/usr/x86_64-w64-mingw32/lib/zlib1.dll" "$WINEPREFIX/drive_c/windows/system32/"
  # Stays a minute after its last program, so that the next does not meet one that is just ending.
  "$tools/wine/usr/lib/wine/wineserver64" -p60
  wine 120 wineboot -i && wine 60 winecfg -v win10
}

# Ends all that runs in it, and the server.
end_prefix() {
  "$tools/wine/usr/lib/wine/wineserver64" -k 2>/dev/null
}
