# shellcheck shell=bash
# Benchmark `through`: a cold read of everything, with tar, through a mount of an image in the registry, against
# curl of the very same blobs: one after the other as one download each, and each in as many parallel parts as
# lazerofs has connections for what is ahead. Two images: the sample, and one of a single large file. Straight
# from the registry and through the line of `start`. Rounds alternate. Sourced by bench.sh after start.sh.

THROUGH_CONNECTIONS=4
THROUGH_FILE_BYTES=$((1 << 30))
THROUGH_IMAGES=(sample large)

bench_through() {
  need_packages curl:curl openssl:openssl "${SAMPLE_PACKAGES[@]}"
  local image round
  [[ -n $REGISTRY ]] || registry_start
  through_push sample "$(sample_image)/layout"
  through_push large "$(large_image)/layout"
  [[ -n ${PROXY:-} ]] || proxy_start
  for ((round = 1; round <= ROUNDS; round++)); do
    say "through: round $round of $ROUNDS"
    for image in "${THROUGH_IMAGES[@]}"; do
      through_round direct "$REGISTRY" "$image"
      through_round throttled "$PROXY" "$image"
    done
  done
  through_table
}

# large_image: prints the directory with `layout/`, an image of one file of bytes that do not compress.
large_image() { cached large make_large; }

make_large() {
  local work=$2
  mkdir -p "$work/out/layout/blobs/sha256" "$work/tree/data"
  # The same bytes each time: those of a cipher whose key and start are zero.
  head -c "$THROUGH_FILE_BYTES" /dev/zero | openssl enc -aes-128-ctr -nosalt \
    -K 00000000000000000000000000000000 -iv 00000000000000000000000000000000 >"$work/tree/data/large.bin"
  write_layout "$work/out/layout" "$work/tree"
}

# through_push IMAGE LAYOUT: the image, converted, as through-IMAGE:erofs.
through_push() {
  registry_push "$2" "through-$1:plain"
  "$LAZEROFS" convert --root "$STAGE/convert" --layer-media-type "$(layer_media_type)" \
    "$REGISTRY/through-$1:plain" "$REGISTRY/through-$1:erofs" >"$STAGE/log/convert.log" 2>&1 ||
    die "lazerofs convert failed"
}

# through_round LINE HOST IMAGE: each way once.
through_round() {
  local key=through/$3/$1
  through_lazy "$key" "$2/through-$3:erofs"
  record "$key/curl/ms" "$(through_curl "$2" "through-$3" 1)"
  record "$key/curl-parallel/ms" "$(through_curl "$2" "through-$3" "$THROUGH_CONNECTIONS")"
}

# through_lazy KEY REF: mounts with an empty cache, reads all, unmounts.
through_lazy() {
  local dir=$STAGE/through root=$STAGE/through-root begin server
  mkdir -p "$dir"
  begin=$(now_ms)
  "$LAZEROFS" mount --root "$root" "$2" "$dir" >&2 || die "lazerofs mount failed"
  record "$1/lazerofs/mount_ms" $(($(now_ms) - begin))
  server=$(server_of "$dir")
  begin=$(now_ms)
  # tar reads nothing when it sees that it writes to /dev/null.
  tar -C "$dir" -cf - . | cat >/dev/null
  record "$1/lazerofs/ms" $(($(now_ms) - begin))
  record "$1/lazerofs/cpu_ms" "$(cpu_ms "$server")"
  record "$1/lazerofs/cache_bytes" "$(du -sx --block-size=1 "$root" | cut -f1)"
  "$LAZEROFS" umount --root "$root" "$dir" >&2
  rm -rf --one-file-system "$root"
}

# cpu_ms PID: the processor's time that a process took so far, of its threads too.
cpu_ms() {
  local ticks
  ticks=$(getconf CLK_TCK)
  sed 's/.*) //' "/proc/$1/stat" | awk -v ticks="$ticks" '{ print int(($12 + $13) * 1000 / ticks) }'
}

# through_curl HOST NAME PARTS: downloads each layer's blob in so many parts at once; prints the time.
through_curl() {
  local digest size part from to pids begin blobs
  blobs=$(skopeo inspect --raw --tls-verify=false "docker://$REGISTRY/$2:erofs" |
    jq -r '.layers[] | "\(.digest) \(.size)"')
  begin=$(now_ms)
  while read -r digest size; do
    pids=()
    for ((part = 0; part < $3; part++)); do
      from=$((size * part / $3))
      to=$((size * (part + 1) / $3 - 1))
      curl --silent --fail --range "$from-$to" --output /dev/null "http://$1/v2/$2/blobs/$digest" &
      pids+=($!)
    done
    wait "${pids[@]}" || die "curl failed"
  done <<<"$blobs"
  printf '%s\n' $(($(now_ms) - begin))
}

through_table() {
  local row='%-18s %10s %12s %12s %14s %10s %12s %10s\n' image line key
  printf '\nthrough: medians of %d cold rounds; throttled: %d ms a request, %d Mbit/s; parallel: %d connections\n' \
    "$ROUNDS" "$START_DELAY_MS" "$START_MBIT" "$THROUGH_CONNECTIONS"
  # shellcheck disable=SC2059
  printf "$row" image bytes lazerofs curl 'curl parallel' 'to curl' 'to parallel' cpu
  for image in "${THROUGH_IMAGES[@]}"; do
    for line in direct throttled; do
      key=through/$image/$line
      # shellcheck disable=SC2059
      printf "$row" "$image $line" "$(mib "$(image_bytes "$REGISTRY/through-$image:erofs")")" \
        "$(of "$key/lazerofs/ms") ms" "$(of "$key/curl/ms") ms" "$(of "$key/curl-parallel/ms") ms" \
        "$(ratio "$(of "$key/lazerofs/ms")" "$(of "$key/curl/ms")")" \
        "$(ratio "$(of "$key/lazerofs/ms")" "$(of "$key/curl-parallel/ms")")" \
        "$(of "$key/lazerofs/cpu_ms") ms"
    done
  done
}
