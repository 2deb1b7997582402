package io.lazerofs.erofs;

import static io.lazerofs.erofs.TinyImage.compact;
import static io.lazerofs.erofs.TinyImage.extended;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.lazerofs.erofs.check.CheckSummary;
import io.lazerofs.erofs.check.Fault;
import io.lazerofs.erofs.check.ImageCheck;
import io.lazerofs.erofs.check.TreeSink;
import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.erofs.disk.XattrEntry;
import io.lazerofs.erofs.disk.XattrHeader;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A check finds nothing in good images, and in bad ones everything with its place. */
class ImageCheckTest {
  private static final int FILE = 0100644;
  private static final int DIRECTORY = 040755;
  private static final int ROOT = TinyImage.ROOT_BLOCK;
  private static final int ROOT_AT = ROOT * 512;

  /** Where the root's xattrs would begin, which stands for the inode. */
  private static final int ROOT_INODE = TinyImage.META * 512 + CompactInode.SIZE;

  private static final long SEED = 20_260_101;
  private static final int ROUNDS = 60;

  private final List<Fault> faults = new ArrayList<>();

  private CheckSummary check(ByteSource primary, ByteSource... devices) throws IOException {
    return ImageCheck.check(primary, List.of(devices), TreeSink.NONE, faults::add, bytes -> {});
  }

  @ParameterizedTest
  @MethodSource("io.lazerofs.erofs.Fixture#all")
  void imagesOfMkfsAreClean(Fixture fixture) throws IOException {
    List<ByteSource> devices = new ArrayList<>();
    for (byte[] device : fixture.deviceBytes()) {
      devices.add(new ArraySource(device, true));
    }
    CheckSummary summary =
        check(new ArraySource(fixture.imageBytes(), true), devices.toArray(ByteSource[]::new));
    assertThat(faults).isEmpty();
    assertThat(summary.clean()).isTrue();
    assertThat(summary.inodes()).isPositive();
  }

