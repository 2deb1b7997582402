#!/usr/bin/env bash
# Every test: ./test.sh [MAVEN-ARGUMENT]...
# Installs the Debian packages that the tests use where a command is missing, and says so, then runs
# `mvn verify`: format, Error Prone, unit tests, and integration tests with real containerd, runc,
# docker-registry and mounts; then it builds lazerofs's own image and runs it. Needs root and /dev/fuse; nothing
# is skipped without them, it fails.
set -euo pipefail
HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/scripts/common.sh"
. "$HERE/scripts/stage.sh"
. "$HERE/scripts/image.sh"

need_root
need_packages "${STAGE_PACKAGES[@]}" "${SAMPLE_PACKAGES[@]}" \
  fsck.erofs:erofs-utils mkfs.erofs:erofs-utils /bin/busybox:busybox-static fio:fio losetup:mount \
  veritysetup:cryptsetup-bin gcc:gcc /usr/include/stdio.h:libc6-dev systemd-analyze:systemd
need_libfuse2
need_build_tools
say "the sample image is made here, outside the tests' time limits"
sample_image >/dev/null
cd "$REPO"
mvn -B --no-transfer-progress verify "$@"
# All of it, and not a part that somebody asked for.
(($#)) || scripts/image-test.sh -Dmaven.main.skip=true -Dmaven.test.skip=true # compiled a moment ago
