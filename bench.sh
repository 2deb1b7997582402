#!/usr/bin/env bash
# The benchmarks: ./bench.sh [--json FILE] [--rounds N] [NAME]...
#   start     from the pull to the first output, and bytes: lazerofs (cold, with a trace, warm) and overlayfs, straight
#             from the registry and through a line of 200 Mbit/s with 20 ms for each request
#   through   a cold read of everything, against curl of the same blobs, on both lines of `start`
#   memory    what a snapshotter takes that has 1,000 layers open and served 10 GiB
#   scale     calls of a snapshotter that has 10, 100 and 1,000 layers, its memory, and its start with all on record
#   fuse      fio on a warm local image: lazerofs (raw and by jnr-fuse), another FUSE server in C,
#             and the kernel on a loop device
#   read      fio on a compressed local image: lazerofs, erofsfuse, and the kernel on a loop device
#   meta      find, stat and readdir of 100,000 files, also through overlayfs: lazerofs, erofsfuse, and the kernel
#   convert   images of a Debian system of 500 MB and of 5 GB: lazerofs mkfs and mkfs.erofs
#   pcluster  compressed images by size of their extents: in the registry, cold start, warm reads
#   decoders  MB/s of each decoder, and of the library that one would use without it
#   conformance  random trees: our writer, mkfs.erofs, the kernel and our reader against each other
#   fuzz      hostile images: a million mutants, walked and read whole
#   dio-conformance  random reads, direct and buffered: lazerofs and the kernel on a loop device
#   faults    1,000 seeded runs: an image is read from a cold cache while its registry fails in every way
#   readers   50 containers of one cold image at once: what they fetch against what one fetches
# Without a NAME: all but memory, scale, pcluster and the last five. Rounds alternate between the systems (default 5);
# tables show medians.
#
# Installs Debian packages where a command is missing, and says so. All else stays in the repository, in a
# temporary directory that is removed at the end, in Maven's repository, and in the download cache.
set -euo pipefail
HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/scripts/common.sh"
. "$HERE/scripts/stage.sh"
. "$HERE/scripts/image.sh"
. "$HERE/scripts/measure.sh"
. "$HERE/scripts/bench/start.sh"
. "$HERE/scripts/bench/through.sh"
. "$HERE/scripts/bench/memory.sh"
. "$HERE/scripts/bench/scale.sh"
. "$HERE/scripts/bench/fuse.sh"
. "$HERE/scripts/bench/read.sh"
. "$HERE/scripts/bench/meta.sh"
. "$HERE/scripts/bench/pcluster.sh"
. "$HERE/scripts/bench/convert.sh"
. "$HERE/scripts/bench/decoders.sh"
. "$HERE/scripts/bench/conformance.sh"
. "$HERE/scripts/bench/fuzz.sh"
. "$HERE/scripts/bench/dio-conformance.sh"
. "$HERE/scripts/bench/faults.sh"
. "$HERE/scripts/bench/readers.sh"

usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

JSON=
ROUNDS=5
NAMES=()
while (($#)); do
  case $1 in
    --json) JSON=${2:?"--json needs a file"} && shift ;;
    --rounds) ROUNDS=${2:?"--rounds needs a number"} && shift ;;
    start | through | memory | scale | fuse | read | meta | pcluster | convert | decoders | conformance | fuzz | \
      dio-conformance | faults | readers)
      NAMES+=("$1")
      ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
((${#NAMES[@]})) || NAMES=(start through fuse read meta convert decoders)

# record SAMPLES-KEY VALUE: keeps one measured value under a key such as "start/direct/lazerofs/ms".
declare -A SAMPLES=()
record() { SAMPLES[$1]+=" $2"; }

# of KEY: the median of the values kept under it.
of() {
  # shellcheck disable=SC2086
  median ${SAMPLES[$1]}
}

# ratio A B: A / B with two decimals.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

write_json() {
  local key
  for key in "${!SAMPLES[@]}"; do
    jq -n --arg key "$key" --argjson median "$(of "$key")" --arg values "${SAMPLES[$key]}" \
      '{ ($key): { median: $median, values: ($values | split(" ") | map(select(. != "") | tonumber)) } }'
  done | jq -s add >"$JSON"
}

need_root
need_packages "${STAGE_PACKAGES[@]}"
need_build_tools
build
stage_open
for name in "${NAMES[@]}"; do "bench_$name"; done
[[ -z $JSON ]] || write_json
