# shellcheck shell=bash
# Benchmark `faults`: seeded runs that read an image from a cold cache while its registry fails in every way
# that the proxy can make it. Sourced by bench.sh after conformance.sh. LAZEROFS_RUNS says how many,
# LAZEROFS_SEED where they begin: a seed that is reported is tried again with LAZEROFS_SEED=N LAZEROFS_RUNS=1.

bench_faults() {
  local runs=${LAZEROFS_RUNS:-1000} seed=${LAZEROFS_SEED:-$RANDOM$RANDOM}
  say "faults: $runs runs, seeds from $seed"
  [[ -n $REGISTRY ]] || registry_start
  mkdir "$STAGE/faults"
  printf '\nfaults: '
  it_java io.lazerofs.it.faults.FaultCommand "$REGISTRY" "$seed" "$runs" "$STAGE/faults" \
    2>"$STAGE/log/faults.log" || die "a read was wrong, or failed too early: see above"
}
