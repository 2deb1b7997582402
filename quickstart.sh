#!/usr/bin/env bash
# From nothing to a container that starts before its image is there, in one command:
#   ./quickstart.sh [--json]
# Builds lazerofs, makes a sample image from Debian packages, and runs it once from a lazily loaded EROFS
# image and once the ordinary way, on a registry and a containerd of its own. Ends with a table; with
# --json the last line is one JSON object. The exit status is 0 only if all of it worked.
#
# Installs Debian packages where a command is missing, and says so. All else stays in the repository, in a
# temporary directory that is removed at the end, in Maven's repository, and in a download cache
# (LAZEROFS_CACHE, by default lazerofs below XDG_CACHE_HOME or ~/.cache).
set -euo pipefail
HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/scripts/common.sh"
. "$HERE/scripts/stage.sh"
. "$HERE/scripts/image.sh"
. "$HERE/scripts/measure.sh"

usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

JSON=
case ${1:-} in
  '') ;;
  --json) JSON=yes ;;
  -h | --help) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac

main() {
  need_root
  need_packages "${STAGE_PACKAGES[@]}" "${SAMPLE_PACKAGES[@]}"
  need_build_tools
  build

  local sample
  sample=$(sample_image)
  stage_open
  say "starting a registry, and pushing the sample image to it"
  registry_start
  registry_push "$sample/layout" sample:plain
  say "converting it to EROFS layers"
  "$LAZEROFS" convert --root "$STAGE/convert" --layer-media-type "$(layer_media_type)" \
    "$REGISTRY/sample:plain" "$REGISTRY/sample:erofs" >&2
  say "starting the snapshotter and containerd"
  snapshotter_start
  containerd_start

  say "pulling lazily, and running"
  lazy_run "$REGISTRY/sample:erofs"
  local direct_read_ok=false
  [[ $READ_DIGEST == "$(<"$sample/blob.sha256")" ]] && direct_read_ok=true
  say "the same with an ordinary pull and overlayfs"
  eager_run "$REGISTRY/sample:plain"

  IMAGE_BYTES=$(image_bytes "$REGISTRY/sample:erofs")
  PLAIN_BYTES=$(image_bytes "$REGISTRY/sample:plain")
  DIRECT_READ_OK=$direct_read_ok
  table
  [[ -z $JSON ]] || json
  [[ $DIRECT_READ_OK == true ]] || die "the direct read did not match: $READ_DIGEST"
}

table() {
  local row='%-36s %22s %22s\n'
  # shellcheck disable=SC2059
  {
    printf "\n$row" '' lazerofs 'overlayfs'
    printf "$row" 'image size' "$(mib "$IMAGE_BYTES") EROFS" "$(mib "$PLAIN_BYTES") tar.gz"
    printf "$row" 'fetched up to the first output' \
      "$(mib "$LAZY_FIRST_BYTES") ($((100 * LAZY_FIRST_BYTES / IMAGE_BYTES)) %)" "$(mib "$PLAIN_BYTES")"
    printf "$row" 'fetched in all' "$(mib "$LAZY_BYTES")" "$(mib "$PLAIN_BYTES")"
    printf "$row" 'requests to the registry' "$LAZY_REQUESTS" ''
    printf "$row" 'from the pull to the first output' "$LAZY_MS ms" "$EAGER_MS ms"
    printf "$row" '64 MiB O_DIRECT read matches' "$([[ $DIRECT_READ_OK == true ]] && echo yes || echo NO)" ''
  }
}

json() {
  jq -nc --argjson image "$IMAGE_BYTES" --argjson plain "$PLAIN_BYTES" --argjson first "$LAZY_FIRST_BYTES" \
    --argjson total "$LAZY_BYTES" --argjson requests "$LAZY_REQUESTS" --argjson ms "$LAZY_MS" \
    --argjson overlay "$EAGER_MS" --argjson direct "$DIRECT_READ_OK" '{
    image_bytes: $image, plain_image_bytes: $plain, fetched_bytes_first_output: $first,
    fetched_bytes_total: $total, requests: $requests, first_output_ms: $ms,
    overlayfs_first_output_ms: $overlay, direct_read_ok: $direct }'
}

main
