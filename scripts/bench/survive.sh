# shellcheck shell=bash
# Benchmark `survive`: the snapshotter is killed at random moments while readers read an image past and through the page
# cache, mapped, by its names and by its programs; every byte is compared, and no errno may be seen. Sourced by bench.sh
# after conformance.sh and readers.sh. LAZEROFS_KILLS says how often, LAZEROFS_SEED in which order.

SURVIVE_MIB=64

bench_survive() {
  need_packages /bin/busybox:busybox-static
  local kills=${LAZEROFS_KILLS:-200} seed=${LAZEROFS_SEED:-$RANDOM$RANDOM} tree=$STAGE/survive report
  say "survive: $kills kills, seed $seed"
  [[ -n $REGISTRY ]] || registry_start
  survive_image
  snapshotter_start
  containerd_start
  "$LAZEROFS" pull "$REGISTRY/survive:erofs" --containerd "$CONTAINERD" --namespace "$NAMESPACE" \
    >"$STAGE/log/pull.log" 2>&1 || die "lazerofs pull failed"
  mkdir "$tree" "$STAGE/survive-empty"
  mount -t overlay -o "ro,lowerdir=$STAGE/lazerofs/fs/1:$STAGE/survive-empty" overlay "$tree"
  head -c $((SURVIVE_MIB << 18)) "$tree/data" >/dev/null
  report=$(it_java io.lazerofs.it.survive.SurviveCommand \
    "$tree" "$STAGE/survive-tree/data" "$STAGE/lazerofs" "$kills" "$seed" 2>"$STAGE/log/survive.log") ||
    die "a reader met an error or a wrong byte, or waits still: see above"
  umount "$tree"
  printf '\nsurvive: %s\n' "$report"
  record survive/kills "$kills"
  record survive/pause_median_ms "$(survive_figure "$report" median)"
  record survive/pause_p99_ms "$(survive_figure "$report" '99 of 100')"
  record survive/pause_longest_ms "$(survive_figure "$report" longest)"
  containerd_forget
  snapshotter_forget
}

# survive_figure REPORT NAME: a pause in milliseconds.
survive_figure() { sed -n "s/.* \([0-9]*\) ms ($2).*/\1/p" <<<"$1"; }

# survive_image: an image of a shell and some MiB of data, which do not compress, in the registry.
survive_image() {
  local tree=$STAGE/survive-tree layout=$STAGE/survive-layout
  mkdir -p "$tree/bin" "$layout/blobs/sha256"
  cp /bin/busybox "$tree/bin/busybox"
  head -c $((SURVIVE_MIB << 20)) /dev/urandom >"$tree/data"
  write_layout "$layout" "$tree"
  registry_push "$layout" survive:plain
  "$LAZEROFS" convert --root "$STAGE/convert" --layer-media-type "$(layer_media_type)" \
    "$REGISTRY/survive:plain" "$REGISTRY/survive:erofs" >"$STAGE/log/convert.log" 2>&1 || die "lazerofs convert failed"
}
