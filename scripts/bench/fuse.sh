# shellcheck shell=bash
# Benchmark `fuse`: fio on one large file of an image whose bytes are in memory: served by lazerofs in four ways,
# by another FUSE server, and by the kernel's EROFS on a loop device. Sourced by bench.sh.
#
# The other server is Debian's erofsfuse where there is one; else a small libfuse3 server in C that is
# compiled here (cfuse.c). fio drops each file's cached pages before it reads them through the page cache.

FUSE_FILE_MIB=512
FUSE_REST_MIB=64

# lazerofs on the image's file, through jnr-fuse, and with the cache of blobs in between: one whose blob is whole,
# so that replies come from mapped memory, and one whose blob is not, so that each read is a pread(2).
FUSE_OURS=(lazerofs sealed filling jnr)
FUSE_SECONDS=3
FUSE_CASES=(
  'randread-4k-1job:--rw=randread --bs=4k --direct=1 --numjobs=1'
  'randread-4k-4jobs:--rw=randread --bs=4k --direct=1 --numjobs=4'
  'read-128k-direct:--rw=read --bs=128k --direct=1 --numjobs=1'
  'read-1m-direct:--rw=read --bs=1m --direct=1 --numjobs=1'
  'read-1m-buffered:--rw=read --bs=1m --direct=0 --numjobs=1'
)

bench_fuse() {
  need_packages fio:fio mount:mount
  need_libfuse2
  local round system case
  fuse_image
  fuse_layout
  lazerofs_mount lazerofs --fuse raw "$STAGE/fuse.erofs"
  lazerofs_mount jnr --fuse jnr "$STAGE/fuse.erofs"
  lazerofs_mount sealed "oci:$STAGE/fuse-layout"
  lazerofs_mount filling "oci:$STAGE/fuse-layout"
  fuse_fetch
  same_read_ahead "$STAGE/lazerofs-mount" "$STAGE/jnr-mount"
  peer_mount
  kernel_mount
  for ((round = 1; round <= ROUNDS; round++)); do
    say "fuse: round $round of $ROUNDS"
    for case in "${FUSE_CASES[@]}"; do
      for system in "${FUSE_OURS[@]}" "$PEER" kernel; do fuse_run "$system" "${case%%:*}" "${case#*:}"; done
    done
  done
  for system in "${FUSE_OURS[@]}"; do
    record "fuse/rss_anon/$system/bytes" "$(anonymous_bytes "$STAGE/$system-mount")"
  done
  fuse_table
  for system in "${FUSE_OURS[@]}"; do
    "$LAZEROFS" umount --root "$STAGE/$system-root" "$STAGE/$system-mount"
  done
}

# fuse_image: one large file, and another one that stays in the registry of the system "filling".
fuse_image() {
  local tree=$STAGE/fuse-tree
  mkdir "$tree"
  head -c "$((FUSE_FILE_MIB << 20))" /dev/urandom >"$tree/file"
  head -c "$((FUSE_REST_MIB << 20))" /dev/urandom >"$tree/rest"
  tar -C "$tree" -cf "$STAGE/fuse.tar" file rest
  "$LAZEROFS" mkfs "$STAGE/fuse.erofs" "$STAGE/fuse.tar" >&2
  rm "$STAGE/fuse.tar"
  sync -f "$STAGE" # no write-back during the rounds
  cat "$STAGE/fuse.erofs" >/dev/null
}

# fuse_layout: the image as the only layer of an image in an OCI layout.
fuse_layout() {
  local layout=$STAGE/fuse-layout digest
  mkdir -p "$layout/blobs/sha256"
  digest=sha256:$(sha256sum "$STAGE/fuse.erofs" | cut -d' ' -f1)
  cp "$STAGE/fuse.erofs" "$STAGE/fuse-blob"
  write_manifest "$layout" "[\"$digest\"]" \
    "[$(put_blob "$layout" "$STAGE/fuse-blob" application/vnd.oci.image.layer.v1.erofs)]"
}

# lazerofs_mount SYSTEM ARGUMENT...: one of lazerofs's servers, with a state directory of its own.
lazerofs_mount() {
  local system=$1
  shift
  mkdir "$STAGE/$system-mount"
  "$LAZEROFS" mount --root "$STAGE/$system-root" "$@" "$STAGE/$system-mount" >&2
}

