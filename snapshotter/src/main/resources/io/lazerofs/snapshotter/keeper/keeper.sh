# shellcheck shell=sh
# Two processes that outlive a daemon, in a few lines of any POSIX shell:
#
#   keeper.sh watch COMMAND...   starts the daemon, and starts it again when it dies; signals pass through
#   keeper.sh hold RECORD WATCHER COMMAND...
#       holds what it was started with as descriptor 3, the mount's, until the daemon that started it says what is to
#       become of it, or dies; the next daemon takes the descriptor out of this process, which does nothing for it.
#       If WATCHER, which would start the next daemon, is dead too, it does that itself. WATCHER "none": it is not
#       asked to, and gives up after a minute.
#
# The record's first line names the keeper that counts: "keeper PID START DESCRIPTOR". Another one goes.
# The package's documentation (io.lazerofs.snapshotter.keeper) has the whole picture.
set -u

# A daemon that dies so often, without having been ready in between, is not started again.
MOST_FAILURES=8
# How many seconds a service manager may take to start the next daemon.
PATIENCE=60

say() { echo "lazerofs keeper (process $$): $1" >&2; }

# runs PID: whether it does; a zombie, whose parent has not looked at it yet, does not (proc_pid_stat(5)).
runs() {
  read -r _ _ state _ 2>/dev/null <"/proc/$1/stat" || return 1
  [ "$state" != Z ] && [ "$state" != X ]
}

counts() {
  read -r _ pid _ 2>/dev/null <"$record" && [ "$pid" = $$ ]
}

# 0: it ended as it was asked to. 2: wrong usage. 128 and the number of SIGHUP, SIGINT, SIGTERM: likewise asked.
is_end() {
  case $1 in
    0 | 2 | 129 | 130 | 143) return 0 ;;
    *) return 1 ;;
  esac
}

watch() {
  child=
  ending=no
  failures=0
  trap 'interrupted=yes; ready=yes; failures=0' USR1
  trap 'interrupted=yes; ending=yes; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM INT HUP
  LAZEROFS_WATCHER=$$
  export LAZEROFS_WATCHER
  while :; do
    "$@" 3<&- &
    child=$!
    # It had been told to do that once.
    unset LAZEROFS_TAKE_PLACE
    [ $ending = no ] || kill -TERM "$child" 2>/dev/null
    status=0
    interrupted=yes
    while [ $interrupted = yes ]; do
      interrupted=no
      last=0
      wait "$child" || last=$?
      # 127: an earlier wait, which a signal came to, was told already.
      [ $last = 127 ] || status=$last
    done
    if [ $ending = yes ] || [ $ready = no ] || is_end $status; then
      exit $status
    fi
    failures=$((failures + 1))
    if [ $failures -gt $MOST_FAILURES ]; then
      say "the daemon died $failures times in a row before it was ready, and is not started again"
      exit $status
    fi
    say "the daemon, process $child, died with status $status; another one is started"
    [ $failures -le 2 ] || sleep $((failures - 2))
  done
}

hold() {
  record=$1
  watcher=$2
  shift 2
  unset LAZEROFS_TAKE_PLACE
  # What a terminal sends to the daemon's group is not meant for this process.
  trap '' INT HUP QUIT
  read -r word || word=died
  case $word in
    end) exit 0 ;;
    stay)
      while counts; do sleep 1; done
      exit 0
      ;;
  esac
  if [ "$watcher" = none ]; then
    left=$PATIENCE
    while counts && [ $left -gt 0 ]; do
      sleep 1
      left=$((left - 1))
    done
    ! counts || say "nobody has started another daemon in $PATIENCE s; the mount ends"
    exit 0
  fi
  while counts && runs "$watcher"; do sleep 1; done
  counts || exit 0
  say "the daemon died, and nobody else is there to start another one; this process does"
  ready=yes
  LAZEROFS_STANDS_IN=yes
  export LAZEROFS_STANDS_IN
  watch "$@"
}

# Whether a daemon has ever been ready: what never was is not tried again.
ready=no

role=$1
shift
"$role" "$@"
