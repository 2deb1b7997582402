# shellcheck shell=bash
# Benchmark `fuse`: fio on one large file of a local image whose bytes are in memory: served by lazerofs,
# raw and by jnr-fuse, by another FUSE server, and by the kernel's EROFS on a loop device. Sourced by bench.sh.
#
# The other server is Debian's erofsfuse where there is one; else a small libfuse3 server in C that is
# compiled here (cfuse.c). fio drops each file's cached pages before it reads them through the page cache.

FUSE_FILE_MIB=512
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
  lazerofs_mount lazerofs raw
  lazerofs_mount jnr jnr
  same_read_ahead "$STAGE/lazerofs-mount" "$STAGE/jnr-mount"
  peer_mount
  kernel_mount
  for ((round = 1; round <= ROUNDS; round++)); do
    say "fuse: round $round of $ROUNDS"
    for case in "${FUSE_CASES[@]}"; do
      for system in lazerofs jnr "$PEER" kernel; do fuse_run "$system" "${case%%:*}" "${case#*:}"; done
    done
  done
  fuse_table
  "$LAZEROFS" umount --root "$STAGE/mount-root" "$STAGE/lazerofs-mount"
  "$LAZEROFS" umount --root "$STAGE/mount-root" "$STAGE/jnr-mount"
}

fuse_image() {
  local tree=$STAGE/fuse-tree
  mkdir "$tree"
  head -c "$((FUSE_FILE_MIB << 20))" /dev/urandom >"$tree/file"
  tar -C "$tree" -cf "$STAGE/fuse.tar" file
  "$LAZEROFS" mkfs "$STAGE/fuse.erofs" "$STAGE/fuse.tar" >&2
  rm "$STAGE/fuse.tar"
  sync -f "$STAGE" # no write-back during the rounds
  cat "$STAGE/fuse.erofs" >/dev/null
}

# lazerofs_mount SYSTEM KIND: one of lazerofs's servers.
lazerofs_mount() {
  mkdir "$STAGE/$1-mount"
  "$LAZEROFS" mount --fuse "$2" --root "$STAGE/mount-root" "$STAGE/fuse.erofs" "$STAGE/$1-mount" >&2
}

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
  local row='%-20s %14s %14s %14s %14s %12s %12s\n' case
  printf '\nfuse: medians of %d rounds of %d s each on a warm image\n' "$ROUNDS" "$FUSE_SECONDS"
  # shellcheck disable=SC2059
  printf "$row" case lazerofs jnr-fuse "$PEER" kernel "to $PEER" 'to kernel'
  for case in "${FUSE_CASES[@]}"; do
    case=${case%%:*}
    local key=bytes_per_second ours jnr theirs kernel
    [[ $case == randread* ]] && key=iops
    ours=$(of "fuse/$case/lazerofs/$key")
    jnr=$(of "fuse/$case/jnr/$key")
    theirs=$(of "fuse/$case/$PEER/$key")
    kernel=$(of "fuse/$case/kernel/$key")
    # shellcheck disable=SC2059
    printf "$row" "$case" "$(rate "$key" "$ours")" "$(rate "$key" "$jnr")" "$(rate "$key" "$theirs")" \
      "$(rate "$key" "$kernel")" "$(ratio "$ours" "$theirs")" "$(ratio "$ours" "$kernel")"
  done
}

# rate KEY VALUE: for people.
rate() {
  case $1 in
    iops) awk -v v="$2" 'BEGIN { printf "%.1fk IOPS", v / 1000 }' ;;
    *) awk -v v="$2" 'BEGIN { printf "%.2f GB/s", v / 1e9 }' ;;
  esac
}
