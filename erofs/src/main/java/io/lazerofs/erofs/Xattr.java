package io.lazerofs.erofs;

/**
 * An extended attribute of an inode.
 *
 * @param name with its prefix, as in {@code user.mime_type}; raw bytes
 * @param value at most 65,535 bytes
 * @param shared whether it is stored once for all inodes that have it, not beside this one
 * @param hidden whether the inode's name filter says, wrongly, that it is absent, so that a lookup
 *     by name does not find it
 */
public record Xattr(byte[] name, byte[] value, boolean shared, boolean hidden) {}
