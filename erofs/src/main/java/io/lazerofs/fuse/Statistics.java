package io.lazerofs.fuse;

/**
 * The size of a file system, as statfs(2) shows it; nothing of a read-only one is free.
 *
 * @param blockSize bytes
 * @param blocks blocks in all
 * @param files inodes in all
 * @param nameLength the longest name, bytes
 */
public record Statistics(int blockSize, long blocks, long files, int nameLength) {}
