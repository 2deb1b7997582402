/*
 * idmapped_bind SOURCE TARGET UID-MAP GID-MAP
 *
 * Mounts a directory on another, with ids mapped as "CONTAINER HOST LENGTH" says: what containerd
 * does with each lower directory of a snapshot (mount_setattr(2), user_namespaces(7)).
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_map(pid_t child, const char *file, const char *map) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", child, file);
  int fd = open(path, O_WRONLY);
  if (fd < 0 || write(fd, map, strlen(map)) < 0) err(1, "%s: %s", path, map);
  close(fd);
}

int main(int argc, char **argv) {
  if (argc != 5) errx(2, "SOURCE TARGET UID-MAP GID-MAP");
  int made[2];
  if (pipe(made)) err(1, "pipe");
  pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWUSER)) err(1, "unshare");
    if (write(made[1], "", 1) != 1) err(1, "write");
    pause();
  }
  char byte;
  if (read(made[0], &byte, 1) != 1) err(1, "read");
  write_map(child, "uid_map", argv[3]);
  write_map(child, "gid_map", argv[4]);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", child);
  int users = open(path, O_RDONLY);
  if (users < 0) err(1, "%s", path);
  int tree = syscall(SYS_open_tree, AT_FDCWD, argv[1], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (tree < 0) err(1, "open_tree %s", argv[1]);
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = users};
  if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes))
    err(1, "mount_setattr %s", argv[1]);
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, argv[2], MOVE_MOUNT_F_EMPTY_PATH))
    err(1, "move_mount %s", argv[2]);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return 0;
}
