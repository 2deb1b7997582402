package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.Dirent;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.erofs.disk.FullIndex;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.InodeFormat;
import io.lazerofs.erofs.disk.LclusterType;
import io.lazerofs.erofs.disk.MapHeader;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.erofs.disk.XattrHeader;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.layers.ImageFileSystem;
import io.lazerofs.source.MappedSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An image whose inodes, indexes, inline data and xattrs lie in a metabox, against the kernel's
 * mount of it. Laid by hand, since no mkfs.erofs of the conformance images writes one.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MetaboxIT {
  private static final int BLOCK = 4096;
  private static final int META = 1;
  private static final int ROOT = 2;
  private static final int METABOX = 3;
  private static final int DATA = 4;
  private static final int BLOCKS = 5;
  private static final long METABOX_NID = 2;
  private static final long IN_METABOX = 1L << 63;
  private static final int INLINE_SLOT = 1;
  private static final int LINK_SLOT = 4;
  private static final int PLAIN_SLOT = 8;
  private static final int SHARED = 1024;

  @TempDir private Path temporary;

  private final byte[] bytes = new byte[BLOCKS * BLOCK];
  private final MemorySegment memory = MemorySegment.ofArray(bytes);

  @ParameterizedTest
  @EnumSource(names = {"FLAT_PLAIN", "COMPRESSED_FULL"})
  void readsAsTheKernelReadsIt(DataLayout layoutOfMetabox) throws Exception {
    Path image = Files.write(temporary.resolve("image"), lay(layoutOfMetabox));
    Path kernel = Files.createDirectory(temporary.resolve("kernel"));
    Path ours = Files.createDirectory(temporary.resolve("ours"));
    Command.run(
        temporary, "mount", "-t", "erofs", "-o", "loop,ro", image.toString(), kernel.toString());
    try (MappedSource source = MappedSource.open(image)) {
      FuseServer server =
          FuseServer.mount(
              ours,
              ImageFileSystem.of(ErofsImage.open(source, List.of()), DirectIoSettings.DEFAULT),
              FuseOptions.defaults(),
              Executors.newVirtualThreadPerTaskExecutor());
      try {
        compare(kernel, ours, "find", ".", "-printf", "%P %y %m %s %b %l\\n");
        compare(kernel, ours, "sha256sum", "inline", "plain");
        for (String file : List.of("inline", "plain")) {
          for (String name : List.of("user.own", "user.shared")) {
            NativeFile.Answer expected = NativeFile.xattr(kernel.resolve(file), name, BLOCK);
            NativeFile.Answer actual = NativeFile.xattr(ours.resolve(file), name, BLOCK);
            assertThat(actual.result()).isEqualTo(expected.result());
            assertThat(actual.bytes()).isEqualTo(expected.bytes());
          }
        }
        assertThat(Files.readString(ours.resolve("link"))).isEqualTo("hello world");
        assertThat(NativeFile.xattr(ours.resolve("inline"), "user.own", BLOCK).result())
            .isEqualTo(1);
        assertThat(NativeFile.xattr(ours.resolve("plain"), "user.shared", BLOCK).result())
            .isEqualTo(1);
      } finally {
        server.close();
        server.awaitEnd();
      }
    } finally {
      Command.run(temporary, "umount", kernel.toString());
    }
  }

  private static void compare(Path kernel, Path ours, String... command) throws Exception {
    List<String> expected = Command.run(kernel, command);
    assertThat(expected).isNotEmpty();
    assertThat(Command.run(ours, command)).isEqualTo(expected);
  }

  private byte[] lay(DataLayout layoutOfMetabox) {
    inode(META * BLOCK, DataLayout.FLAT_PLAIN, 0, 040755, BLOCK, ROOT);
    int metabox = META * BLOCK + (int) METABOX_NID * 32;
    boolean flat = layoutOfMetabox == DataLayout.FLAT_PLAIN;
    inode(metabox, layoutOfMetabox, 0, 0100600, BLOCK, flat ? METABOX : 1);
    if (!flat) {
      map(metabox + CompactInode.SIZE, METABOX);
    }
    directory();
    int inline = slot(INLINE_SLOT);
    inode(inline, DataLayout.FLAT_INLINE, 3, 0100644, 11, 0);
    new XattrHeader(0, 0).encode(memory, inline + CompactInode.SIZE);
    xattr(inline + CompactInode.SIZE + XattrHeader.SIZE, "own", "b");
    text(inline + CompactInode.SIZE + XattrHeader.bodySize(3), "hello world");
    int link = slot(LINK_SLOT);
    inode(link, DataLayout.FLAT_INLINE, 0, 0120777, 6, 0);
    text(link + CompactInode.SIZE, "inline");
    int plain = slot(PLAIN_SLOT);
    inode(plain, DataLayout.COMPRESSED_FULL, 2, 0100644, 3000, 1);
    new XattrHeader(0, 1).encode(memory, plain + CompactInode.SIZE);
    bytes[plain + CompactInode.SIZE + XattrHeader.SIZE + 1] = (byte) (SHARED / 4 >> 8);
    map(plain + CompactInode.SIZE + XattrHeader.bodySize(2), DATA);
    xattr(METABOX * BLOCK + SHARED, "shared", "v");
    Arrays.fill(bytes, DATA * BLOCK, DATA * BLOCK + 3000, (byte) 'x');
    superblock();
    return bytes;
  }

  private static int slot(int number) {
    return METABOX * BLOCK + number * 32;
  }

  private void inode(int at, DataLayout layout, int xattrs, int mode, int size, int data) {
    new CompactInode(InodeFormat.of(false, layout, false), xattrs, mode, 1, size, 0, data, 1, 0, 0)
        .encode(memory, at);
  }

  /** Writes a map of one cluster, stored as it is. */
  private void map(int after, int block) {
    int at = (after + MapHeader.SIZE - 1) & -MapHeader.SIZE;
    new MapHeader(0, 0, 0, 0).encode(memory, at);
    FullIndex.head(LclusterType.PLAIN, false, 0, block)
        .encode(memory, at + MapHeader.SIZE + FullIndex.RESERVED);
  }

  /** Writes an entry with the prefix user. */
  private void xattr(int at, String name, String value) {
    bytes[at] = (byte) name.length();
    bytes[at + 1] = 1;
    bytes[at + 2] = (byte) value.length();
    text(at + 4, name + value);
  }

  private void directory() {
    String[] names = {".", "..", "inline", "link", "plain"};
    long[] nids = {0, 0, IN_METABOX | INLINE_SLOT, IN_METABOX | LINK_SLOT, IN_METABOX | PLAIN_SLOT};
    FileType[] types = {
      FileType.DIRECTORY, FileType.DIRECTORY, FileType.REGULAR, FileType.SYMLINK, FileType.REGULAR
    };
    int name = names.length * Dirent.SIZE;
    for (int i = 0; i < names.length; i++) {
      new Dirent(nids[i], name, types[i].code())
          .encode(memory, ROOT * BLOCK + (long) i * Dirent.SIZE);
      text(ROOT * BLOCK + name, names[i]);
      name += names[i].length();
    }
  }

  private void text(int at, String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    MemorySegment.copy(ascii, 0, memory, ValueLayout.JAVA_BYTE, at, ascii.length);
  }

  private void superblock() {
    new Superblock(
            0,
            CompatibleFeatures.SHARED_XATTRS_IN_METABOX,
            12,
            1,
            0,
            4,
            1_700_000_000,
            0,
            BLOCKS,
            META,
            0,
            new UUID(0, 0),
            "",
            IncompatibleFeature.METABOX.bit(),
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            METABOX_NID)
        .encode(memory, Superblock.OFFSET);
  }
}
