# shellcheck shell=bash
# Benchmark `memory`: what a snapshotter takes that has many layers open and served much from them. Its layers are
# prepared as containerd prepares them; their files are read past the page cache, so that it serves every byte, the
# first time from the registry. Sourced by bench.sh.

MEMORY_LAYERS=1000
MEMORY_LAYER_BYTES=$((2 << 20))
MEMORY_SERVED_BYTES=$((10 << 30))
MEMORY_READERS=8

bench_memory() {
  local layers=$STAGE/memory-layers passes pass sampler
  passes=$((MEMORY_SERVED_BYTES / (MEMORY_LAYERS * MEMORY_LAYER_BYTES)))
  [[ -n $REGISTRY ]] || registry_start
  snapshotter_start
  say "memory: preparing $MEMORY_LAYERS layers"
  memory_layers push "$REGISTRY" "$MEMORY_LAYERS" "$MEMORY_LAYER_BYTES" >"$layers"
  memory_layers prepare "$REGISTRY" "$SNAPSHOTTER" <"$layers"
  memory_note opened
  memory_sample &
  sampler=$!
  for ((pass = 1; pass <= passes; pass++)); do
    say "memory: pass $pass of $passes"
    find "$STAGE/lazerofs/fs" -type f -print0 |
      xargs -0 -P "$MEMORY_READERS" -I {} dd if={} of=/dev/null bs=1M iflag=direct status=none
  done
  memory_note served
  kill "$sampler"
  wait "$sampler" || true # it was told to end
  record memory/peak/anonymous_bytes "$(sort -n "$STAGE/memory-samples" | tail -n 1)"
  memory_table
  snapshotter_forget
}

# memory_layers ARGUMENT...: makes and prepares layers.
memory_layers() {
  "$(find_jdk)/bin/java" --enable-native-access=ALL-UNNAMED \
    -cp "$REPO/integration-tests/target/classes:$REPO/snapshotter/target/lib/*:$(memory_jar)" \
    io.lazerofs.it.memory.ManyLayersCommand "$@"
}

memory_jar() { printf '%s\n' "$REPO"/snapshotter/target/snapshotter-*.jar; }

# memory_sample: the anonymous memory, over and over.
memory_sample() {
  while sleep 0.2; do anonymous_of "$SERVER_PID" >>"$STAGE/memory-samples"; done
}

# memory_note WHEN: what the snapshotter has at the moment.
memory_note() {
  record "memory/$1/anonymous_bytes" "$(anonymous_of "$SERVER_PID")"
  record "memory/$1/descriptors" "$(find "/proc/$SERVER_PID/fd" -mindepth 1 | wc -l)"
  record "memory/$1/threads" "$(awk '$1 == "Threads:" { print $2 }' "/proc/$SERVER_PID/status")"
}

memory_table() {
  local row='%-10s %12s %14s %10s\n' when
  printf '\nmemory: %d layers open, %s served\n' "$MEMORY_LAYERS" "$(mib "$MEMORY_SERVED_BYTES")"
  # shellcheck disable=SC2059
  printf "$row" when RssAnon descriptors threads
  for when in opened served; do
    # shellcheck disable=SC2059
    printf "$row" "$when" "$(mib "$(of "memory/$when/anonymous_bytes")")" "$(of "memory/$when/descriptors")" \
      "$(of "memory/$when/threads")"
  done
  # shellcheck disable=SC2059
  printf "$row" peak "$(mib "$(of memory/peak/anonymous_bytes)")" '' ''
}
