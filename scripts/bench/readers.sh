# shellcheck shell=bash
# Benchmark `readers`: many containers of one cold image start at once and read all of its data; what they
# fetch is set against what one container fetches. Sourced by bench.sh. LAZEROFS_READERS says how many.

READERS_MIB=16
READERS_MOST_PERCENT=102

bench_readers() {
  need_packages /bin/busybox:busybox-static
  local readers=${LAZEROFS_READERS:-50} one many start ms
  [[ -n $REGISTRY ]] || registry_start
  readers_image
  readers_round 1
  one=$READERS_BYTES
  start=$(now_ms)
  readers_round "$readers"
  ms=$(($(now_ms) - start))
  many=$READERS_BYTES
  record "readers/one/bytes" "$one"
  record "readers/many/bytes" "$many"
  printf '\nreaders: %d containers of one cold image fetch %s, one fetches %s: %s times as much, in %d s\n' \
    "$readers" "$(mib "$many")" "$(mib "$one")" "$(ratio "$many" "$one")" $((ms / 1000))
  ((many * 100 <= one * READERS_MOST_PERCENT)) || die "$readers readers fetch more than $READERS_MOST_PERCENT % of one"
}

# readers_image: an image of a shell and some MiB of data, which do not compress, in the registry.
readers_image() {
  local tree=$STAGE/readers layout=$STAGE/readers-layout
  mkdir -p "$tree/bin" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/tmp" "$layout/blobs/sha256"
  cp /bin/busybox "$tree/bin/busybox"
  ln -s busybox "$tree/bin/sha256sum"
  head -c $((READERS_MIB << 20)) /dev/urandom >"$tree/data"
  write_layout "$layout" "$tree"
  registry_push "$layout" readers:plain
  "$LAZEROFS" convert --root "$STAGE/convert" --layer-media-type "$(layer_media_type)" \
    "$REGISTRY/readers:plain" "$REGISTRY/readers:erofs" >"$STAGE/log/convert.log" 2>&1 || die "lazerofs convert failed"
}

# readers_round COUNT: starts so many containers at once. Sets READERS_BYTES, what they fetch.
readers_round() {
  local count=$1 i pids=() expected
  expected=$(sha256sum <"$STAGE/readers/data" | cut -d' ' -f1)
  snapshotter_start
  containerd_start
  "$LAZEROFS" pull "$REGISTRY/readers:erofs" --containerd "$CONTAINERD" --namespace "$NAMESPACE" \
    >"$STAGE/log/pull.log" 2>&1 || die "lazerofs pull failed"
  for ((i = 1; i <= count; i++)); do
    ctr_stage run --rm --snapshotter lazerofs --fifo-dir "$STAGE/fifo" "$REGISTRY/readers:erofs" "reader$i" \
      sha256sum /data >"$STAGE/reader$i" 2>>"$STAGE/log/readers.log" &
    pids+=($!)
  done
  for ((i = 1; i <= count; i++)); do
    wait "${pids[i - 1]}" || die "container $i of $count failed"
    [[ $(cut -d' ' -f1 "$STAGE/reader$i") == "$expected" ]] || die "container $i of $count read something else"
  done
  READERS_BYTES=$(lazy_status | jq .bytes_fetched)
  containerd_forget
  snapshotter_forget
}
