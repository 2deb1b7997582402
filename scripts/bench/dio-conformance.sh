# shellcheck shell=bash
# Benchmark `dio-conformance`: random reads, buffered and with O_DIRECT, of the conformance images and of our
# writer's, each mounted by the kernel on a loop device and by lazerofs, and through overlayfs. Sourced by
# bench.sh after conformance.sh. LAZEROFS_CALLS says how many, LAZEROFS_SEED fixes them: what is reported is
# made again with the same two.

bench_dio-conformance() {
  need_packages losetup:mount
  local calls=${LAZEROFS_CALLS:-100000} seed=${LAZEROFS_SEED:-$RANDOM$RANDOM}
  say "dio-conformance: $calls calls, seed $seed"
  mkdir "$STAGE/dio-conformance"
  printf '\ndio-conformance: '
  it_java io.lazerofs.it.dio.DioCommand \
    "$REPO/erofs/src/test/resources/erofs" "$seed" "$calls" "$STAGE/dio-conformance" ||
    die "the kernel and lazerofs differ: see above"
}
