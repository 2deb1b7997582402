# shellcheck shell=bash
# Benchmark `scale`: what a snapshotter's answers take while its layers become more, and how soon one answers that
# begins with all of them on record. Layers are prepared as containerd prepares them; containers are overlay mounts over
# their snapshots, without a process in them. Sourced by bench.sh.

SCALE_STEPS=${LAZEROFS_SCALE_STEPS:-10 100 1000}
SCALE_CONTAINERS=${LAZEROFS_SCALE_CONTAINERS:-200}
SCALE_LAYER_BYTES=8192
SCALE_STARTS=5

bench_scale() {
  local layers=$STAGE/scale-layers samples=$STAGE/scale-samples count what value most
  most=${SCALE_STEPS##* }
  [[ -n $REGISTRY ]] || registry_start
  snapshotter_start
  say "scale: making $most layers"
  memory_layers push "$REGISTRY" "$most" "$SCALE_LAYER_BYTES" >"$layers"
  say "scale: calls at $SCALE_STEPS layers"
  # shellcheck disable=SC2086  # one word a step
  scale_command steps "$REGISTRY" "$SNAPSHOTTER" $SCALE_STEPS <"$layers" >"$samples"
  while read -r count what value; do record "scale/$count/${what}_ns" "$value"; done <"$samples"
  say "scale: $SCALE_CONTAINERS containers"
  scale_command containers "$SNAPSHOTTER" "$SCALE_CONTAINERS" "$STAGE/scale-containers" <"$layers"
  record scale/anonymous_bytes "$(anonymous_of "$SNAPSHOTTER_PID")"
  unmount_below "$STAGE/scale-containers"
  stop "$SNAPSHOTTER_PID"
  SNAPSHOTTER_PID=
  say "scale: starts with all on record"
  scale_command starts "$SNAPSHOTTER" "$SCALE_STARTS" "$LAZEROFS" snapshotter \
    --config "$STAGE/lazerofs.toml" >"$samples"
  while read -r value; do record scale/start_ms "$value"; done <"$samples"
  scale_table
  snapshotter_forget
}

scale_command() {
  "$(find_jdk)/bin/java" --enable-native-access=ALL-UNNAMED \
    -cp "$REPO/integration-tests/target/classes:$REPO/snapshotter/target/lib/*:$(memory_jar)" \
    io.lazerofs.it.memory.ScaleCommand "$@"
}

scale_table() {
  local row='%8s %12s %12s %14s\n' count
  printf '\nscale: medians in microseconds\n'
  # shellcheck disable=SC2059
  printf "$row" layers Prepare Mounts 'first lookup'
  for count in $SCALE_STEPS; do
    # shellcheck disable=SC2059
    printf "$row" "$count" "$(scale_us "$count" prepare)" "$(scale_us "$count" mounts)" "$(scale_us "$count" lookup)"
  done
  printf 'with %d containers mounted: RssAnon %s\n' "$SCALE_CONTAINERS" "$(mib "$(of scale/anonymous_bytes)")"
  printf 'from exec to the first answer, all on record: %s ms\n' "$(of scale/start_ms)"
}

scale_us() { awk -v ns="$(of "scale/$1/$2_ns")" 'BEGIN { printf "%d", ns / 1000 }'; }
