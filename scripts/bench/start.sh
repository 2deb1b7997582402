# shellcheck shell=bash
# Benchmark `start`: a cold start of the sample image, lazily and the ordinary way. Sourced by bench.sh.

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
  proxy_start
  for ((round = 1; round <= ROUNDS; round++)); do
    say "start: round $round of $ROUNDS"
    start_round direct "$REGISTRY"
    start_round throttled "$PROXY"
  done
  start_table
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

# start_round LINE HOST: both systems once, each with an empty cache and an empty containerd.
start_round() {
  local line=$1 host=$2
  snapshotter_start
  containerd_start
  lazy_run "$host/sample:erofs"
  record "start/$line/lazerofs/ms" "$LAZY_MS"
  record "start/$line/lazerofs/bytes_first_output" "$LAZY_FIRST_BYTES"
  record "start/$line/lazerofs/bytes_total" "$LAZY_BYTES"
  record "start/$line/lazerofs/requests" "$LAZY_REQUESTS"
  eager_run "$host/sample:plain"
  record "start/$line/overlayfs/ms" "$EAGER_MS"
  record "start/$line/overlayfs/bytes_first_output" "$(image_bytes "$REGISTRY/sample:plain")"
  containerd_forget
  snapshotter_forget
}

start_table() {
  local row='%-12s %12s %12s %8s %16s %16s %8s\n' line
  printf "\nstart: medians of %d cold rounds; throttled: %d ms a request, %d Mbit/s\n" \
    "$ROUNDS" "$START_DELAY_MS" "$START_MBIT"
  # shellcheck disable=SC2059
  printf "$row" line lazerofs overlayfs faster 'lazerofs bytes' 'overlayfs bytes' share
  for line in direct throttled; do
    local lazy eager lazy_bytes eager_bytes
    lazy=$(of "start/$line/lazerofs/ms")
    eager=$(of "start/$line/overlayfs/ms")
    lazy_bytes=$(of "start/$line/lazerofs/bytes_first_output")
    eager_bytes=$(of "start/$line/overlayfs/bytes_first_output")
    # shellcheck disable=SC2059
    printf "$row" "$line" "$lazy ms" "$eager ms" "$(ratio "$eager" "$lazy")x" \
      "$(mib "$lazy_bytes")" "$(mib "$eager_bytes")" "$(ratio "$lazy_bytes" "$eager_bytes")"
  done
}
