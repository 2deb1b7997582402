package io.lazerofs.erofs.summary;

import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.check.TreePath;
import io.lazerofs.erofs.check.TreeWalk;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.FileType;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/** Counts what a walk of an image meets. */
final class Summarizer implements TreeWalk.Visitor {
  private final ErofsImage image;
  private final Map<FileType, Long> inodes = new EnumMap<>(FileType.class);
  private final Map<DataLayout, Share> layouts = new EnumMap<>(DataLayout.class);
  private final Map<Storage, Share> storage = new EnumMap<>(Storage.class);
  private long names;
  private long xattrInodes;
  private long inlineXattrs;
  private long sharedXattrs;
  private long xattrBytes;
  private long faults;

  Summarizer(ErofsImage image) {
    this.image = image;
  }

  ImageSummary run() throws IOException {
    hidden(image.superblock().packedNid());
    hidden(image.superblock().metaboxNid());
    TreeWalk.walk(image, this, fault -> faults++);
    return new ImageSummary(
        inodes,
        names,
        layouts,
        storage,
        new ImageSummary.Xattrs(xattrInodes, inlineXattrs, sharedXattrs, xattrBytes),
        faults);
  }

  private void hidden(long nid) throws IOException {
    if (nid != 0) {
      try {
        content(image.inode(nid));
      } catch (ErofsException e) {
        faults++;
      }
    }
  }

  @Override
  public void enter(TreePath path, Inode directory) throws IOException {
    if (!path.isRoot()) {
      names++;
    }
    inode(directory);
  }

  @Override
  public void leave(TreePath path, Inode directory) {}

  @Override
  public void file(TreePath path, Inode inode) throws IOException {
    names++;
    inode(inode);
  }

  @Override
  public void link(TreePath path, Inode inode) {
    names++;
  }

  private void inode(Inode inode) throws IOException {
    inodes.merge(inode.type(), 1L, Long::sum);
    xattrs(inode);
    if (inode.hasContent()) {
      content(inode);
    }
  }

  private void xattrs(Inode inode) throws IOException {
    if (inode.xattrSize() > 0) {
      xattrInodes++;
    }
    try {
      image.xattrs(
          inode,
          xattr -> {
            inlineXattrs += xattr.shared() ? 0 : 1;
            sharedXattrs += xattr.shared() ? 1 : 0;
            xattrBytes += xattr.value().length;
          });
    } catch (ErofsException e) {
      faults++;
    }
  }

  private void content(Inode inode) throws IOException {
    long stored = 0;
    try {
      for (long at = 0; at < inode.size(); ) {
        Extent extent = image.extent(inode, at);
        long end = inode.endOf(extent, at);
        Share share = new Share(1, end - at, Storage.storedBytes(extent));
        storage.merge(Storage.of(extent), share, Share::plus);
        stored += share.storedBytes();
        at = end;
      }
    } catch (ErofsException e) {
      faults++;
    }
    layouts.merge(inode.layout(), new Share(1, inode.size(), stored), Share::plus);
  }
}