  @Test
  void aWrongChecksumIsAFaultAndTheRestIsCheckedStill() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.compatible = CompatibleFeatures.CHECKSUM;
    ByteSource source = tiny.source();
    tiny.put(Superblock.OFFSET + 64, 'n').directory(ROOT, ".", 0, "..", 7);
    check(source);
    assertFaults(
        "superblock@1024 superblock checksum", "/@%d nid of \"..\"".formatted(ROOT_AT + 12));
  }

  @Test
  void whatIsNoImageIsOneFault() throws IOException {
    CheckSummary summary = check(new ArraySource(new byte[4096], true));
    assertFaults("superblock@1024 magic number");
    assertThat(summary).isEqualTo(new CheckSummary(0, 0, 1));
  }

  @Test
  void everyBadEntryIsReportedAndTheGoodOnesAreRead() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(4, compact(DataLayout.FLAT_PLAIN, FILE, 0, 0));
    tiny.inode(5, compact(DataLayout.FLAT_PLAIN, FILE, 2048, 14));
    tiny.directory(ROOT, ".", 4, "..", 0, "a", 4, "b", 999, "c", 0, "e", 0, "d", 5, "d", 5);
    CheckSummary summary = check(tiny.source());
    assertFaults(
        "/@%d nid of \".\"".formatted(ROOT_AT),
        "/a@%d dirent's file type".formatted(ROOT_AT + 24),
        "/b@%d inode".formatted(tiny.offset(999)),
        "/c@%d directory".formatted(ROOT_AT + 48),
        "/e@%d directory".formatted(ROOT_AT + 60),
        "/d@%d order of names".formatted(ROOT_AT + 72),
        "/d@%d dirent's file type".formatted(ROOT_AT + 72),
        "/d@%d file content".formatted(14 * 512),
        "/@%d name".formatted(ROOT_AT + 84));
    assertThat(summary.inodes()).isEqualTo(3);
    assertThat(faults.get(1).expected()).isEqualTo("1, REGULAR");
    assertThat(faults.get(1).actual()).isEqualTo("2");
  }

  @Test
  void namesThatCannotBeOnesAreReported() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.directory(ROOT, ".", 0, "..", 0, "a/b", 0, "", 0, "c\0d", 0, "x".repeat(256), 0);
    check(tiny.source());
    assertFaults(
        "/@%d character of a name".formatted(ROOT_AT + 6 * 12 + 3 + 1),
        "/@%d dirent's name offset".formatted(ROOT_AT + 36),
        "/@%d character of a name".formatted(ROOT_AT + 6 * 12 + 6 + 1),
        "/@%d length of a name".formatted(ROOT_AT + 6 * 12 + 9));
  }

  @Test
  void aDirectoryBlockThatCannotBeReadHidesNoOther() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(0, compact(DataLayout.FLAT_PLAIN, DIRECTORY, 3 * 512, ROOT));
    tiny.directory(ROOT + 1, "x", 0).directory(ROOT + 2, "y", 4);
    tiny.inode(4, compact(DataLayout.FLAT_PLAIN, FILE, 0, 0));
    LittleEndian.putU16(tiny.memory, ROOT_AT + 512 + 8, 5);
    CheckSummary summary = check(tiny.source());
    assertFaults(
        "/@%d first dirent's name offset".formatted(ROOT_AT + 512),
        "/y@%d dirent's file type".formatted(ROOT_AT + 1024));
    assertThat(summary.inodes()).isEqualTo(2);
  }

  @Test
  void dotsMustBeThere() throws IOException {
    check(new TinyImage(16).directory(ROOT, "-", 0).source());
    assertFaults(
        "/-@%d directory".formatted(ROOT_AT),
        "/@%d \".\"".formatted(ROOT_INODE),
        "/@%d \"..\"".formatted(ROOT_INODE));
  }

  @Test
  void countsMustBeThoseOfWhatIsThere() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inodes = 7;
    tiny.inode(0, new CompactInode(0, 0, DIRECTORY, 9, 512, 0, ROOT, 0, 0, 0));
    tiny.inode(4, new CompactInode(0, 0, FILE, 3, 0, 0, 0, 0, 0, 0));
    tiny.directory(ROOT, ".", 0, "..", 0, "a", 4, "b", 4);
    tiny.put(ROOT_AT + 24 + 10, 1).put(ROOT_AT + 36 + 10, 1);
    check(tiny.source());
    assertFaults(
        "/@%d link count".formatted(ROOT_INODE),
        "nid 4@%d link count".formatted(tiny.offset(5)),
        "superblock@1024 inode count");
    assertThat(faults.get(1).expected()).startsWith("2");
    assertThat(faults.get(1).actual()).isEqualTo("3");
    assertThat(faults.get(2).expected()).isEqualTo("2");
  }

  @Test
  void eachBadExtentOfAFileIsReported() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(4, compact(DataLayout.CHUNK_BASED, FILE, 4 * 512, 0));
    int map = tiny.offset(5);
    LittleEndian.putI32(tiny.memory, map, 10);
    LittleEndian.putI32(tiny.memory, map + 4, 900);
    LittleEndian.putI32(tiny.memory, map + 8, 10);
    LittleEndian.putI32(tiny.memory, map + 12, 700);
    tiny.directory(ROOT, ".", 0, "..", 0, "a", 4).put(ROOT_AT + 24 + 10, 1);
    tiny.inodes = 2;
    CheckSummary summary = check(tiny.source());
    assertFaults("/a@%d chunk".formatted(900 * 512), "/a@%d chunk".formatted(700 * 512));
    assertThat(summary.contentBytes()).isEqualTo(2 * 512);
  }

  @Test
  void aFaultOfAWholeFileIsReportedOnceHoweverLongItIs() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(4, extended(DataLayout.FLAT_PLAIN, FILE, 0, Long.MAX_VALUE, 10));
    tiny.inode(6, extended(DataLayout.FLAT_PLAIN, FILE, 0, Long.MAX_VALUE, -1));
    tiny.directory(ROOT, ".", 0, "..", 0, "a", 4, "b", 6);
    tiny.put(ROOT_AT + 24 + 10, 1).put(ROOT_AT + 36 + 10, 1);
    tiny.inodes = 3;
    check(tiny.source());
    assertFaults("/a@%d file content".formatted(10 * 512));
  }

  @Test
  void aDirectoryWithoutEndIsOneFault() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(4, extended(DataLayout.FLAT_PLAIN, DIRECTORY, 0, Long.MAX_VALUE, -1));
    tiny.inode(6, extended(DataLayout.FLAT_PLAIN, DIRECTORY, 0, Long.MAX_VALUE, ROOT));
    tiny.directory(ROOT, ".", 0, "..", 0, "a", 4, "b", 6);
    check(tiny.source());
    assertFaults(
        "/a@%d directory content".formatted(tiny.offset(6)),
        "/b@%d file content".formatted(ROOT_AT));
  }

  @Test
  void xattrsAreCheckedOneByOne() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.compatible = CompatibleFeatures.XATTR_FILTER;
    tiny.inodes = 2;
    int size = XattrHeader.SIZE + 2 * 8;
    tiny.inode(4, new CompactInode(0, XattrHeader.count(size), FILE, 1, 0, 0, 0, 0, 0, 0));
    int body = tiny.offset(5);
    new XattrHeader(-1, 0).encode(tiny.memory, body);
    for (int at = body + XattrHeader.SIZE; at < body + size; at += 8) {
      new XattrEntry(2, 1, 2).encode(tiny.memory, at);
      tiny.put(at + XattrEntry.SIZE, 'a', 'b', '1', '2');
    }
    tiny.directory(ROOT, ".", 0, "..", 0, "a", 4).put(ROOT_AT + 24 + 10, 1);
    check(tiny.source());
    assertFaults(
        "/a@%d xattr name filter".formatted(body),
        "/a@%d xattr name filter".formatted(body),
        "/a@%d xattr name".formatted(body));
    assertThat(faults.getFirst().expected()).contains("user.ab");
  }

  @Test
  void symbolicLinksMustLeadSomewhere() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inodes = 3;
    tiny.inode(4, compact(DataLayout.FLAT_PLAIN, 0120777, 0, 10));
    tiny.inode(5, compact(DataLayout.FLAT_PLAIN, 0120777, 3, 10)).put(10 * 512, 'a', 0, 'b');
    tiny.directory(ROOT, ".", 0, "..", 0, "a", 4, "b", 5);
    tiny.put(ROOT_AT + 24 + 10, 7).put(ROOT_AT + 36 + 10, 7);
    check(tiny.source());
    assertFaults(
        "/a@%d symbolic link's target".formatted(tiny.offset(5)),
        "/b@%d symbolic link's target".formatted(tiny.offset(6)));
  }

  @Test
  void aTreeMayBeDeeperThanAnyStack() throws IOException {
    int depth = 20_000;
    TinyImage tiny = new TinyImage(TinyImage.ROOT_BLOCK + 2 * depth + 16);
    int first = TinyImage.ROOT_BLOCK + 1;
    for (int i = 0; i < depth; i++) {
      int block = first + 2 * i;
      long nid = nid(block);
      tiny.inode(nid, compact(DataLayout.FLAT_PLAIN, DIRECTORY, 512, block + 1));
      long parent = i == 0 ? 0 : nid(block - 2);
      if (i < depth - 1) {
        tiny.directory(block + 1, ".", (int) nid, "..", (int) parent, "d", (int) nid(block + 2));
      } else {
        tiny.directory(block + 1, ".", (int) nid, "..", (int) parent);
      }
    }
    tiny.directory(ROOT, ".", 0, "..", 0, "d", (int) nid(first));
    tiny.inodes = depth + 1;
    CheckSummary summary = check(tiny.source());
    assertFaults();
    assertThat(summary.inodes()).isEqualTo(depth + 1);
  }

  private static long nid(int block) {
    return (block - TinyImage.META) * 16L;
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "block-512", "chunk-4k", "xattr-prefix", "48bit"})
  void damagedImagesAreCheckedToTheirEnd(String name) throws IOException {
    byte[] original = Fixture.named(name).imageBytes();
    byte[] bytes = original.clone();
    Random random = new Random(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      int at = 1024 + random.nextInt(32 * 1024);
      bytes[at] = (byte) random.nextInt();
      int cut = random.nextInt(8) == 0 ? random.nextInt(bytes.length) : bytes.length;
      assertThatCode(() -> check(new ArraySource(bytes, true).first(cut)))
          .as("seed %d, round %d", SEED, round)
          .doesNotThrowAnyException();
      bytes[at] = original[at];
    }
    assertThat(faults).isNotEmpty();
  }

  /** Requires the faults that were found, each as {@code where@offset what}. */
  private void assertFaults(String... expected) {
    assertThat(faults)
        .extracting(fault -> "%s@%d %s".formatted(fault.where(), fault.offset(), fault.what()))
        .containsExactly(expected);
  }
}
