package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.FileType;

/**
 * What a directory says about a name.
 *
 * @param nid the inode
 * @param type its type, {@link FileType#UNKNOWN} where the directory does not tell
 */
public record DirectoryEntry(long nid, FileType type) {}
