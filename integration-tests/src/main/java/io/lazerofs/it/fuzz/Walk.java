package io.lazerofs.it.fuzz;

import com.sun.management.ThreadMXBean;
import io.lazerofs.erofs.Caches;
import io.lazerofs.erofs.ClusterCache;
import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A walk through a whole image that calls every method of the reader on everything there is.
 *
 * <p>Contents are read whole, up to {@link #WHOLE} bytes of a file; of a longer one, for an image
 * can claim 2^63 bytes, {@link #SAMPLES} pieces of {@link #PIECE} bytes at equal distances, its
 * first and its last among them. An image as a whole is read up to {@link #IMAGE_BYTES}, and its
 * directories up to {@link #IMAGE_ENTRIES}, for its files can share their blocks.
 *
 * <p>Used by one thread.
 */
final class Walk {
  /** No call of the reader may allocate more than this, bytes. */
  static final long CALL_MEMORY = 48 << 20;

  /** Nor may all calls together that the walk through one image makes. */
  static final long IMAGE_MEMORY = 512 << 20;

  private static final long WHOLE = 4 << 20;
  private static final int PIECE = 256 << 10;
  private static final int SAMPLES = 8;
  private static final long IMAGE_BYTES = 32 << 20;
  private static final int IMAGE_ENTRIES = 50_000;
  private static final int FILE_EXTENTS = 200;
  private static final long CACHE = 4 << 20;
  private static final byte[] ABSENT_NAME = {'m', '-', 'n', 'o', 'n', 'e'};
  private static final byte[] ABSENT_XATTR = {'u', 's', 'e', 'r', '.', 'n', 'o'};

  /** How a walk ended, when nothing else was wrong. */
  enum Outcome {
    REFUSED,
    WRONG_IN_PLACES,
    RIGHT
  }

  /** More memory allocated than a call or an image may. */
  static final class MemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MemoryException(String message) {
      super(message);
    }
  }

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final MemorySegment buffer = MemorySegment.ofArray(new byte[PIECE]);
  private final Deque<Long> nids = new ArrayDeque<>();
  private final Set<Long> seen = new HashSet<>();
  private final Reader reader;
  private long imageMemory;
  private long imageBytes;
  private int imageEntries;
  private boolean wrong;

  /** Opens images: what is tried. */
  @FunctionalInterface
  interface Reader {
    ErofsImage open(List<ByteSource> devices) throws IOException;
  }

  /** A call of the reader. */
  private interface Call<T> {
    T make() throws IOException;
  }

  Walk(Reader reader) {
    this.reader = reader;
  }

  /** Opens an image with our reader. */
  static ErofsImage open(List<ByteSource> devices) throws IOException {
    return ErofsImage.open(
        devices.getFirst(),
        devices.subList(1, devices.size()),
        Caches.of(ClusterCache.ofBytes(CACHE)));
  }

  /** Walks an image; throws whatever is not the reader's to throw. */
  Outcome walk(List<ByteSource> devices) throws IOException {
    nids.clear();
    seen.clear();
    imageMemory = 0;
    imageBytes = IMAGE_BYTES;
    imageEntries = IMAGE_ENTRIES;
    wrong = false;
    ErofsImage image = call(() -> reader.open(devices));
    if (image == null) {
      return Outcome.REFUSED;
    }
    nids.add(image.rootNid());
    for (long hidden :
        new long[] {image.superblock().packedNid(), image.superblock().metaboxNid()}) {
      if (hidden != 0) {
        nids.add(hidden);
      }
    }
    while (!nids.isEmpty()) {
      long nid = nids.remove();
      if (seen.add(nid)) {
        visit(image, nid);
      }
    }
    return wrong ? Outcome.WRONG_IN_PLACES : Outcome.RIGHT;
  }

  /** Returns how much the last walk allocated, bytes. */
  long memory() {
    return imageMemory;
  }

  private void visit(ErofsImage image, long nid) throws IOException {
    Inode inode = call(() -> image.inode(nid));
    if (inode == null) {
      return;
    }
    xattrs(image, inode);
    FileType type = inode.type();
    if (type == FileType.SYMLINK) {
      call(() -> image.readLink(inode));
    }
    if (type == FileType.DIRECTORY) {
      entries(image, inode);
    }
    if (type == FileType.REGULAR || type == FileType.DIRECTORY) {
      extents(image, inode);
      content(image, inode);
    }
  }

  private void xattrs(ErofsImage image, Inode inode) throws IOException {
    List<byte[]> names = call(() -> image.xattrNames(inode));
    if (names != null) {
      for (byte[] name : names) {
        call(() -> image.xattr(inode, name));
      }
    }
    call(() -> image.xattr(inode, ABSENT_XATTR));
  }

  private void entries(ErofsImage image, Inode directory) throws IOException {
    List<byte[]> names = new ArrayList<>();
    call(() -> {
      image.list(
          directory,
          0,
          (name, nid, type, next) -> {
            nids.add(nid);
            if (names.size() < 8 || (names.size() & 63) == 0) {
              names.add(name.toArray(ValueLayout.JAVA_BYTE));
            }
            return imageEntries-- > 0;
          });
      return true;
    });
    for (byte[] name : names) {
      call(() -> image.lookup(directory, name));
    }
    call(() -> image.lookup(directory, ABSENT_NAME));
  }

  private void extents(ErofsImage image, Inode inode) throws IOException {
    long at = 0;
    for (int i = 0; i < FILE_EXTENTS && at < inode.size(); i++) {
      long from = at;
      Extent extent = call(() -> image.extent(inode, from));
      if (extent == null) {
        break;
      }
      long end = extent.offset() + extent.length();
      if (extent.offset() > at || end <= at) {
        throw new AssertionError("extent of " + at + " is " + extent);
      }
      at = end;
    }
    if (inode.size() > 0) {
      call(() -> image.extent(inode, inode.size() - 1));
    }
  }

  private void content(ErofsImage image, Inode inode) throws IOException {
    long size = inode.size();
    boolean whole = size <= WHOLE;
    long step = whole ? PIECE : (size - PIECE) / (SAMPLES - 1);
    int pieces = whole ? (int) ((size + PIECE - 1) / PIECE) : SAMPLES;
    for (int i = 0; i < pieces && imageBytes > 0; i++) {
      long at = i * step;
      Integer read = call(() -> image.read(inode, at, buffer));
      if (read != null && read != Math.min(PIECE, size - at)) {
        throw new AssertionError("read " + read + " bytes at " + at + " of " + size);
      }
      imageBytes -= PIECE;
    }
  }

  /** Makes a call; returns null when the reader refuses. */
  private <T extends @Nullable Object> @Nullable T call(Call<T> call) throws IOException {
    long before = threads.getCurrentThreadAllocatedBytes();
    T result;
    try {
      result = call.make();
    } catch (ErofsException e) {
      wrong = true;
      result = null;
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    imageMemory += allocated;
    if (allocated > CALL_MEMORY || imageMemory > IMAGE_MEMORY) {
      throw new MemoryException(
          "a call allocated %d bytes, all of the image %d".formatted(allocated, imageMemory));
    }
    return result;
  }
}