# fuse_fetch: brings the image into the caches of "sealed", wholly, and of "filling", but for the rest. What is
# sealed is served from mapped memory: that the cache's file is mapped tells when.
fuse_fetch() {
  cat "$STAGE/filling-mount/file" "$STAGE/sealed-mount/file" "$STAGE/sealed-mount/rest" >/dev/null
  await 'the sealed cache' $$ fuse_is_sealed
  sync -f "$STAGE"
}

fuse_is_sealed() { grep -qsF "$STAGE/sealed-root/" /proc/[0-9]*/maps; }

# peer_mount: the server to compare with; its name is in PEER.
peer_mount() {
  if has erofsfuse || apt-cache show erofsfuse >/dev/null 2>&1; then
    need_packages erofsfuse:erofsfuse
    PEER=erofsfuse
    mkdir "$STAGE/erofsfuse-mount"
    start erofsfuse erofsfuse -f "$STAGE/fuse.erofs" "$STAGE/erofsfuse-mount"
  else
    need_packages gcc:gcc pkg-config:pkg-config /usr/include/fuse3/fuse_lowlevel.h:libfuse3-dev
    PEER=libfuse3
    # shellcheck disable=SC2046
    gcc -O2 -Wall -Wextra -pthread -o "$STAGE/cfuse" "$REPO/scripts/bench/cfuse.c" $(pkg-config --cflags --libs fuse3)
    mkdir "$STAGE/libfuse3-mount"
    start cfuse "$STAGE/cfuse" "$STAGE/fuse-tree/file" "$STAGE/libfuse3-mount"
    cat "$STAGE/fuse-tree/file" >/dev/null
  fi
  STAGE_PIDS+=("$STARTED")
  await "$PEER" "$STARTED" test -f "$STAGE/$PEER-mount/file"
  same_read_ahead "$STAGE/lazerofs-mount" "$STAGE/$PEER-mount"
}

# same_read_ahead FROM TO: gives one mount the kernel's read-ahead of another.
same_read_ahead() {
  cat "/sys/class/bdi/$(mountpoint -d "$1")/read_ahead_kb" >"/sys/class/bdi/$(mountpoint -d "$2")/read_ahead_kb"
}

kernel_mount() {
  mkdir "$STAGE/kernel-mount"
  mount -t erofs -o ro,loop "$STAGE/fuse.erofs" "$STAGE/kernel-mount"
}

# fuse_run SYSTEM CASE FIO-OPTIONS: one run of fio; records operations and bytes a second.
fuse_run() {
  local system=$1 case=$2 options=$3 result
  # shellcheck disable=SC2086
  result=$(fio --name="$case" --filename="$STAGE/$system-mount/file" --ioengine=psync --time_based \
    --runtime="$FUSE_SECONDS" --group_reporting --readonly --output-format=json $options)
  record "fuse/$case/$system/iops" "$(jq '.jobs[0].read.iops' <<<"$result")"
  record "fuse/$case/$system/bytes_per_second" "$(jq '.jobs[0].read.bw_bytes' <<<"$result")"
}

fuse_table() {
  local systems=("${FUSE_OURS[@]}" "$PEER" kernel) system case key value peer
  printf '\nfuse: medians of %d rounds of %d s each on a warm image; below, what they are of %s\n' \
    "$ROUNDS" "$FUSE_SECONDS" "$PEER"
  printf '%-20s' case
  printf ' %13s' "${systems[@]}"
  for case in "${FUSE_CASES[@]}"; do
    case=${case%%:*}
    key=bytes_per_second
    [[ $case == randread* ]] && key=iops
    peer=$(of "fuse/$case/$PEER/$key")
    printf '\n%-20s' "$case"
    for system in "${systems[@]}"; do printf ' %13s' "$(rate "$key" "$(of "fuse/$case/$system/$key")")"; done
    printf '\n%-20s' ''
    for system in "${systems[@]}"; do
      value=$(of "fuse/$case/$system/$key")
      printf ' %13s' "$(ratio "$value" "$peer")"
    done
  done
  printf '\n%-20s' 'RssAnon after that'
  for system in "${FUSE_OURS[@]}"; do printf ' %13s' "$(mib "$(of "fuse/rss_anon/$system/bytes")")"; done
  printf '\n'
}

# rate KEY VALUE: for people.
rate() {
  case $1 in
    iops) awk -v v="$2" 'BEGIN { printf "%.1fk IOPS", v / 1000 }' ;;
    *) awk -v v="$2" 'BEGIN { printf "%.2f GB/s", v / 1e9 }' ;;
  esac
}
