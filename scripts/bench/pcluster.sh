# shellcheck shell=bash
# Benchmark `pcluster`: what the largest compressed extent costs and saves, for each size and algorithm.
# Cold: the sample image starts through the throttled line of `start`, with an empty cache. Warm: fio on the tar
# archive of a Debian system in a local image, as `read` does it, served by lazerofs. In each round all sizes take
# their turn, so that ratios hold whatever else the machine does. Sourced by bench.sh after start.sh and read.sh.

# ALGORITHM-SIZE; `none` is the image as convert writes it without options.
PCLUSTER_CASES=(none {zstd,lz4hc}-{16K,32K,64K,128K,256K})
PCLUSTER_SECONDS=3

bench_pcluster() {
  need_packages fio:fio "${SAMPLE_PACKAGES[@]}"
  local case round
  registry_start
  registry_push "$(sample_image)/layout" sample:plain
  proxy_start
  for case in "${PCLUSTER_CASES[@]}"; do
    say "pcluster: images for $case"
    pcluster_images "$case"
  done
  sync -f "$STAGE"
  for ((round = 1; round <= ROUNDS; round++)); do
    say "pcluster: round $round of $ROUNDS"
    for case in "${PCLUSTER_CASES[@]}"; do
      pcluster_cold "$case"
      pcluster_warm "$case"
    done
  done
  pcluster_table
  rm "$STAGE"/pcluster-*.erofs
}

# pcluster_options CASE: the options of mkfs and convert.
pcluster_options() {
  [[ $1 == none ]] || printf -- '--compress %s --pcluster %s' "${1%-*}" "${1#*-}"
}

# pcluster_images CASE: the sample in the registry, and the local image.
pcluster_images() {
  local image=$STAGE/pcluster-$1.erofs options
  read -ra options <<<"$(pcluster_options "$1")"
  "$LAZEROFS" convert --root "$STAGE/convert" --layer-media-type "$(layer_media_type)" "${options[@]}" \
    "$REGISTRY/sample:plain" "$REGISTRY/sample:$1" >"$STAGE/log/convert.log" 2>&1 || die "lazerofs convert failed"
  record "pcluster/$1/registry_bytes" "$(image_bytes "$REGISTRY/sample:$1")"
  "$LAZEROFS" mkfs "${options[@]}" "$image" "$(read_tree)" >&2
  record "pcluster/$1/local_bytes" "$(stat -c %s "$image")"
}

pcluster_cold() {
  snapshotter_start
  containerd_start
  lazy_run "$PROXY/sample:$1"
  record "pcluster/$1/ms" "$LAZY_MS"
  record "pcluster/$1/bytes_first_output" "$LAZY_FIRST_BYTES"
  record "pcluster/$1/requests_first_output" "$LAZY_FIRST_REQUESTS"
  containerd_forget
  snapshotter_forget
}

pcluster_warm() {
  local image=$STAGE/pcluster-$1.erofs dir=$STAGE/pcluster-mount case result
  mkdir -p "$dir"
  cat "$image" >/dev/null
  "$LAZEROFS" mount --root "$STAGE/pcluster-root" "$image" "$dir" >&2
  for case in "${READ_CASES[@]}"; do
    # shellcheck disable=SC2086
    result=$(fio --name=pcluster --filename="$dir/layer.tar" --ioengine=psync --time_based \
      --runtime="$PCLUSTER_SECONDS" --readonly --output-format=json ${case#*:})
    record "pcluster/$1/${case%%:*}/iops" "$(jq '.jobs[0].read.iops' <<<"$result")"
    record "pcluster/$1/${case%%:*}/bytes_per_second" "$(jq '.jobs[0].read.bw_bytes' <<<"$result")"
  done
  "$LAZEROFS" umount --root "$STAGE/pcluster-root" "$dir"
}

pcluster_table() {
  local row='%-12s %12s %12s %12s %10s %14s %14s\n' case key
  printf '\npcluster: medians of %d rounds; cold: %d ms a request, %d Mbit/s\n' \
    "$ROUNDS" "$START_DELAY_MS" "$START_MBIT"
  # shellcheck disable=SC2059
  printf "$row" case 'in registry' 'cold bytes' requests 'cold start' 'random 4 KiB' 'sequential'
  for case in "${PCLUSTER_CASES[@]}"; do
    key=pcluster/$case
    # shellcheck disable=SC2059
    printf "$row" "$case" "$(mib "$(of "$key/registry_bytes")")" "$(mib "$(of "$key/bytes_first_output")")" \
      "$(of "$key/requests_first_output")" "$(of "$key/ms") ms" \
      "$(rate iops "$(of "$key/random-4k/iops")")" \
      "$(rate bytes_per_second "$(of "$key/sequential-1m/bytes_per_second")")"
  done
}
