package io.lazerofs.it.fuzz;

import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes that structures are in, and where each lies on the primary device.
 *
 * <p>Of a compressed content, those bytes have a place that stand in the stream as they are, or as
 * codes of their own: where changing a byte of the stream changes this one byte of the content and
 * no other. That is found by trying, so it holds for every algorithm.
 */
final class Places {
  /** Longer contents are cut, bytes. */
  private static final int LONGEST = 1 << 18;

  private static final int NONE = -1;

  private final MemorySegment bytes;
  private final int[] places;

  private Places(byte[] bytes) {
    this.bytes = MemorySegment.ofArray(bytes);
    this.places = new int[bytes.length];
  }

  /** The device itself. */
  static Places ofDevice(Original original) {
    Places places = new Places(original.devices().getFirst());
    Arrays.setAll(places.places, at -> at);
    return places;
  }

  /**
   * The content of an inode.
   *
   * @param holder what the inode is in
   */
  static Places ofContent(Original original, ErofsImage image, Inode inode, Places holder)
      throws IOException {
    byte[] content = new byte[(int) Math.min(inode.size(), LONGEST)];
    image.read(inode, 0, MemorySegment.ofArray(content));
    Places places = new Places(content);
    Arrays.fill(places.places, NONE);
    for (int at = 0; at < content.length; ) {
      Extent extent = image.extent(inode, at);
      int end = (int) Math.min(inode.endOf(extent, at), content.length);
      switch (extent) {
        case Extent.Plain plain -> {
          for (int i = at; i < end; i++) {
            places.places[i] = (int) (plain.physical() + (i - plain.offset()));
          }
        }
        case Extent.Inline inline -> {
          for (int i = at; i < end; i++) {
            places.places[i] = holder.of(inline.physical() + (i - inline.offset()));
          }
        }
        case Extent.Compressed compressed -> places.find(original, inode, compressed, end);
        case Extent.Hole _, Extent.Fragment _ -> {}
      }
      at = end;
    }
    return places;
  }

  /** Finds what is in a pcluster by changing it, byte by byte. */
  private void find(Original original, Inode inode, Extent.Compressed extent, int end)
      throws IOException {
    int start = (int) extent.offset();
    byte[] whole = bytes.asSlice(start, end - start).toArray(ValueLayout.JAVA_BYTE);
    byte[] changed = new byte[whole.length];
    byte[] device = original.devices().getFirst().clone();
    List<ByteSource> sources = new ArrayList<>();
    sources.add(new GuardedSource(device, device.length, false));
    for (byte[] other : original.devices().subList(1, original.devices().size())) {
      sources.add(new GuardedSource(other, other.length, false));
    }
    for (int i = (int) extent.physical(); i < extent.physical() + extent.stored(); i++) {
      device[i] ^= 1;
      try {
        Walk.open(sources).read(inode, start, MemorySegment.ofArray(changed));
        int at = Arrays.mismatch(whole, changed);
        boolean only =
            at >= 0 && Arrays.equals(whole, at + 1, whole.length, changed, at + 1, whole.length);
        if (only && (whole[at] ^ changed[at]) == 1) {
          places[start + at] = i;
        }
      } catch (ErofsException e) {
        // The byte means more than itself.
      }
      device[i] ^= 1;
    }
  }

  /** Returns what a reader sees. */
  MemorySegment bytes() {
    return bytes;
  }

  /** Returns where on the device a byte lies, or a negative number when it has no place. */
  int of(long at) {
    return at >= 0 && at < places.length ? places[(int) at] : NONE;
  }

  /** Whether bytes lie on the device one behind the other. */
  boolean together(long start, int size) {
    for (int i = 0; i < size; i++) {
      if (of(start + i) < 0 || of(start + i) != of(start) + i) {
        return false;
      }
    }
    return true;
  }
}
