# shellcheck shell=bash
# Benchmark `read`: fio on one large file of a compressed local image: served by lazerofs, by erofsfuse, and by the
# kernel on a loop device. The file is the tar archive of a Debian system; its pages are dropped before each
# run, so every byte is decoded again. erofsfuse is the one that is installed, or the one that EROFSFUSE
# names; without it, that column is left out and the script says so. Sourced by bench.sh.

EROFSFUSE=${EROFSFUSE:-erofsfuse}
READ_ALGORITHMS=(lz4hc zstd deflate)
READ_SECONDS=4
READ_CASES=(
  'sequential-1m:--rw=read --bs=1m'
  'random-4k:--rw=randread --bs=4k'
)

bench_read() {
  need_packages fio:fio mount:mount "${SAMPLE_PACKAGES[@]}"
  local algorithm round
  READ_SYSTEMS=(lazerofs kernel)
  if has "$EROFSFUSE"; then
    READ_SYSTEMS=(lazerofs erofsfuse kernel)
  else
    say "read: there is no erofsfuse here, so the kernel is the only rival"
  fi
  for algorithm in "${READ_ALGORITHMS[@]}"; do
    read_mounts "$algorithm"
    for ((round = 1; round <= ROUNDS; round++)); do
      say "read: $algorithm, round $round of $ROUNDS"
      read_round "$algorithm"
    done
    read_unmount "$algorithm"
  done
  read_table
}

# read_mounts ALGORITHM: makes the image and mounts it with every system.
read_mounts() {
  local image=$STAGE/read-$1.erofs system
  "$LAZEROFS" mkfs --compress "$1" "$image" "$(read_tree)" >&2
  sync -f "$STAGE"
  cat "$image" >/dev/null
  for system in "${READ_SYSTEMS[@]}"; do mkdir -p "$STAGE/read-$1-$system"; done
  "$LAZEROFS" mount --root "$STAGE/read-root" "$image" "$STAGE/read-$1-lazerofs" >&2
  mount -t erofs -o ro,loop "$image" "$STAGE/read-$1-kernel"
  if [[ " ${READ_SYSTEMS[*]} " == *" erofsfuse "* ]]; then
    start erofsfuse "$EROFSFUSE" -f "$image" "$STAGE/read-$1-erofsfuse"
    READ_PEER=$STARTED
    STAGE_PIDS+=("$READ_PEER")
    await erofsfuse "$READ_PEER" test -f "$STAGE/read-$1-erofsfuse/layer.tar"
    same_read_ahead "$STAGE/read-$1-lazerofs" "$STAGE/read-$1-erofsfuse"
  fi
}

# read_tree: prints a directory that holds the archive and nothing else.
read_tree() {
  local tree=$STAGE/read-tree
  if [[ ! -d $tree ]]; then
    mkdir "$tree"
    cp "$(debian_layer)/layer.tar" "$tree/"
  fi
  printf '%s\n' "$tree"
}

read_unmount() {
  "$LAZEROFS" umount --root "$STAGE/read-root" "$STAGE/read-$1-lazerofs"
  umount "$STAGE/read-$1-kernel"
  if [[ " ${READ_SYSTEMS[*]} " == *" erofsfuse "* ]]; then
    umount "$STAGE/read-$1-erofsfuse"
    wait "$READ_PEER" || true # its status is no news
  fi
  rm "$STAGE/read-$1.erofs"
}

# read_round ALGORITHM: each case once with each system.
read_round() {
  local case system result key
  for case in "${READ_CASES[@]}"; do
    for system in "${READ_SYSTEMS[@]}"; do
      # shellcheck disable=SC2086
      result=$(fio --name=read --filename="$STAGE/read-$1-$system/layer.tar" --ioengine=psync --time_based \
        --runtime="$READ_SECONDS" --group_reporting --readonly --output-format=json ${case#*:})
      key=read/$1/${case%%:*}/$system
      record "$key/iops" "$(jq '.jobs[0].read.iops' <<<"$result")"
      record "$key/bytes_per_second" "$(jq '.jobs[0].read.bw_bytes' <<<"$result")"
    done
  done
}

read_table() {
  local row='%-24s %14s %14s %14s %13s %10s\n' algorithm case key unit peer ours kernel
  printf '\nread: medians of %d rounds of %d s, buffered, decoded again in each\n' "$ROUNDS" "$READ_SECONDS"
  # shellcheck disable=SC2059
  printf "$row" case lazerofs erofsfuse kernel 'to erofsfuse' 'to kernel'
  for algorithm in "${READ_ALGORITHMS[@]}"; do
    for case in "${READ_CASES[@]}"; do
      key=read/$algorithm/${case%%:*}
      unit=bytes_per_second
      [[ $case == random* ]] && unit=iops
      ours=$(of "$key/lazerofs/$unit")
      kernel=$(of "$key/kernel/$unit")
      peer=
      [[ " ${READ_SYSTEMS[*]} " == *" erofsfuse "* ]] && peer=$(of "$key/erofsfuse/$unit")
      # shellcheck disable=SC2059
      printf "$row" "$algorithm ${case%%:*}" "$(rate "$unit" "$ours")" "${peer:+$(rate "$unit" "$peer")}" \
        "$(rate "$unit" "$kernel")" "${peer:+$(ratio "$ours" "$peer")}" "$(ratio "$ours" "$kernel")"
    done
  done
}
