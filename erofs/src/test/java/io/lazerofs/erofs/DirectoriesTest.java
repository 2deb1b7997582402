package io.lazerofs.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.erofs.disk.InodeFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoriesTest {

  @ParameterizedTest
  @ValueSource(strings = {"plain", "block-512", "48bit"})
  void listingGoesOnFromEveryPosition(String name) throws IOException {
    ErofsImage image = Fixture.named(name).open();
    for (Inode inode : Trees.walk(image).values()) {
      if (!inode.isDirectory()) {
        continue;
      }
      List<Trees.Entry> whole = Trees.list(image, inode, 0);
      for (int i = 0; i < whole.size(); i++) {
        assertThat(Trees.list(image, inode, whole.get(i).next()))
            .isEqualTo(whole.subList(i + 1, whole.size()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "block-512", "48bit"})
  void listingEndsWhenTheVisitorSaysSoAndOtherPositionsDoNoHarm(String name) throws IOException {
    ErofsImage image = Fixture.named(name).open();
    Inode root = image.inode(image.rootNid());
    List<Long> seen = new ArrayList<>();
    image.list(root, 0, (entry, nid, type, next) -> seen.add(nid) && seen.size() < 3);
    assertThat(seen).hasSize(3);
    for (long position = 0; position < root.size() + 20; position++) {
      assertThat(Trees.list(image, root, position).size())
          .isLessThanOrEqualTo(Trees.list(image, root, 0).size());
    }
    assertThat(Trees.list(image, root, -1)).isEmpty();
    assertThat(Trees.list(image, root, Long.MAX_VALUE)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "block-512", "48bit"})
  void namesThatAreNotThereAreNotFound(String name) throws IOException {
    ErofsImage image = Fixture.named(name).open();
    for (Inode inode : Trees.walk(image).values()) {
      if (!inode.isDirectory()) {
        continue;
      }
      List<String> names = Trees.list(image, inode, 0).stream().map(Trees.Entry::name).toList();
      List<String> absent = new ArrayList<>(List.of("", "\0", "ÿÿÿÿ", "x".repeat(256)));
      for (String present : names) {
        absent.add(present + "\0");
        absent.add(present + "ÿ");
        absent.add(present.substring(0, present.length() - 1));
      }
      absent.removeAll(names);
      for (String missing : absent) {
        assertThat(image.lookup(inode, ListedFile.bytes(missing))).as(missing).isEmpty();
      }
    }
  }

  @Test
  void dotThatIsNotStoredIsThereAllTheSame() throws IOException {
    TinyImage tiny = new TinyImage(16).directory(TinyImage.ROOT_BLOCK, "..", 0, "a", 0);
    int format = InodeFormat.of(false, DataLayout.FLAT_PLAIN, true);
    tiny.inode(0, new CompactInode(format, 0, 040755, 2, 27, 0, TinyImage.ROOT_BLOCK, 0, 0, 0));
    ErofsImage image = tiny.open();
    Inode root = image.inode(0);
    assertThat(root.links()).isEqualTo(2);
    assertThat(Trees.list(image, root, 0))
        .extracting(Trees.Entry::name)
        .containsExactly("..", "a", ".");
    assertThat(Trees.list(image, root, 27)).extracting(Trees.Entry::name).containsExactly(".");
    assertThat(Trees.list(image, root, 28)).isEmpty();
    assertThat(image.lookup(root, ListedFile.bytes(".")))
        .contains(new DirectoryEntry(0, FileType.DIRECTORY));
  }

  @Test
  void lookupSearchesManyBlocks() throws IOException {
    TinyImage tiny = new TinyImage(48);
    int blocks = 37;
    tiny.inode(0, TinyImage.compact(DataLayout.FLAT_PLAIN, 040755, blocks * 512L, 9));
    for (int i = 0; i < blocks; i++) {
      String letter = "%03d".formatted(i);
      tiny.directory(9 + i, letter + "a", 3 * i, letter + "c", 3 * i + 1, letter + "e", 3 * i + 2);
    }
    ErofsImage image = tiny.open();
    Inode root = image.inode(0);
    for (int i = 0; i < blocks; i++) {
      String letter = "%03d".formatted(i);
      for (int j = 0; j < 3; j++) {
        String name = letter + "ace".charAt(j);
        assertThat(image.lookup(root, ListedFile.bytes(name)).orElseThrow().nid())
            .isEqualTo(3L * i + j);
      }
      for (String missing : List.of("", "b", "d", "f")) {
        assertThat(image.lookup(root, ListedFile.bytes(letter + missing))).isEmpty();
      }
    }
  }
}
