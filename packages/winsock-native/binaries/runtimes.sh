#!/bin/sh
# The lane of runtimes that are not Node: Bun and Deno from their packages, and Bun for musl, with the binaries that ship. The
# contract tests, the reactor's, that an idle socket and a cancelled wait let the process end, and README's first program.
#
# Exit code 0 all passed, 1 something failed, 77 they cannot be had here (one line says why).
# What is fetched stays in NETLOOM_RUNTIMES_CACHE, default node_modules/.cache/runtimes (200 MB).
set -u
cd "$(dirname "$0")/../../.." || exit 1
BUN=1.4.5
DENO=2.9.6
root=$PWD
cache=${NETLOOM_RUNTIMES_CACHE:-$root/node_modules/.cache/runtimes}
prebuilds=$root/packages/winsock-native/prebuilds/linux-x64

skip() {
  echo "runtimes lane skipped: $*"
  exit 77
}

[ "$(uname -sm)" = 'Linux x86_64' ] || skip "it needs Linux on x86_64, and this is $(uname -sm)"
packages="@oven/bun-linux-x64@$BUN @oven/bun-linux-x64-musl@$BUN @deno/linux-x64-glibc@$DENO"
bun=$cache/node_modules/@oven/bun-linux-x64/bin/bun
bun_musl=$cache/node_modules/@oven/bun-linux-x64-musl/bin/bun
deno=$cache/node_modules/@deno/linux-x64-glibc/deno
if [ ! -e "$bun" ] || [ ! -e "$bun_musl" ] || [ ! -e "$deno" ]; then
  # --force: one of them is for another C library.
  # shellcheck disable=SC2086 # a list of packages
  npm install --force --no-save --no-package-lock --no-audit --no-fund --silent --prefix "$cache" $packages >/dev/null 2>&1
  [ -e "$bun" ] && [ -e "$bun_musl" ] && [ -e "$deno" ] || skip "the package registry gave no $packages"
fi
if [ ! -e /lib/ld-musl-x86_64.so.1 ]; then
  [ "$(id -u)" = 0 ] || skip 'not root, and musl is not installed'
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends musl; } \
    >/dev/null 2>&1 || skip 'apt-get could not install musl'
fi
for libc in glibc musl; do
  [ -e "$prebuilds/winsock_native.napi.$libc.node" ] ||
    node packages/winsock-native/binaries/build.mjs "linux-x64-$libc" || exit
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP
node_modules/.bin/tsx tools/windows/stage.ts "$scratch/stage" || exit 1
sh packages/winsock-native/binaries/musl.sh "$bun_musl" "$scratch/musl" || exit 1
cp packages/winsock-native/binaries/smoke.mjs packages/winsock-native/binaries/plain-runner.mjs "$scratch/stage/"
cd "$scratch/stage" || exit 1
# Deno takes a folder's packages only where a manifest names them.
echo '{"type":"module","dependencies":{"@netloom/winsock-native":"*","@netloom/sockaddr":"*"}}' >package.json
# As in a project; Deno asks for types' sake to be told that this is TypeScript.
sed -n '/^```ts$/,/^```$/p' "$root/packages/winsock-native/README.md" | sed '1d;/^```$/,$d' >readme.ts

failed=0
# step RUNTIME NAME PROGRAM...: counts as one.
step() {
  runtime=$1
  name=$2
  shift 2
  timeout -k 5 300 "$@" >"$scratch/said" 2>&1 </dev/null
  code=$?
  if [ "$code" = 0 ]; then
    steps=$((steps + 1))
    echo "ok     $runtime: $name"
  else
    wrong=$((wrong + 1))
    tail -n 20 "$scratch/said"
    echo "FAILED $runtime: $name: exit code $code"
  fi
}
# counted WHAT: a number that the suites ended with.
counted() {
  sed -n "s/^# $1 //p" "$scratch/suites"
}
# lane RUNTIME LIBC PROGRAM...
lane() {
  runtime=$1
  libc=$2
  shift 2
  steps=0
  wrong=0
  step "$runtime" 'contract and reactor' "$@" smoke.mjs
  cp "$scratch/said" "$scratch/suites"
  step "$runtime" 'README' "$@" readme.ts
  step "$runtime" 'coroutines' "$@" "$root/packages/coroutines/test/fixtures/smoke.mjs"
  for program in idle cancelled throwing; do
    step "$runtime" "$program" "$@" packages/winsock-native/test/reactor/children.mjs "$program"
  done
  passed=$(counted pass)
  echo "-- $runtime: $((${passed:-0} + steps)) passed, $(counted skipped) skipped"
  node "$root/tools/counts.mjs" $((${passed:-0} + steps)) $(($(counted fail) + wrong)) "$(counted skipped)"
  if [ "$wrong" = 0 ]; then
    node "$root/packages/winsock-native/binaries/runs.mjs" "$prebuilds/winsock_native.napi.$libc.node" \
      "$runtime" "$passed tests of contract and reactor"
  else
    failed=1
  fi
}
lane "Bun $BUN" glibc "$bun"
lane "Bun $BUN for musl" musl env "LD_LIBRARY_PATH=$scratch/musl" "$bun_musl"
lane "Deno $DENO" glibc "$deno" run -A --no-check --node-modules-dir=manual
exit "$failed"
