# shellcheck shell=bash
# A stage: a temporary state directory with a registry, a containerd and a snapshotter of its own, on
# loopback ports and sockets of its own, and its removal, whatever happens. Sourced after common.sh.

STAGE_PACKAGES=(containerd:containerd ctr:containerd runc:runc docker-registry:docker-registry skopeo:skopeo jq:jq)

STAGE=
REGISTRY=           # host:port of the registry
CONTAINERD=         # containerd's socket
CONTAINERD_PID=
SNAPSHOTTER=        # the snapshotter's socket
SNAPSHOTTER_PID=    # what was started; it watches over the server, and ends it when it is ended
SERVER_PID=         # the process that serves
NAMESPACE=lazerofs-stage
STAGE_PIDS=()

# stage_open: makes the directory, and its removal at the script's end.
stage_open() {
  STAGE=$(mktemp -d "${TMPDIR:-/tmp}/lazerofs.XXXXXX")
  mkdir "$STAGE/log" "$STAGE/fifo"
  SNAPSHOTTER=$STAGE/snapshotter.sock
  CONTAINERD=$STAGE/containerd.sock
  trap stage_close EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

stage_close() {
  local status=$?
  trap - EXIT INT TERM
  set +e
  ((status == 0)) || show_logs
  remove_containers
  # Last started, first stopped: containerd uses the snapshotter.
  stop "$CONTAINERD_PID"
  stop_shims
  stop "$SNAPSHOTTER_PID"
  local i
  for ((i = ${#STAGE_PIDS[@]} - 1; i >= 0; i--)); do stop "${STAGE_PIDS[i]}"; done
  unmount_below "$STAGE"
  rm -rf --one-file-system "$STAGE"
  exit "$status"
}

show_logs() {
  local log
  for log in "$STAGE"/log/*.log; do
    [[ -s $log ]] || continue
    printf -- '-- the end of %s\n' "$(basename "$log")" >&2
    tail -n 15 "$log" >&2
  done
}

# start NAME COMMAND...: runs it in the background with its output in log/NAME.log; its pid is in STARTED.
start() {
  local name=$1
  shift
  "$@" >"$STAGE/log/$name.log" 2>&1 </dev/null &
  STARTED=$!
}

# stop PID: ends a process that this script started, and waits for it.
stop() {
  [[ -n $1 ]] && kill -0 "$1" 2>/dev/null || return 0
  kill "$1" || return 0
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 "$1" 2>/dev/null || break
    sleep 0.1
  done
  kill -9 "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true # its status is no news
}

# await WHAT PID CONDITION...: until the condition holds; fails when the process ends, or after 60 s.
await() {
  local what=$1 pid=$2 tries
  shift 2
  for ((tries = 0; tries < 600; tries++)); do
    "$@" >/dev/null 2>&1 && return 0
    kill -0 "$pid" 2>/dev/null || die "$what ended before it was ready"
    sleep 0.1
  done
  die "$what was not ready within 60 s"
}

registry_start() {
  cat >"$STAGE/registry.yml" <<YAML
version: 0.1
log: { accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $STAGE/registry }, delete: { enabled: true } }
http: { addr: "127.0.0.1:0", relativeurls: true }
YAML
  start registry docker-registry serve "$STAGE/registry.yml"
  STAGE_PIDS+=("$STARTED")
  await "the registry" "$STARTED" grep -q 'listening on' "$STAGE/log/registry.log"
  REGISTRY=$(grep -o 'listening on [0-9.:]*' "$STAGE/log/registry.log" | head -n 1 | cut -d' ' -f3)
}

# registry_push LAYOUT NAME: copies an OCI layout's `latest` to the registry as it is.
registry_push() {
  skopeo copy --quiet --dest-tls-verify=false "oci:$1:latest" "docker://$REGISTRY/$2" >&2 ||
    die "could not push $2 to the registry"
}

snapshotter_start() {
  printf 'root = "%s"\naddress = "%s"\n' "$STAGE/lazerofs" "$SNAPSHOTTER" >"$STAGE/lazerofs.toml"
  start snapshotter "$LAZEROFS" snapshotter --config "$STAGE/lazerofs.toml"
  SNAPSHOTTER_PID=$STARTED
  await "the snapshotter" "$SNAPSHOTTER_PID" grep -q ready "$STAGE/log/snapshotter.log"
  SERVER_PID=$(cut -d' ' -f1 "$STAGE/lazerofs/lock")
}

# snapshotter_forget: stops the snapshotter and drops its root, cache and all.
snapshotter_forget() {
  stop "$SNAPSHOTTER_PID"
  SNAPSHOTTER_PID=
  unmount_below "$STAGE/lazerofs"
  rm -rf --one-file-system "$STAGE/lazerofs"
}

containerd_start() {
  cat >"$STAGE/containerd.toml" <<TOML
version = 2
root = "$STAGE/containerd"
state = "$STAGE/containerd-state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs"]
[grpc]
  address = "$CONTAINERD"
[proxy_plugins.lazerofs]
  type = "snapshot"
  address = "$SNAPSHOTTER"
TOML
  start containerd containerd --config "$STAGE/containerd.toml"
  CONTAINERD_PID=$STARTED
  await containerd "$CONTAINERD_PID" ctr --address "$CONTAINERD" version
}

# containerd_forget: stops containerd and drops its content, images and snapshots.
containerd_forget() {
  remove_containers
  stop "$CONTAINERD_PID"
  stop_shims
  CONTAINERD_PID=
  unmount_below "$STAGE/containerd"
  rm -rf --one-file-system "$STAGE/containerd" "$STAGE/containerd-state"
}

ctr_stage() { ctr --address "$CONTAINERD" --namespace "$NAMESPACE" "$@"; }

# layer_media_type: what the installed containerd takes for EROFS layers: 2.1 and later know them by name.
layer_media_type() {
  local version
  version=$(containerd --version | awk '{ print $3 }')
  version=${version#v}
  if printf '2.1\n%s\n' "${version%%[~-]*}" | sort -CV; then echo erofs; else echo oci; fi
}

remove_containers() {
  [[ -n $CONTAINERD_PID ]] && kill -0 "$CONTAINERD_PID" 2>/dev/null || return 0
  local id
  for id in $(ctr_stage containers list --quiet 2>/dev/null); do
    ctr_stage tasks delete --force "$id" >/dev/null 2>&1 || true
    ctr_stage containers delete "$id" >/dev/null 2>&1 || true
  done
}

# stop_shims: ends what containerd may have left behind: shims name its socket on their command line.
stop_shims() {
  local cmdline words
  for cmdline in /proc/[0-9]*/cmdline; do
    words=$(tr '\0' ' ' 2>/dev/null <"$cmdline") || continue
    if [[ $words == *containerd-shim*"-address $CONTAINERD "* ]]; then
      kill -9 "$(basename "$(dirname "$cmdline")")" || true
    fi
  done
}

# unmount_below DIR: last mounted, first unmounted.
unmount_below() {
  local point
  awk -v dir="$1/" 'index($5 "/", dir) == 1 { print $5 }' /proc/self/mountinfo | tac |
    while read -r point; do umount -l "$point"; done
}
