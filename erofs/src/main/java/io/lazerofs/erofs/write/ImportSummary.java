package io.lazerofs.erofs.write;

/**
 * What an import did.
 *
 * @param entries members of the archive, or names in the directory tree and its root
 * @param contentBytes bytes of file content that the archive or the disk stores, without holes
 * @param imageBytes size of the image
 * @param droppedXattrs extended attributes left out because Linux has no such namespace
 */
public record ImportSummary(long entries, long contentBytes, long imageBytes, long droppedXattrs) {}
