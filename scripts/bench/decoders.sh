# shellcheck shell=bash
# Benchmark `decoders`: each decoder against the library that people use for its format, over pclusters of
# this machine's own libraries and programs. Sourced by bench.sh. JMH repeats by itself: --rounds has no say.

DECODERS_MIB=16
DECODERS_CASES=(Lz4:lz4 Lz4:lz4-fast Zstandard:zstd Deflate:deflate MicroLzma:lzma)

bench_decoders() {
  need_packages jq:jq
  local java
  java=$(find_jdk)/bin/java
  decoders_content
  say "decoders: JMH, about 3 minutes"
  "$java" -cp "$REPO/integration-tests/target/classes:$REPO/integration-tests/target/lib/*:$REPO/snapshotter/target/lib/*" \
    org.openjdk.jmh.Main 'io\.lazerofs\.it\.bench\.' -p file="$STAGE/decoders.content" \
    -foe true -rf json -rff "$STAGE/decoders.json" >"$STAGE/log/decoders.log" 2>&1 || die "JMH failed"
  decoders_record
  decoders_table
}

# decoders_content: the first libraries and programs of this machine, one after the other.
decoders_content() {
  find /usr/lib /usr/bin -type f -size -8M -print0 2>/dev/null | sort -z |
    xargs -0 cat 2>/dev/null | head -c "$((DECODERS_MIB << 20))" >"$STAGE/decoders.content" || true
}

# decoders_record: keeps each iteration's MB/s under "decoders/FORMAT/BYTES/SYSTEM/mb_per_second".
decoders_record() {
  local format size system value
  while read -r format size system value; do
    record "decoders/$format/$size/$system/mb_per_second" "$value"
  done < <(jq -r '.[] | (.benchmark | split(".")[-2:]) as [$format, $system] | .params.size as $size
    | .primaryMetric.rawData[][] | "\($format) \($size) \($system) \(.)"' "$STAGE/decoders.json")
}

decoders_table() {
  local row='%-10s %8s %16s %16s %8s\n' case size format rival ours theirs
  printf '\ndecoders: MB/s of content, medians; one thread\n'
  # shellcheck disable=SC2059
  printf "$row" format pcluster lazerofs library ratio
  for case in "${DECODERS_CASES[@]}"; do
    format=${case%%:*}
    rival=library
    [[ $case == *-fast ]] && rival=fastLibrary
    for size in 65536 1048576; do
      ours=$(of "decoders/$format/$size/lazerofs/mb_per_second")
      theirs=$(of "decoders/$format/$size/$rival/mb_per_second")
      # shellcheck disable=SC2059
      printf "$row" "${case#*:}" "$((size >> 10)) KiB" "$(printf %.0f "$ours")" "$(printf %.0f "$theirs")" \
        "$(ratio "$ours" "$theirs")"
    done
  done
}
