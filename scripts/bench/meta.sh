# shellcheck shell=bash
# Benchmark `meta`: names and attributes of 100,000 files in 1,000 directories of a local image: served by
# lazerofs, by erofsfuse, and by the kernel on a loop device; straight from the mount, and as the lower layer of
# an overlay, as in a container. The image's bytes are in memory, but the kernel knows none of its names: before
# each run they are dropped, and the overlay is made anew. erofsfuse is the one that is installed, or the one that
# EROFSFUSE names; without it, that column is left out and the script says so. Sourced by bench.sh, after read.sh.
#
# The servers live from the first round to the last, as a daemon does; the rounds after the first show what they
# do once they are warm. The first round is a case of its own: a server that was just started.

META_PACKAGES=50
META_DIRECTORIES=20 # in each package
META_FILES=100      # in each directory
META_LARGEST=2048
META_CASES=(find stat readdir)
META_WAYS=(direct overlay)

bench_meta() {
  need_packages mount:mount find:findutils
  local round
  META_SYSTEMS=(lazerofs kernel)
  if has "$EROFSFUSE"; then
    META_SYSTEMS=(lazerofs erofsfuse kernel)
  else
    say "meta: there is no erofsfuse here, so the kernel is the only rival"
  fi
  meta_image
  meta_mounts
  # The round of the servers' start, then those that count.
  for ((round = 0; round <= ROUNDS; round++)); do
    say "meta: round $round of $ROUNDS"
    meta_round "$round"
  done
  record meta/rss_anon/lazerofs/bytes "$(anonymous_bytes "$STAGE/meta-lazerofs")"
  meta_unmount
  meta_table
}

# meta_image: a tree such as package managers leave behind: many small files.
meta_image() {
  local tree=$STAGE/meta-tree package directory file at
  say "meta: making $((META_PACKAGES * META_DIRECTORIES * META_FILES)) files"
  RANDOM=1 # the same sizes each time
  for ((package = 0; package < META_PACKAGES; package++)); do
    for ((directory = 0; directory < META_DIRECTORIES; directory++)); do
      at=$tree/package-$package/lib-$directory
      mkdir -p "$at"
      for ((file = 0; file < META_FILES; file++)); do
        printf '%*s' $((RANDOM % META_LARGEST)) '' >"$at/module-$directory-$file.js"
      done
    done
  done
  "$LAZEROFS" mkfs "$STAGE/meta.erofs" "$tree" >&2
  rm -rf "$tree"
  sync -f "$STAGE" # no write-back during the rounds
  cat "$STAGE/meta.erofs" >/dev/null
}

meta_mounts() {
  local system
  for system in "${META_SYSTEMS[@]}"; do mkdir -p "$STAGE/meta-$system" "$STAGE/meta-overlay-$system"; done
  "$LAZEROFS" mount --root "$STAGE/meta-root" "$STAGE/meta.erofs" "$STAGE/meta-lazerofs" >&2
  mount -t erofs -o ro,loop "$STAGE/meta.erofs" "$STAGE/meta-kernel"
  if [[ " ${META_SYSTEMS[*]} " == *" erofsfuse "* ]]; then
    start erofsfuse "$EROFSFUSE" -f "$STAGE/meta.erofs" "$STAGE/meta-erofsfuse"
    META_PEER=$STARTED
    STAGE_PIDS+=("$META_PEER")
    await erofsfuse "$META_PEER" test -d "$STAGE/meta-erofsfuse/package-0"
  fi
}

meta_unmount() {
  "$LAZEROFS" umount --root "$STAGE/meta-root" "$STAGE/meta-lazerofs"
  umount "$STAGE/meta-kernel"
  if [[ " ${META_SYSTEMS[*]} " == *" erofsfuse "* ]]; then
    umount "$STAGE/meta-erofsfuse"
    wait "$META_PEER" || true # its status is no news
  fi
}

# meta_round ROUND: each case once with each system, each way; the samples of round 0 are a case "first".
meta_round() {
  local case way system seconds name
  for case in "${META_CASES[@]}"; do
    for way in "${META_WAYS[@]}"; do
      for system in "${META_SYSTEMS[@]}"; do
        seconds=$(meta_run "$system" "$case" "$way")
        name=$case-$way
        (($1)) || name=$name-first
        record "meta/$name/$system/seconds" "$seconds"
      done
    done
  done
}

# meta_run SYSTEM CASE WAY: prints how long it took.
meta_run() {
  local lower=$STAGE/meta-$1 top=$STAGE/meta-$1 before after scratch
  meta_forget "$1"
  if [[ $3 == overlay ]]; then
    top=$STAGE/meta-overlay-$1
    scratch=$STAGE/meta-scratch-$1
    rm -rf "$scratch"
    mkdir -p "$scratch/upper" "$scratch/work"
    mount -t overlay -o "lowerdir=$lower,upperdir=$scratch/upper,workdir=$scratch/work" overlay "$top"
  fi
  before=${EPOCHREALTIME/[.,]/}
  case $2 in
    find) find "$top" -name nothing ;;
    stat) find "$top" -printf '%s\n' ;;
    readdir) ls -fR "$top" ;;
  esac >/dev/null
  after=${EPOCHREALTIME/[.,]/}
  [[ $3 != overlay ]] || umount "$top"
  awk -v micros=$((after - before)) 'BEGIN { print micros / 1e6 }'
}

# meta_forget SYSTEM: makes the kernel drop the names and attributes of a file system. A remount drops the entries
# that nobody uses (shrink_dcache_sb), and FUSE's inodes go with them; those of EROFS go with the mount.
meta_forget() {
  local point=$STAGE/meta-$1
  if [[ $1 == kernel ]]; then
    umount "$point"
    mount -t erofs -o ro,loop "$STAGE/meta.erofs" "$point"
  else
    mount -i -o remount,ro "$point"
  fi
}

meta_table() {
  local row='%-22s %11s %11s %11s %13s %10s\n' case way suffix
  printf '\nmeta: %d files, nothing known to the kernel; medians of %d rounds, and a first one with servers just started\n' \
    $((META_PACKAGES * META_DIRECTORIES * META_FILES)) "$ROUNDS"
  # shellcheck disable=SC2059
  printf "$row" case lazerofs erofsfuse kernel 'to erofsfuse' 'to kernel'
  for suffix in '' -first; do
    for case in "${META_CASES[@]}"; do
      for way in "${META_WAYS[@]}"; do meta_line "$row" "$case-$way$suffix"; done
    done
  done
  printf 'lazerofs after that: RssAnon %s\n' "$(mib "$(of meta/rss_anon/lazerofs/bytes)")"
}

# meta_line ROW NAME: ratios above 1 mean that lazerofs took less time.
meta_line() {
  local key=meta/$2 ours kernel peer=
  ours=$(of "$key/lazerofs/seconds")
  kernel=$(of "$key/kernel/seconds")
  [[ " ${META_SYSTEMS[*]} " == *" erofsfuse "* ]] && peer=$(of "$key/erofsfuse/seconds")
  # shellcheck disable=SC2059
  printf "$1" "$2" "$(meta_seconds "$ours")" "${peer:+$(meta_seconds "$peer")}" "$(meta_seconds "$kernel")" \
    "${peer:+$(ratio "$peer" "$ours")}" "$(ratio "$kernel" "$ours")"
}

meta_seconds() { awk -v v="$1" 'BEGIN { printf "%.2f s", v }'; }
