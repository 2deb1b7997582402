package io.lazerofs.erofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.XattrEntry;
import io.lazerofs.erofs.disk.XattrHeader;
import io.lazerofs.erofs.disk.XattrPrefix;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class XattrsTest {
  private static final int NID = 4;

  /** Puts an xattr body of {@code size} bytes behind a file of nid 4 and returns where it is. */
  private static int body(TinyImage tiny, int size, int filter, int sharedCount) {
    tiny.inode(NID, new CompactInode(0, XattrHeader.count(size), 0100644, 1, 0, 0, 0, 0, 0, 0));
    int at = tiny.offset(NID) + CompactInode.SIZE;
    new XattrHeader(filter, sharedCount).encode(tiny.memory, at);
    return at;
  }

  private static void entry(TinyImage tiny, int at, int index, String name, String value) {
    new XattrEntry(name.length(), index, value.length()).encode(tiny.memory, at);
    byte[] text = ListedFile.bytes(name + value);
    MemorySegment.copy(
        text, 0, tiny.memory, ValueLayout.JAVA_BYTE, at + (long) XattrEntry.SIZE, text.length);
  }

  private static Optional<String> get(ErofsImage image, String name) throws IOException {
    return image.xattr(image.inode(NID), ListedFile.bytes(name)).map(ListedFile::text);
  }

  private static List<String> names(ErofsImage image) throws IOException {
    return image.xattrNames(image.inode(NID)).stream().map(ListedFile::text).toList();
  }

  @Test
  void inlineEntriesHaveThePrefixesOfTheFormat() throws IOException {
    TinyImage tiny = new TinyImage(16);
    int at = body(tiny, 12 + 12 + 4 + 12 + 8, 0, 0);
    entry(tiny, at + 12, XattrPrefix.USER.index(), "abc", "12345");
    entry(tiny, at + 24, XattrPrefix.POSIX_ACL_ACCESS.index(), "", "");
    entry(tiny, at + 28, XattrPrefix.SECURITY.index(), "x", "1234567");
    entry(tiny, at + 40, 99, "y", "1");
    ErofsImage image = tiny.open();
    assertThat(names(image)).containsExactly("user.abc", "system.posix_acl_access", "security.x");
    assertThat(get(image, "user.abc")).contains("12345");
    assertThat(get(image, "system.posix_acl_access")).contains("");
    assertThat(get(image, "security.x")).contains("1234567");
    for (String missing :
        List.of("", "user.", "user.ab", "user.abcd", "trusted.abc", "system.other", "abc")) {
      assertThat(get(image, missing)).as(missing).isEmpty();
    }
  }

  @Test
  void sharedEntriesCountFromTheSharedArea() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.xattrBlock = 9;
    int at = body(tiny, 12 + 8 + 8, 0, 2);
    LittleEndian.putI32(tiny.memory, at + 12, 126);
    LittleEndian.putI32(tiny.memory, at + 16, 0);
    entry(tiny, at + 20, XattrPrefix.USER.index(), "in", "i");
    entry(tiny, 9 * 512 + 126 * 4, XattrPrefix.TRUSTED.index(), "crosses a block", "value");
    entry(tiny, 9 * 512, XattrPrefix.USER.index(), "first", "one");
    ErofsImage image = tiny.open();
    assertThat(names(image)).containsExactly("user.in", "trusted.crosses a block", "user.first");
    assertThat(get(image, "trusted.crosses a block")).contains("value");
    assertThat(get(image, "user.first")).contains("one");
    assertThat(get(image, "user.in")).contains("i");
  }

  @Test
  void longPrefixesOfThePackedInodeAreInfixes() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.incompatible =
        IncompatibleFeature.XATTR_PREFIXES.bit() | IncompatibleFeature.FRAGMENTS.bit();
    tiny.packedNid = 20;
    tiny.xattrPrefixCount = 2;
    tiny.xattrPrefixStart = 1;
    tiny.inode(20, TinyImage.compact(DataLayout.FLAT_PLAIN, 0100600, 512, 10));
    tiny.put(10 * 512 + 4, 4, 0, XattrPrefix.TRUSTED.index(), 'o', 'v', '.');
    tiny.put(10 * 512 + 12, 1, 0, XattrPrefix.USER.index());
    int at = body(tiny, 12 + 8 + 8, 0, 0);
    entry(tiny, at + 12, 0x80, "a", "1");
    entry(tiny, at + 20, 0x81, "b", "2");
    ErofsImage image = tiny.open();
    assertThat(names(image)).containsExactly("trusted.ov.a", "user.b");
    assertThat(get(image, "trusted.ov.a")).contains("1");
    assertThat(get(image, "user.b")).contains("2");
    assertThat(get(image, "trusted.ov.")).isEmpty();
    assertThat(get(image, "trusted.a")).isEmpty();
  }

  @Test
  void nameFilterIsTrustedOnlyWhenTheImageHasOne() throws IOException {
    TinyImage tiny = new TinyImage(16);
    int at = body(tiny, 12 + 12, -1, 0);
    entry(tiny, at + 12, XattrPrefix.USER.index(), "abc", "12345");
    assertThat(get(tiny.open(), "user.abc")).contains("12345");
    tiny.compatible = CompatibleFeatures.XATTR_FILTER;
    assertThat(get(tiny.open(), "user.abc")).isEmpty();
    assertThat(names(tiny.open())).containsExactly("user.abc");
  }

  @Test
  void missingXattrCostsNothingOrOneHeader() throws IOException {
    AbsentSource source = new AbsentSource(Fixture.named("plain").imageBytes());
    ErofsImage image = Waiting.on(() -> ErofsImage.open(source, List.of()));
    Inode without = Waiting.on(() -> Trees.find(image, "/big/text"));
    Inode with = Waiting.on(() -> Trees.find(image, "/xattr/cap"));
    assertThat(without.xattrSize()).isZero();
    assertThat(with.xattrSize()).isGreaterThan(XattrHeader.SIZE);
    byte[] name = ListedFile.bytes("user.overlay.metacopy");

    int present = source.presentBytes();
    assertThat(image.xattr(without, name)).isEmpty();
    assertThat(Waiting.on(() -> image.xattr(with, ListedFile.bytes("no.such")))).isEmpty();
    assertThat(source.presentBytes()).isEqualTo(present);
    assertThat(Waiting.on(() -> image.xattr(with, name))).isEmpty();
    assertThat(source.presentBytes()).isEqualTo(present + XattrHeader.SIZE);
  }

  @Test
  void badBodiesAreRefused() throws IOException {
    TinyImage tiny = new TinyImage(16);
    int at = body(tiny, 12 + 8, 0, 3);
    assertThatExceptionOfType(CorruptImageException.class)
        .isThrownBy(() -> names(tiny.open()))
        .withMessageContaining("number of shared xattrs");
    body(tiny, 12 + 8, 0, 0);
    new XattrEntry(1, 1, 4).encode(tiny.memory, at + 12);
    assertThatExceptionOfType(CorruptImageException.class)
        .isThrownBy(() -> get(tiny.open(), "user.a"))
        .withMessageContaining("xattr entry");
    body(tiny, 12 + 8, 0, 0);
    entry(tiny, at + 12, 0x80, "a", "1");
    assertThatExceptionOfType(CorruptImageException.class)
        .isThrownBy(() -> names(tiny.open()))
        .withMessageContaining("long xattr prefix");
    body(tiny, 12 + 4, 0, 1);
    LittleEndian.putI32(tiny.memory, at + 12, -1);
    assertThatExceptionOfType(CorruptImageException.class)
        .isThrownBy(() -> names(tiny.open()))
        .withMessageContaining("shared xattr entry");
    body(tiny, 12, 0, 0);
    assertThatExceptionOfType(UnsupportedFeatureException.class)
        .isThrownBy(() -> names(tiny.open()))
        .withMessageContaining("header only");
  }

  @Test
  void badLongPrefixesAreRefused() {
    TinyImage tiny = new TinyImage(16);
    tiny.incompatible = IncompatibleFeature.XATTR_PREFIXES.bit();
    tiny.compatible = CompatibleFeatures.PLAIN_XATTR_PREFIXES;
    tiny.xattrPrefixCount = 1;
    tiny.xattrPrefixStart = 10 * 512 / 4;
    for (int length : new int[] {0, 257, 65_535}) {
      LittleEndian.putU16(tiny.memory, 10 * 512, length);
      assertThatExceptionOfType(CorruptImageException.class)
          .isThrownBy(tiny::open)
          .withMessageContaining("length of a long xattr prefix");
    }
    tiny.xattrPrefixStart = 0xffff_ffffL;
    assertThatExceptionOfType(CorruptImageException.class).isThrownBy(tiny::open);
  }
}
