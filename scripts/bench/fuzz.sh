# shellcheck shell=bash
# Benchmark `fuzz`: mutants of the conformance images, each walked and read whole, in a heap of 512 MiB.
# Sourced by bench.sh after conformance.sh. LAZEROFS_MUTANTS says how many, LAZEROFS_SEED where their seeds
# begin. What is found is written to target/findings, as files that the tests can keep.

bench_fuzz() {
  local mutants=${LAZEROFS_MUTANTS:-1000000} seed=${LAZEROFS_SEED:-$RANDOM$RANDOM}
  local findings=$REPO/integration-tests/target/findings
  say "fuzz: $mutants mutants, seeds from $seed"
  printf '\nfuzz: '
  it_java -Xmx512m io.lazerofs.it.fuzz.FuzzCommand \
    "$REPO/erofs/src/test/resources/erofs" "$seed" "$mutants" "$findings" ||
    die "the reader did not stand every image: see $findings"
}
