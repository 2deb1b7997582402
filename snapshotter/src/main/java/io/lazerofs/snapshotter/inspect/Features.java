package io.lazerofs.snapshotter.inspect;

import io.lazerofs.erofs.disk.Algorithm;
import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.Superblock;
import java.util.ArrayList;
import java.util.List;

/** The features of a superblock under the names that the kernel and erofs-utils use. */
final class Features {
  private record Bit(int bit, String name) {}

  private static final List<Bit> COMPATIBLE =
      List.of(
          new Bit(CompatibleFeatures.CHECKSUM, "SB_CHKSUM"),
          new Bit(CompatibleFeatures.MTIME, "MTIME"),
          new Bit(CompatibleFeatures.XATTR_FILTER, "XATTR_FILTER"),
          new Bit(CompatibleFeatures.SHARED_XATTRS_IN_METABOX, "SHARED_EA_IN_METABOX"),
          new Bit(CompatibleFeatures.PLAIN_XATTR_PREFIXES, "PLAIN_XATTR_PFX"));

  private Features() {}

  /** Returns those that a reader may ignore; bits without a name as a number. */
  static List<String> compatible(Superblock superblock) {
    List<String> names = new ArrayList<>();
    int rest = superblock.compatible();
    for (Bit bit : COMPATIBLE) {
      if ((rest & bit.bit) != 0) {
        names.add(bit.name);
        rest &= ~bit.bit;
      }
    }
    if (rest != 0) {
      names.add("0x%x".formatted(rest));
    }
    return names;
  }

  /** Returns those that a reader must know; two that share a bit as one. */
  static List<String> incompatible(Superblock superblock) {
    List<String> names = new ArrayList<>();
    for (IncompatibleFeature feature : IncompatibleFeature.values()) {
      if (superblock.has(feature)) {
        names.add(feature.kernelName());
      }
    }
    return names;
  }

  /** Returns the algorithms that the superblock announces; none where it keeps no set of them. */
  static List<String> algorithms(Superblock superblock) {
    List<String> names = new ArrayList<>();
    if (superblock.has(IncompatibleFeature.COMPRESSION_CONFIGS)) {
      for (Algorithm algorithm : Algorithm.values()) {
        if ((superblock.compression() >> algorithm.code() & 1) != 0) {
          names.add(ConstantNames.of(algorithm));
        }
      }
    }
    return names;
  }
}
