# shellcheck shell=bash
# Benchmark `start`: a start of the sample image, lazily (cold, cold with a trace, warm) and the ordinary way.
# Sourced by bench.sh.

START_DELAY_MS=20
START_MBIT=200

bench_start() {
  need_packages "${SAMPLE_PACKAGES[@]}"
  local sample round
  sample=$(sample_image)
  registry_start
  registry_push "$sample/layout" sample:plain
  "$LAZEROFS" convert --root "$STAGE/convert" --layer-media-type "$(layer_media_type)" \
    "$REGISTRY/sample:plain" "$REGISTRY/sample:erofs" >"$STAGE/log/convert.log" 2>&1 || die "lazerofs convert failed"
  registry_copy sample:erofs traced:latest
  proxy_start
  trace_sample
  for ((round = 1; round <= ROUNDS; round++)); do
    say "start: round $round of $ROUNDS"
    start_round direct "$REGISTRY"
    start_round throttled "$PROXY"
  done
  start_table
}

# registry_copy FROM TO: the same image in another repository, which has no trace of the first one's.
registry_copy() {
  skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false "docker://$REGISTRY/$1" \
    "docker://$REGISTRY/$2" >&2 || die "could not copy $1"
}

# trace_sample: runs the copy once, up to its first output, and stores the trace beside it. The trace is of what
# is read until then: the 64 MiB file comes after. Sets TOUCHED_BYTES.
trace_sample() {
  snapshotter_start
  containerd_start
  "$LAZEROFS" pull "$REGISTRY/traced:latest" --containerd "$CONTAINERD" --namespace "$NAMESPACE" \
    >"$STAGE/log/pull.log" 2>&1 || die "lazerofs pull failed"
  run_sample lazerofs "$REGISTRY/traced:latest" save_trace
  TOUCHED_BYTES=$(jq '[.ranges[][2]] | add' "$STAGE/trace.json")
  "$LAZEROFS" optimize "$REGISTRY/traced:latest" --trace "$STAGE/trace.json" >"$STAGE/log/optimize.log" 2>&1 ||
    die "lazerofs optimize failed"
  containerd_forget
  snapshotter_forget
}

save_trace() {
  "$LAZEROFS" trace "$REGISTRY/traced:latest" --address "$SNAPSHOTTER" --json --output "$STAGE/trace.json" ||
    die "lazerofs trace failed"
}

proxy_start() {
  local java
  java=$(find_jdk)/bin/java
  start proxy "$java" -cp "$REPO/integration-tests/target/classes:$REPO/snapshotter/target/lib/*" \
    io.lazerofs.it.proxy.ProxyCommand "$REGISTRY" "$START_DELAY_MS" "$START_MBIT"
  STAGE_PIDS+=("$STARTED")
  await "the proxy" "$STARTED" grep -q 'listening on' "$STAGE/log/proxy.log"
  PROXY=$(awk '/^listening on/ { print $3; exit }' "$STAGE/log/proxy.log")
}

# start_round LINE HOST: each system once, with an empty cache and an empty containerd.
start_round() {
  local line=$1 host=$2
  snapshotter_start
  containerd_start
  lazy_round "$line" cold "$host/sample:erofs"
  # Warm: the blobs are there, and a new snapshotter and a new containerd begin.
  containerd_forget
  snapshotter_restart
  containerd_start
  lazy_round "$line" warm "$host/sample:erofs"
  eager_run "$host/sample:plain"
  record "start/$line/overlayfs/ms" "$EAGER_MS"
  record "start/$line/overlayfs/bytes_first_output" "$(image_bytes "$REGISTRY/sample:plain")"
  containerd_forget
  snapshotter_forget
  snapshotter_start
  containerd_start
  lazy_round "$line" traced "$host/traced:latest"
  containerd_forget
  snapshotter_forget
}

# lazy_round LINE KIND REF: one lazy start; cold, with a trace, or warm.
lazy_round() {
  lazy_run "$3"
  record "start/$1/lazerofs-$2/ms" "$LAZY_MS"
  record "start/$1/lazerofs-$2/bytes_first_output" "$LAZY_FIRST_BYTES"
  record "start/$1/lazerofs-$2/bytes_total" "$LAZY_BYTES"
  record "start/$1/lazerofs-$2/requests" "$LAZY_REQUESTS"
}

# snapshotter_restart: a new process and a new root, but the blobs of the old one.
snapshotter_restart() {
  stop "$SNAPSHOTTER_PID"
  unmount_below "$STAGE/lazerofs"
  mv "$STAGE/lazerofs/cache" "$STAGE/kept-cache"
  rm -rf --one-file-system "$STAGE/lazerofs"
  mkdir "$STAGE/lazerofs"
  mv "$STAGE/kept-cache" "$STAGE/lazerofs/cache"
  snapshotter_start
}

start_table() {
  local row='%-12s %-20s %12s %8s %12s %8s %10s\n' line kind
  printf "\nstart: medians of %d rounds, from the pull to the first output; throttled: %d ms a request, %d Mbit/s\n" \
    "$ROUNDS" "$START_DELAY_MS" "$START_MBIT"
  printf 'the workload touches %s until then; bytes and requests count what is fetched ahead too\n' "$(mib "$TOUCHED_BYTES")"
  # shellcheck disable=SC2059
  printf "$row" line system time faster bytes touched requests
  for line in direct throttled; do
    local eager
    eager=$(of "start/$line/overlayfs/ms")
    # shellcheck disable=SC2059
    printf "$row" "$line" overlayfs "$eager ms" 1.00x "$(mib "$(of "start/$line/overlayfs/bytes_first_output")")" \
      "$(ratio "$(of "start/$line/overlayfs/bytes_first_output")" "$TOUCHED_BYTES")x" -
    for kind in cold traced warm; do
      start_row "$line" "$kind" "$eager" "$row"
    done
  done
  say "start: stargz is not measured: it needs its own daemon and an image of its own format"
}

# start_row LINE KIND OVERLAYFS-MS FORMAT
start_row() {
  local ms bytes
  ms=$(of "start/$1/lazerofs-$2/ms")
  bytes=$(of "start/$1/lazerofs-$2/bytes_first_output")
  # shellcheck disable=SC2059
  printf "$4" "$1" "lazerofs $2" "$ms ms" "$(ratio "$3" "$ms")x" "$(mib "$bytes")" \
    "$(ratio "$bytes" "$TOUCHED_BYTES")x" "$(of "start/$1/lazerofs-$2/requests")"
}
