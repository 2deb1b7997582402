# shellcheck shell=bash
# Benchmark `conformance`: random trees, for even seeds written by lazerofs and for odd ones by mkfs.erofs,
# read back by the kernel and by lazerofs. Sourced by bench.sh. LAZEROFS_TREES says how many, LAZEROFS_SEED
# where they begin: a seed that is reported is tried again with LAZEROFS_SEED=N LAZEROFS_TREES=1.

bench_conformance() {
  need_packages mkfs.erofs:erofs-utils losetup:mount
  local trees=${LAZEROFS_TREES:-5000} seed=${LAZEROFS_SEED:-$RANDOM$RANDOM}
  say "conformance: $trees trees, seeds from $seed"
  mkdir "$STAGE/conformance"
  printf '\nconformance: '
  it_java io.lazerofs.it.conformance.ConformanceCommand "$seed" "$trees" "$STAGE/conformance" ||
    die "the kernel and lazerofs differ: see above"
}

# it_java [JVM-OPTION]... CLASS ARGUMENT...: runs a class of the integration tests.
it_java() {
  "$(find_jdk)/bin/java" --enable-native-access=ALL-UNNAMED \
    -cp "$REPO/integration-tests/target/classes:$REPO/snapshotter/target/classes:$REPO/snapshotter/target/lib/*" "$@"
}
