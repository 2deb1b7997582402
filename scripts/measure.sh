# shellcheck shell=bash
# Runs of the sample image that are timed from the first word of the pull to the first line of output.
# Sourced after common.sh, image.sh and stage.sh.

# run_sample SNAPSHOTTER REF HOOK: runs the sample's program, calls HOOK at its first line of output and
# lets it go on then. Sets FIRST_OUTPUT_MS (by the clock of now_ms) and READ_DIGEST, the digest of the
# file that the container read.
run_sample() {
  local snapshotter=$1 ref=$2 hook=$3 id=sample-$RANDOM$RANDOM line input output pid
  mkfifo "$STAGE/$id.in" "$STAGE/$id.out"
  ctr_stage run --rm --snapshotter "$snapshotter" --fifo-dir "$STAGE/fifo" "$ref" "$id" \
    <"$STAGE/$id.in" >"$STAGE/$id.out" 2>"$STAGE/log/run.log" &
  pid=$!
  exec {input}>"$STAGE/$id.in" {output}<"$STAGE/$id.out"
  if ! read -r -t 300 line <&"$output" || [[ $line != ready:* ]]; then
    die "the container printed nothing (${line:-})"
  fi
  FIRST_OUTPUT_MS=$(now_ms)
  "$hook"
  echo go >&"$input"
  exec {input}>&-
  read -r -t 300 line <&"$output" || die "the container did not finish its read"
  exec {output}<&-
  wait "$pid" || die "the container failed"
  rm -f "$STAGE/$id.in" "$STAGE/$id.out"
  READ_DIGEST=$(awk '$1 == "sha256" { print $2 }' <<<"$line")
}

# lazy_run REF: pulls lazily and runs. Sets LAZY_MS; LAZY_FIRST_BYTES and LAZY_FIRST_REQUESTS, up to the first
# output; LAZY_BYTES and LAZY_REQUESTS, up to the end.
lazy_run() {
  local begin
  begin=$(now_ms)
  "$LAZEROFS" pull "$1" --containerd "$CONTAINERD" --namespace "$NAMESPACE" >"$STAGE/log/pull.log" 2>&1 ||
    die "lazerofs pull failed"
  run_sample lazerofs "$1" note_first_fetches
  LAZY_MS=$((FIRST_OUTPUT_MS - begin))
  local status
  status=$(lazy_status)
  LAZY_BYTES=$(jq .bytes_fetched <<<"$status")
  LAZY_REQUESTS=$(jq .requests <<<"$status")
}

lazy_status() { "$LAZEROFS" status --address "$SNAPSHOTTER" --json; }

note_first_fetches() {
  local status
  status=$(lazy_status)
  LAZY_FIRST_BYTES=$(jq .bytes_fetched <<<"$status")
  LAZY_FIRST_REQUESTS=$(jq .requests <<<"$status")
}

# eager_run REF: pulls and unpacks with the overlayfs snapshotter, and runs. Sets EAGER_MS.
eager_run() {
  local begin
  begin=$(now_ms)
  ctr_stage images pull --plain-http --snapshotter overlayfs "$1" >"$STAGE/log/pull.log" 2>&1 ||
    die "ctr images pull failed"
  run_sample overlayfs "$1" true
  EAGER_MS=$((FIRST_OUTPUT_MS - begin))
}

# image_bytes REF: the layers' bytes in the registry.
image_bytes() {
  skopeo inspect --raw --tls-verify=false "docker://$1" | jq '[.layers[].size] | add'
}

# anonymous_bytes MOUNT-POINT: the anonymous memory of the process that serves it.
anonymous_bytes() { anonymous_of "$(server_of "$1")"; }

# anonymous_of PID: the anonymous memory of a process.
anonymous_of() { awk '$1 == "RssAnon:" { print $2 * 1024 }' "/proc/$1/status"; }

# server_of MOUNT-POINT: the process that serves it, which has it on its command line.
server_of() {
  local cmdline
  for cmdline in /proc/[0-9]*/cmdline; do
    if tr '\0' '\n' 2>/dev/null <"$cmdline" | grep -qxF "$1"; then
      basename "$(dirname "$cmdline")"
      return
    fi
  done
  die "no process serves $1"
}
