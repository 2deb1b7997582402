package io.lazerofs.snapshotter.inspect;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.DeviceSlot;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.erofs.summary.ImageSummary;
import io.lazerofs.erofs.summary.Share;
import io.lazerofs.verity.HashTree;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An image in numbers: its superblock, its inodes, and how its content is stored.
 *
 * @param tree the hash tree that follows the file system, if there is one
 */
public record SummaryView(ErofsImage image, Optional<HashTree> tree) implements View {

  @Override
  public void writeText(PrintWriter out) throws IOException {
    new SummaryText(out).write(image, tree, ImageSummary.of(image));
  }

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    ImageSummary summary = ImageSummary.of(image);
    json.writeStartObject();
    writeSuperblock(json, image.superblock());
    writeDevices(json, image.deviceSlots());
    if (tree.isPresent()) {
      writeTree(json, tree.get());
    }
    json.writeObjectFieldStart("inodes");
    for (var type : summary.inodes().entrySet()) {
      json.writeNumberField(ConstantNames.of(type.getKey()), type.getValue());
    }
    json.writeEndObject();
    json.writeNumberField("names", summary.names());
    writeShares(json, "layouts", "inodes", summary.layouts());
    writeShares(json, "storage", "extents", summary.storage());
    ImageSummary.Xattrs xattrs = summary.xattrs();
    json.writeObjectFieldStart("xattrs");
    json.writeNumberField("inodes", xattrs.inodes());
    json.writeNumberField("inline", xattrs.inline());
    json.writeNumberField("shared", xattrs.shared());
    json.writeNumberField("value_bytes", xattrs.valueBytes());
    json.writeEndObject();
    json.writeNumberField("faults", summary.faults());
    json.writeEndObject();
  }

  private static void writeSuperblock(JsonGenerator json, Superblock superblock)
      throws IOException {
    json.writeObjectFieldStart("superblock");
    json.writeStringField("volume_name", NameText.of(superblock.volumeName()));
    json.writeStringField("uuid", superblock.uuid().toString());
    json.writeStringField(
        "build_time", TimeText.of(superblock.epoch() + superblock.buildTime(), 0));
    json.writeNumberField("block_size", superblock.blockSize());
    json.writeNumberField("blocks", superblock.blocks());
    json.writeNumberField("inodes", superblock.inodes());
    writeStrings(json, "compatible_features", Features.compatible(superblock));
    writeStrings(json, "incompatible_features", Features.incompatible(superblock));
    writeStrings(json, "algorithms", Features.algorithms(superblock));
    if (superblock.hasCompatible(CompatibleFeatures.CHECKSUM)) {
      json.writeStringField("checksum", "0x%08x".formatted(superblock.checksum()));
    }
    json.writeNumberField("root_nid", superblock.rootNid());
    if (superblock.packedNid() != 0) {
      json.writeNumberField("packed_nid", superblock.packedNid());
    }
    if (superblock.metaboxNid() != 0) {
      json.writeNumberField("metabox_nid", superblock.metaboxNid());
    }
    json.writeNumberField("meta_block", superblock.metaBlock());
    json.writeNumberField("xattr_block", superblock.xattrBlock());
    json.writeEndObject();
  }

  private static void writeTree(JsonGenerator json, HashTree tree) throws IOException {
    json.writeObjectFieldStart("verity");
    json.writeStringField("root_hash", tree.root().hash().hex());
    json.writeNumberField("hash_offset", tree.root().hashOffset());
    json.writeNumberField("data_blocks", tree.superblock().dataBlocks());
    json.writeStringField("salt", tree.superblock().salt());
    json.writeStringField("uuid", tree.superblock().uuid().toString());
    json.writeEndObject();
  }

  private static void writeStrings(JsonGenerator json, String key, List<String> strings)
      throws IOException {
    json.writeArrayFieldStart(key);
    for (String string : strings) {
      json.writeString(string);
    }
    json.writeEndArray();
  }

  private static void writeDevices(JsonGenerator json, List<DeviceSlot> slots) throws IOException {
    json.writeArrayFieldStart("devices");
    for (DeviceSlot slot : slots) {
      json.writeStartObject();
      json.writeStringField("tag", NameText.of(slot.tag()));
      json.writeNumberField("blocks", slot.blocks());
      json.writeNumberField("mapped_block", slot.mappedBlock());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static <K extends Enum<K>> void writeShares(
      JsonGenerator json, String key, String counted, Map<K, Share> shares) throws IOException {
    json.writeObjectFieldStart(key);
    for (var share : shares.entrySet()) {
      json.writeObjectFieldStart(ConstantNames.of(share.getKey()));
      json.writeNumberField(counted, share.getValue().count());
      json.writeNumberField("bytes", share.getValue().logicalBytes());
      json.writeNumberField("stored_bytes", share.getValue().storedBytes());
      json.writeEndObject();
    }
    json.writeEndObject();
  }
}
