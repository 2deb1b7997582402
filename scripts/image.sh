# shellcheck shell=bash
# The sample image: an OCI layout with a real Debian userland, a 64 MiB file and a small program; and, for
# benchmarks, one large Debian layer. Each is made once and kept in the cache. Sourced after common.sh.

# Goes up with every change of what is built below, so that older cached images are not used.
SAMPLE_RECIPE=1
SAMPLE_PACKAGES=(debootstrap:debootstrap jq:jq flock:util-linux /usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring)
SAMPLE_USERLAND=python3,git
SAMPLE_LEAST_BYTES=$((150 << 20))
SAMPLE_BLOB_BYTES=$((64 << 20))
LAYER_USERLAND=python3,git,g++
LAYER_LEAST_BYTES=500000000

# sample_image: prints the directory with `layout/` (an OCI layout, tag `latest`), `blob.sha256` and
# `unpacked.bytes`; makes it first if it is not in the cache.
sample_image() { cached sample make_sample; }

# debian_layer: prints the directory with `layer.tar`, a Debian system of more than 500 MB; makes it first
# if it is not in the cache.
debian_layer() { cached layer make_layer; }

# cached NAME MAKE: prints the directory of the cache that `MAKE SUITE WORK` once filled as WORK/out.
cached() {
  local name=$1 make=$2 suite dir
  suite=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:?}")
  dir=$CACHE/$name-$suite-$(dpkg --print-architecture)-$SAMPLE_RECIPE
  if [[ ! -f $dir/complete ]]; then
    mkdir -p "$CACHE"
    (
      flock 9
      [[ -f $dir/complete ]] || fill_cache "$name" "$make" "$suite" "$dir"
    ) 9>"$CACHE/$name.lock"
  fi
  printf '%s\n' "$dir"
}

fill_cache() {
  local name=$1 make=$2 suite=$3 dir=$4 work
  say "making the $name from Debian packages ($suite); kept in $dir"
  rm -rf --one-file-system "$dir"
  work=$(mktemp -d -p "$CACHE" "$name.XXXXXX")
  mkdir "$work/out"
  # shellcheck disable=SC2064
  trap "rm -rf --one-file-system '$work'" EXIT
  "$make" "$suite" "$work"
  touch "$work/out/complete"
  mv "$work/out" "$dir"
}

make_sample() {
  local suite=$1 work=$2
  mkdir -p "$work/out/layout/blobs/sha256"
  make_userland "$suite" "$work/userland" "$SAMPLE_USERLAND" "$SAMPLE_LEAST_BYTES"
  du -sxb "$work/userland" | cut -f1 >"$work/out/unpacked.bytes"
  make_data "$work/data" "$work/out/blob.sha256"
  make_program "$work/app"
  write_layout "$work/out/layout" "$work/userland" "$work/data" "$work/app"
}

make_layer() {
  local suite=$1 work=$2
  make_userland "$suite" "$work/userland" "$LAYER_USERLAND" "$LAYER_LEAST_BYTES"
  tar --sort=name --numeric-owner --xattrs --mtime=@1767225600 --pax-option=delete=atime,delete=ctime \
    -C "$work/userland" -cf "$work/out/layer.tar" .
}

# make_userland SUITE TREE PACKAGES LEAST-BYTES
make_userland() {
  local suite=$1 tree=$2 packages=$3 least=$4 mirror log
  mirror=$(apt_mirror "$suite")
  log=$tree.log
  debootstrap --variant=minbase --include="$packages" "$suite" "$tree" "$mirror" \
    >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "debootstrap failed"
  }
  rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/var/log/* "$tree"/dev/* "$tree"/proc/* "$tree"/sys/*
  # The mirror of the machine that built it is nobody else's business.
  : >"$tree/etc/apt/sources.list"
  (($(du -sxb "$tree" | cut -f1) >= least)) || die "the userland is smaller than $least bytes"
}

# apt_mirror SUITE: where this machine's own apt finds SUITE.
apt_mirror() {
  local uri
  uri=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Identifier: Packages' |
    awk -v suite="$1" '$1 == suite { print $2; exit }')
  [[ -n $uri ]] || die "apt knows no mirror for $1: check /etc/apt/sources.list"
  printf '%s\n' "$uri"
}

make_data() {
  local tree=$1 sum=$2
  mkdir -p "$tree/data"
  head -c "$SAMPLE_BLOB_BYTES" /dev/urandom >"$tree/data/blob.bin"
  sha256sum "$tree/data/blob.bin" | cut -d' ' -f1 >"$sum"
}

make_program() {
  mkdir -p "$1/app"
  cp "$REPO/scripts/sample/start.py" "$1/app/start.py"
  chmod 755 "$1/app/start.py"
}

# write_layout LAYOUT TREE...: one tar.gz layer for each tree, in this order.
write_layout() {
  local layout=$1 tree layers=() diffs=()
  shift
  for tree in "$@"; do
    local tar=$tree.tar
    tar --sort=name --numeric-owner --xattrs --mtime=@1767225600 --pax-option=delete=atime,delete=ctime \
      -C "$tree" -cf "$tar" .
    diffs+=("\"sha256:$(sha256sum "$tar" | cut -d' ' -f1)\"")
    gzip -n -6 "$tar"
    layers+=("$(put_blob "$layout" "$tar.gz" application/vnd.oci.image.layer.v1.tar+gzip)")
  done
  write_manifest "$layout" "[$(IFS=,; echo "${diffs[*]}")]" "[$(IFS=,; echo "${layers[*]}")]"
}

# write_manifest LAYOUT DIFF-IDS LAYERS: the rest of a layout whose layers are there, tagged `latest`.
write_manifest() {
  local layout=$1 config=$1/config.json manifest=$1/manifest.json
  jq -n --arg arch "$(oci_architecture)" --argjson diffs "$2" '{
    architecture: $arch, os: "linux", created: "2026-01-01T00:00:00Z",
    config: { Env: ["PATH=/usr/local/bin:/usr/bin:/bin"], Cmd: ["python3", "/app/start.py"], WorkingDir: "/" },
    rootfs: { type: "layers", diff_ids: $diffs },
    history: [$diffs[] | { created: "2026-01-01T00:00:00Z", created_by: "lazerofs sample" }] }' >"$config"
  jq -n --argjson config "$(put_blob "$layout" "$config" application/vnd.oci.image.config.v1+json)" \
    --argjson layers "$3" \
    '{ schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config, layers: $layers }' \
    >"$manifest"
  jq -n --argjson manifest "$(put_blob "$layout" "$manifest" application/vnd.oci.image.manifest.v1+json)" \
    '{ schemaVersion: 2, manifests: [$manifest + { annotations: { "org.opencontainers.image.ref.name": "latest" } }] }' \
    >"$layout/index.json"
  printf '{"imageLayoutVersion":"1.0.0"}\n' >"$layout/oci-layout"
}

# put_blob LAYOUT FILE MEDIA-TYPE: moves FILE into the layout and prints its descriptor.
put_blob() {
  local digest size
  digest=$(sha256sum "$2" | cut -d' ' -f1)
  size=$(stat -c %s "$2")
  mv "$2" "$1/blobs/sha256/$digest"
  printf '{"mediaType":"%s","digest":"sha256:%s","size":%d}' "$3" "$digest" "$size"
}

oci_architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
  esac
}
