#!/bin/sh
# The Windows lane: builds the addon with mingw-w64 and runs it in Node for Windows under Wine 10: the contract tests, the
# reactor's, and the demo with its pool and its clients.
#
#     run.sh [VERSION...]        default: 24.11.1
#
# Exit code 0 all passed, 1 something failed, 77 it cannot be done here (one line says why).
# With NETLOOM_FULL also the teardown matrix, and in the first version the packages' own tests, against the list in
# differences.ts.
# What is fetched stays in NETLOOM_WINDOWS_TOOLS, default node_modules/.cache/windows (1 GB).
set -u
cd "$(dirname "$0")/../.." || exit 1
[ $# -gt 0 ] || set -- 24.11.1
root=$PWD
tools=${NETLOOM_WINDOWS_TOOLS:-$root/node_modules/.cache/windows}

sh tools/windows/setup.sh "$tools" "$@" || exit
scratch=$(mktemp -d)
. tools/windows/wine.sh
trap 'end_prefix; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

# In the long lanes it is the binary that ships (packages/winsock-native/binaries/build.mjs), else one of the same sources made with mingw-w64.
shipped=packages/winsock-native/prebuilds/win32-x64/winsock_native.napi.node
if [ -z "${NETLOOM_BINARIES:-}" ] || [ ! -e "$shipped" ]; then
  (cd packages/winsock-native && node scripts/build-native.mjs win32-x64) || exit 1
fi
node_modules/.bin/tsx tools/windows/stage.ts "$scratch/stage" || exit 1
make_prefix >"$scratch/prefix.log" 2>&1 || {
  tail -n 3 "$scratch/prefix.log"
  echo 'windows lane skipped: Wine does not start here'
  exit 77
}

failed=0
# step NAME SECONDS PROGRAM...: the lines that matter of what it printed.
told='^win32 |^every byte|^[0-9]+ of |^Node |^\||^FAILED'
step() {
  name=$1
  shift
  echo "-- node $version: $name"
  if wine "$@" >"$scratch/said" 2>&1; then
    grep -E "$told" "$scratch/said"
  else
    failed=1
    grep -E "$told" "$scratch/said"
    tail -n 20 "$scratch/said"
    echo "FAILED node $version: $name"
  fi
}
# suite NAME SECONDS FILE...: of the runner's report, the judge's word.
suite() {
  name=$1
  limit=$2
  shift 2
  echo "-- node $version: $name"
  wine "$limit" "$node_exe" --test --test-reporter=tap "$@" >"$scratch/said" 2>&1
  ran=$?
  if ! node "$root/packages/winsock-native/binaries/judge-tap.mjs" "$scratch/said" || [ "$ran" != 0 ]; then
    failed=1
    tail -n 20 "$scratch/said"
    echo "FAILED node $version: $name: exit code $ran"
  fi
}

cd "$scratch/stage" || exit 1
for version in "$@"; do
  node_exe=$tools/node-$version/bin/node.exe
  step 'what it is' 120 "$node_exe" -p 'process.platform + " " + process.version'
  suite contract 600 packages/winsock-native/test/contract/*.test.mjs
  suite reactor 600 packages/winsock-native/test/reactor/*.test.mjs
  [ -z "${NETLOOM_BINARIES:-}" ] || [ "$failed" != 0 ] ||
    node "$root/packages/winsock-native/binaries/runs.mjs" "$root/$shipped" 'windows, Wine 10' "contract and reactor on Node $version"
  step 'demo' 300 "$node_exe" apps/demo/dist/main.js --port 0
  # A process takes half a second to start.
  [ -z "${NETLOOM_FULL:-}" ] ||
    step 'teardown' 1200 "$node_exe" packages/winsock-native/test/teardown/matrix.mjs 5 1
done

if [ -n "${NETLOOM_FULL:-}" ]; then
  version=$1
  echo "-- node $version: the packages' own tests"
  cp -R "$tools/vitest/node_modules/." node_modules/
  cp "$root/tools/windows/differences.ts" .
  cp "$root/tools/windows/suites.config.ts" vitest.config.ts
  # Judged by the report: that some fail is expected.
  wine 3600 "$tools/node-$version/bin/node.exe" node_modules/vitest/vitest.mjs run >"$scratch/said" 2>&1
  (cd "$root" && node_modules/.bin/tsx tools/windows/judge.ts "$scratch/stage/report.json") || {
    failed=1
    tail -n 20 "$scratch/said"
    echo "FAILED node $version: the packages' own tests"
  }
fi
exit "$failed"
