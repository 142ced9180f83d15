#!/bin/sh
# The lane of runtimes without a loop of libuv's: Bun and Deno from their packages, with the binary that ships. The reactor's
# promises, that an idle socket and a cancelled wait let the process end, and README's first program.
#
# Exit code 0 all passed, 1 something failed, 77 neither can be had here (one line says why).
# What is fetched stays in NETLOOM_RUNTIMES_CACHE, default node_modules/.cache/runtimes (200 MB).
set -u
cd "$(dirname "$0")/../../.." || exit 1
BUN=1.4.5
DENO=2.9.6
root=$PWD
cache=${NETLOOM_RUNTIMES_CACHE:-$root/node_modules/.cache/runtimes}
binary=$root/packages/winsock-native/prebuilds/linux-x64/winsock_native.napi.glibc.node

skip() {
  echo "runtimes lane skipped: $*"
  exit 77
}

[ "$(uname -sm)" = 'Linux x86_64' ] || skip "it needs Linux on x86_64, and this is $(uname -sm)"
packages="@oven/bun-linux-x64@$BUN @deno/linux-x64-glibc@$DENO"
bun=$cache/node_modules/@oven/bun-linux-x64/bin/bun
deno=$cache/node_modules/@deno/linux-x64-glibc/deno
if [ ! -e "$bun" ] || [ ! -e "$deno" ]; then
  # shellcheck disable=SC2086 # a list of packages
  npm install --no-save --no-package-lock --no-audit --no-fund --silent --prefix "$cache" $packages >/dev/null 2>&1
  [ -e "$bun" ] && [ -e "$deno" ] || skip "the package registry gave no $packages"
fi
if [ ! -e "$binary" ]; then
  node packages/winsock-native/binaries/build.mjs linux-x64-glibc || exit
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP
node_modules/.bin/tsx tools/windows/stage.ts "$scratch/stage" || exit 1
cp packages/winsock-native/binaries/smoke.mjs "$scratch/stage/"
cd "$scratch/stage" || exit 1
# Deno takes a folder's packages only where a manifest names them.
echo '{"type":"module","dependencies":{"@netloom/winsock-native":"*","@netloom/sockaddr":"*"}}' >package.json
# As in a project; Deno asks for types' sake to be told that this is TypeScript.
sed -n '/^```ts$/,/^```$/p' "$root/packages/winsock-native/README.md" | sed '1d;/^```$/,$d' >readme.ts

failed=0
# step RUNTIME NAME PROGRAM...
step() {
  runtime=$1
  name=$2
  shift 2
  timeout -k 5 120 "$@" >"$scratch/said" 2>&1 </dev/null
  code=$?
  if [ "$code" = 0 ]; then
    echo "ok     $runtime: $name$(sed -n 's/^# pass \(.*\)$/: \1 passed/p' "$scratch/said")"
  else
    failed=1
    tail -n 20 "$scratch/said"
    echo "FAILED $runtime: $name: exit code $code"
  fi
}
lane() {
  runtime=$1
  shift
  before=$failed
  failed=0
  step "$runtime" 'the reactor' "$@" smoke.mjs
  count=$(sed -n 's/^# pass //p' "$scratch/said")
  step "$runtime" 'README' "$@" readme.ts
  for program in idle cancelled throwing; do
    step "$runtime" "$program" "$@" packages/winsock-native/test/reactor/children.mjs "$program"
  done
  [ "$failed" = 0 ] && node "$root/packages/winsock-native/binaries/runs.mjs" "$binary" "$runtime" "$count cases of the reactor"
  [ "$before" = 0 ] || failed=1
}
lane "Bun $BUN" "$bun"
lane "Deno $DENO" "$deno" run -A --no-check --node-modules-dir=manual
exit "$failed"
