# shellcheck shell=bash
# What every script shares: where things are, what is said, what is installed, when to build.
# Sourced. Everything said goes to standard error, so that standard output holds results only.

: "${HOME:=$(cd ~ && pwd)}"
REPO=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${LAZEROFS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lazerofs}
LAZEROFS=$REPO/bin/lazerofs

say() { printf '== %s\n' "$*" >&2; }

die() {
  printf '%s: %s\n' "$(basename -- "$0")" "$*" >&2
  exit 1
}

# need_root: the machine must let us mount and serve.
need_root() {
  [[ $(id -u) == 0 ]] || die "must run as root: it mounts file systems and starts containers"
  [[ -c /dev/fuse ]] || die "/dev/fuse is missing: load the kernel's fuse module (modprobe fuse)"
}

# has COMMAND-OR-FILE: a command on the PATH, or an absolute path that exists.
has() {
  if [[ $1 == /* ]]; then [[ -e $1 ]]; else command -v -- "$1" >/dev/null; fi
}

# need_packages COMMAND:PACKAGE...: installs, with apt, the Debian packages whose command is missing,
# after saying which.
need_packages() {
  local pair missing=()
  for pair in "$@"; do
    has "${pair%%:*}" || missing+=("${pair#*:}")
  done
  ((${#missing[@]})) || return 0
  has apt-get || die "these are missing, and there is no apt-get to install them: ${missing[*]}"
  say "installing Debian packages: ${missing[*]}"
  apt_install "${missing[@]}"
}

# need_libfuse2: the library through which users who are not root mount, and the program that does it for them.
need_libfuse2() {
  need_packages fusermount:fuse3
  [[ $(ldconfig -p) != *libfuse.so.2[[:space:]]* ]] || return 0
  has apt-get || die "libfuse.so.2 is missing, and there is no apt-get to install libfuse2"
  say "installing Debian package: libfuse2"
  apt_install libfuse2
}

apt_install() {
  local log
  log=$(mktemp)
  if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "apt-get could not install: $*"
  fi
  rm -f "$log"
}

# need_build_tools: Maven from Debian if missing, and a JDK 25, which Maven finds by itself wherever it is.
need_build_tools() {
  need_packages mvn:maven
  find_jdk >/dev/null && return
  local package
  for package in openjdk-25-jdk-headless temurin-25-jdk; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      say "installing Debian package: $package"
      apt_install "$package"
      find_jdk >/dev/null && return
    fi
  done
  die "no JDK 25 found: install openjdk-25-jdk or temurin-25-jdk, or set JAVA_HOME to one"
}

# find_jdk: prints the home of a JDK of version 25 or later.
find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/jdk* /opt/java/* "$HOME"/.sdkman/candidates/java/*; do
    [[ -n $home && -x $home/bin/javac ]] || continue
    if (($(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null || echo 0) >= 25)); then
      printf '%s\n' "$home"
      return 0
    fi
  done
  return 1
}

# build: makes bin/lazerofs runnable, if a source is newer than the last build.
build() {
  local stamp=$REPO/integration-tests/target/.built
  if [[ -f $stamp && -d $REPO/snapshotter/target/lib ]] &&
    [[ -z $(find "$REPO"/pom.xml "$REPO"/*/pom.xml "$REPO"/*/src/main -newer "$stamp" -print -quit) ]]; then
    return
  fi
  say "building (Maven; the first build downloads the libraries)"
  (cd "$REPO" && mvn -B -q -Dmaven.test.skip=true package >&2) || die "the build failed"
  touch "$stamp"
}

now_ms() {
  local micros=${EPOCHREALTIME/[.,]/}
  printf '%s\n' $((micros / 1000))
}

# median NUMBER...: the middle value.
median() {
  printf '%s\n' "$@" | sort -n | awk '{v[NR] = $1} END {
    m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; print m }'
}

# mib BYTES: with one decimal.
mib() { awk -v b="$1" 'BEGIN { printf "%.1f MiB", b / 1048576 }'; }
