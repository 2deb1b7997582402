package io.lazerofs.snapshotter.inspect;

import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.DeviceSlot;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.erofs.summary.ImageSummary;
import io.lazerofs.erofs.summary.Share;
import io.lazerofs.snapshotter.progress.Sizes;
import io.lazerofs.verity.HashTree;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** An image in numbers, as lines of text. */
final class SummaryText {
  private final PrintWriter out;

  SummaryText(PrintWriter out) {
    this.out = out;
  }

  void write(ErofsImage image, Optional<HashTree> tree, ImageSummary summary) {
    writeSuperblock(image.superblock());
    int number = 1;
    for (DeviceSlot slot : image.deviceSlots()) {
      line(
          "device " + number++,
          "%d blocks%s%s"
              .formatted(
                  slot.blocks(),
                  slot.mappedBlock() == 0 ? "" : " from block " + slot.mappedBlock(),
                  slot.tag().isEmpty() ? "" : ", " + NameText.of(slot.tag())));
    }
    tree.ifPresent(this::writeTree);
    writeInodes(summary);
    table("layout", "inodes", summary.layouts());
    table("storage", "extents", summary.storage());
    if (summary.faults() > 0) {
      out.println();
      line("faults", summary.faults() + "; lazerofs fsck tells which");
    }
  }

  private void writeSuperblock(Superblock superblock) {
    line("volume", "%s, UUID %s".formatted(name(superblock), superblock.uuid()));
    line("made", TimeText.of(superblock.epoch() + superblock.buildTime(), 0));
    line("size", "%d blocks of %d bytes".formatted(superblock.blocks(), superblock.blockSize()));
    line("compatible", String.join(", ", Features.compatible(superblock)));
    line("incompatible", String.join(", ", Features.incompatible(superblock)));
    line("algorithms", String.join(", ", Features.algorithms(superblock)));
    if (superblock.hasCompatible(CompatibleFeatures.CHECKSUM)) {
      line("checksum", "0x%08x".formatted(superblock.checksum()));
    }
    List<String> nids = new ArrayList<>(List.of("root " + superblock.rootNid()));
    if (superblock.packedNid() != 0) {
      nids.add("packed " + superblock.packedNid());
    }
    if (superblock.metaboxNid() != 0) {
      nids.add("metabox " + superblock.metaboxNid());
    }
    line("nids", String.join(", ", nids));
  }

  private void writeTree(HashTree tree) {
    line(
        "hash tree",
        "%s, from byte %d on".formatted(tree.root().hash().hex(), tree.root().hashOffset()));
    line("salt", tree.superblock().salt());
  }

  private static String name(Superblock superblock) {
    return superblock.volumeName().isEmpty()
        ? "without a name"
        : NameText.of(superblock.volumeName());
  }

  private void writeInodes(ImageSummary summary) {
    List<String> types = new ArrayList<>();
    long inodes = 0;
    for (var type : summary.inodes().entrySet()) {
      types.add(type.getValue() + " " + ConstantNames.of(type.getKey()).replace('_', ' '));
      inodes += type.getValue();
    }
    line("inodes", inodes + ": " + String.join(", ", types));
    line("names", Long.toString(summary.names()));
    ImageSummary.Xattrs xattrs = summary.xattrs();
    line(
        "xattrs",
        "%d inline, %d shared, of %d inodes; values of %s"
            .formatted(
                xattrs.inline(),
                xattrs.shared(),
                xattrs.inodes(),
                Sizes.text(xattrs.valueBytes())));
  }

  private void line(String label, String value) {
    if (!value.isEmpty()) {
      out.printf("%-14s%s%n", label, value);
    }
  }

  private <K extends Enum<K>> void table(String label, String counted, Map<K, Share> shares) {
    out.printf("%n%-20s%10s %12s %12s %8s%n", label, counted, "content", "stored", "ratio");
    Share all = Share.NONE;
    for (var entry : shares.entrySet()) {
      row(ConstantNames.of(entry.getKey()), entry.getValue());
      all = all.plus(entry.getValue());
    }
    row("all", all);
  }

  private void row(String label, Share share) {
    out.printf(
        "%-20s%10d %12s %12s %8s%n",
        label,
        share.count(),
        Sizes.text(share.logicalBytes()),
        Sizes.text(share.storedBytes()),
        share.logicalBytes() == 0
            ? ""
            : String.format(
                Locale.ROOT, "%.1f %%", 100.0 * share.storedBytes() / share.logicalBytes()));
  }
}
