#!/usr/bin/env bash
# Builds lazerofs's own image and runs it: scripts/image-test.sh [MAVEN-ARGUMENT]...
# The base is as small as one may be: a shell, and the C library of this machine. The image is built into a registry
# of the script's own, pulled by a containerd of its own, and must start with its cache of loaded classes.
set -euo pipefail
HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/common.sh"
. "$HERE/stage.sh"
. "$HERE/image.sh"

# base_tree DIR: what the image's base has.
base_tree() {
  local tree=$1 jdk applet library
  jdk=$(find_jdk)
  mkdir -p "$tree/bin" "$tree/tmp" "$tree/etc"
  chmod 1777 "$tree/tmp"
  cp /bin/busybox "$tree/bin/busybox"
  for applet in sh dirname readlink; do ln -s busybox "$tree/bin/$applet"; done
  ldd "$jdk/bin/java" "$jdk/lib/server/libjvm.so" "$jdk"/lib/lib{java,net,nio,zip,jimage,management}.so |
    awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/.*/ld-" { print $1 }' | grep -v "^$jdk/" | sort -u |
    while read -r library; do cp -L --parents "$library" "$tree"; done
}

# in_image WORD...: runs lazerofs in a container of the image, with a JVM that does not start without its cache.
in_image() {
  ctr_stage run --rm --env LAZEROFS_JAVA_OPTS=-XX:AOTMode=on "$image" "image-test-$RANDOM" \
    /opt/lazerofs/bin/lazerofs "$@"
}

need_root
need_packages "${STAGE_PACKAGES[@]}" /bin/busybox:busybox-static
need_build_tools
stage_open
registry_start
mkdir -p "$STAGE/base/blobs/sha256"
base_tree "$STAGE/tree"
write_layout "$STAGE/base" "$STAGE/tree"
registry_push "$STAGE/base" base:1

image=$REGISTRY/lazerofs:test
say "building lazerofs's own image"
(cd "$REPO" && mvn -B -q -Pimage -pl snapshotter -am -DskipTests -Djib.allowInsecureRegistries=true \
  -Djib.console=plain -Dimage.goal=build -Dimage.base="$REGISTRY/base:1" -Dimage.name="$image" "$@" package >&2) ||
  die "the image could not be built"

containerd_start
ctr_stage images pull --plain-http "$image" >/dev/null || die "the image could not be pulled"
[[ $(in_image --version) == "lazerofs "* ]] || die "the image does not say its version"
[[ $(in_image status --help) == *"Usage: lazerofs status"* ]] || die "the image has no help"
entry=$(ctr_stage content get "$(ctr_stage images list "name==$image" | awk 'NR == 2 { print $3 }')" |
  jq -r .config.digest | xargs -I{} ctr --address "$CONTAINERD" --namespace "$NAMESPACE" content get {} |
  jq -c '.config | .Entrypoint + .Cmd')
[[ $entry == '["/opt/lazerofs/bin/lazerofs","snapshotter","--config","/etc/lazerofs/config.toml"]' ]] ||
  die "the image starts $entry"
say "the image starts with its cache of loaded classes"
