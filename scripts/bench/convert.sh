# shellcheck shell=bash
# Benchmark `convert`: an EROFS image of a Debian layer of about 500 MB, by lazerofs mkfs and by Debian's
# mkfs.erofs, with the same algorithm and pcluster size, all of it in memory; then once of ten such layers in one,
# about 5 GB. lazerofs takes the layer as it is, a tar archive; mkfs.erofs before 1.7 takes only directories, so
# it gets the layer unpacked, and the time to unpack is not counted. A case `-dir` gives lazerofs the directory
# too. lazerofs runs in a heap of CONVERT_HEAP. MKFS_EROFS names another mkfs.erofs. Sourced by bench.sh.

MKFS_EROFS=${MKFS_EROFS:-mkfs.erofs}
CONVERT_HEAP=256m
CONVERT_COPIES=10
# NAME | algorithm | lazerofs's options | mkfs.erofs's options. Uncompressed, ours keeps file data
# aligned to blocks, which -Enoinline_data makes mkfs.erofs do, as containerd has it do.
CONVERT_CASES=(
  'plain|||-Enoinline_data'
  'plain-dir|||-Enoinline_data'
  'lz4|lz4|--compress lz4 --pcluster 64K|-zlz4 -C65536'
  'lz4hc|lz4hc|--compress lz4hc:9 --pcluster 64K|-zlz4hc,9 -C65536'
  'zstd|zstd|--compress zstd:3 --pcluster 64K|-zzstd -C65536'
)

bench_convert() {
  need_packages "$MKFS_EROFS:erofs-utils" /usr/bin/time:time "${SAMPLE_PACKAGES[@]}"
  local case round
  convert_cases
  convert_layer
  for ((round = 1; round <= ROUNDS; round++)); do
    say "convert: round $round of $ROUNDS"
    for case in "${CASES[@]}"; do convert_both "convert/${case%%|*}" "$STAGE/layer" "$case"; done
  done
  convert_many
  convert_table
  rm -rf --one-file-system "$STAGE"/layer{,s} "$STAGE"/layer{,s}.tar
}

# convert_cases: sets CASES to those that this mkfs.erofs can do, and names the others.
convert_cases() {
  local case algorithm known
  # Versions differ in which of the two says it, and in the exit status of both.
  known=$({ "$MKFS_EROFS" --help || true; "$MKFS_EROFS" --version || true; } 2>&1 |
    sed -n 's/^ *[Aa]vailable compressors\( are\)*: //p' | tr ',\n' '  ')
  CASES=()
  for case in "${CONVERT_CASES[@]}"; do
    algorithm=$(cut -d'|' -f2 <<<"$case")
    if [[ -z $algorithm || " $known " == *" $algorithm "* ]]; then
      CASES+=("$case")
    else
      say "convert: this mkfs.erofs has no $algorithm, so there is nothing to compare with"
    fi
  done
}

# convert_layer: brings the layer into memory, packed and unpacked.
convert_layer() {
  cp "$(debian_layer)/layer.tar" "$STAGE/layer.tar"
  mkdir "$STAGE/layer"
  tar -C "$STAGE/layer" --xattrs -xf "$STAGE/layer.tar"
  in_memory "$STAGE/layer"
}

# convert_many: the same with ten layers in one, once.
convert_many() {
  local i case
  say "convert: $CONVERT_COPIES layers in one"
  mkdir "$STAGE/layers"
  for ((i = 1; i <= CONVERT_COPIES; i++)); do cp -a --reflink=never "$STAGE/layer" "$STAGE/layers/$i"; done
  tar -C "$STAGE/layers" --numeric-owner --xattrs -cf "$STAGE/layers.tar" .
  in_memory "$STAGE/layers"
  for case in "${CASES[@]}"; do convert_both "convert-many/${case%%|*}" "$STAGE/layers" "$case"; done
}

# in_memory TREE: no write-back during the rounds, and nothing read from the disk.
in_memory() {
  sync -f "$STAGE"
  tar -C "$1" -cf - . | cat - "$1.tar" >/dev/null
}

# convert_both KEY TREE CASE: makes both images and records time, peak memory and size.
convert_both() {
  local key=$1 tree=$2 ours theirs source=$2.tar
  [[ $3 != *-dir\|* ]] || source=$tree
  ours=$(cut -d'|' -f3 <<<"$3")
  theirs=$(cut -d'|' -f4 <<<"$3")
  record "$key/source_bytes" "$(du -sb "$tree" | cut -f1)"
  # shellcheck disable=SC2086
  LAZEROFS_JAVA_OPTS=-Xmx$CONVERT_HEAP convert_run "$key/lazerofs" "$STAGE/ours.erofs" \
    "$LAZEROFS" mkfs $ours "$STAGE/ours.erofs" "$source"
  # shellcheck disable=SC2086
  convert_run "$key/mkfs.erofs" "$STAGE/theirs.erofs" "$MKFS_EROFS" --quiet $theirs "$STAGE/theirs.erofs" "$tree"
}

convert_run() {
  local key=$1 image=$2 begin
  shift 2
  begin=$(now_ms)
  /usr/bin/time -o "$STAGE/peak" -f %M "$@" >"$STAGE/log/convert.log" 2>&1 || die "failed: $*"
  record "$key/ms" $(($(now_ms) - begin))
  record "$key/image_bytes" "$(stat -c %s "$image")"
  record "$key/peak_bytes" $(($(tail -n 1 "$STAGE/peak") * 1024))
  rm "$image"
}

convert_table() {
  local row='%-20s %12s %12s %10s %14s %14s %10s\n' kind case key name
  for kind in convert convert-many; do
    printf '\n%s: %s of files; lazerofs in a heap of %s\n' "$kind" \
      "$(mib "$(of "$kind/plain/source_bytes")")" "$CONVERT_HEAP"
    # shellcheck disable=SC2059
    printf "$row" case lazerofs mkfs.erofs speed 'our size' 'its size' 'our/its'
    for case in "${CASES[@]}"; do
      name=${case%%|*}
      key=$kind/$name
      # shellcheck disable=SC2059
      printf "$row" "$name" "$(megabytes "$key" lazerofs)" "$(megabytes "$key" mkfs.erofs)" \
        "$(ratio "$(of "$key/mkfs.erofs/ms")" "$(of "$key/lazerofs/ms")")" \
        "$(mib "$(of "$key/lazerofs/image_bytes")")" "$(mib "$(of "$key/mkfs.erofs/image_bytes")")" \
        "$(ratio "$(of "$key/lazerofs/image_bytes")" "$(of "$key/mkfs.erofs/image_bytes")")"
    done
  done
}

# megabytes KEY SYSTEM: source bytes a second.
megabytes() {
  awk -v b="$(of "$1/source_bytes")" -v ms="$(of "$1/$2/ms")" 'BEGIN { printf "%.0f MB/s", b / ms / 1000 }'
}
