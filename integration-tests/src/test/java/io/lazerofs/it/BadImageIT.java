package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.stage.Finished;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Local images and tar streams that are not what they should be. */
final class BadImageIT {
  // Of struct erofs_super_block (fs/erofs/erofs_fs.h), from the start of the image.
  private static final int FEATURE_COMPAT = 1024 + 8;
  private static final int FEATURE_INCOMPAT = 1024 + 80;
  private static final int SB_CHKSUM = 1;
  private static final int UNKNOWN_FEATURE = 0x4000_0000;

  @RegisterExtension static final Stage stage = new Stage();

  private static byte[] goodImage;

  private Path dir;

  @BeforeAll
  static void makeAGoodImage() throws IOException, InterruptedException {
    var tar = Files.write(stage.dir().resolve("good.tar"), OciImages.busybox());
    var image = stage.dir().resolve("good.erofs");
    stage.lazerofs("mkfs", image.toString(), tar.toString()).ok();
    goodImage = Files.readAllBytes(image);
  }

  @BeforeEach
  void makeADirectory(TestInfo test) throws IOException {
    dir = Files.createDirectory(stage.dir().resolve(test.getTestMethod().orElseThrow().getName()));
  }

  @Test
  void aGoodImageMountsAndUnmounts() throws IOException, InterruptedException {
    var point = Files.createDirectory(dir.resolve("point"));
    mount(goodImage, point).ok();
    assertThat(point.resolve("bin/busybox")).hasSameBinaryContentAs(Path.of("/bin/busybox"));
    stage.lazerofs("umount", "--root", root(), point.toString()).ok();
    assertThat(point).isEmptyDirectory();
  }

  @Test
  void aTruncatedImageIsRefused() throws IOException, InterruptedException {
    refused(Arrays.copyOf(goodImage, 3000));
    refused(Arrays.copyOf(goodImage, 700));
    refused(new byte[0]);
  }

  @Test
  void anImageWhoseLastBlocksAreMissingIsRefused() throws IOException, InterruptedException {
    refused(Arrays.copyOf(goodImage, goodImage.length - 4096));
  }

  @Test
  void aRandomImageIsRefused() throws IOException, InterruptedException {
    var random = new byte[1 << 20];
    new Random(11).nextBytes(random);
    refused(random);
  }

  @Test
  void anImageWithADamagedSuperblockIsRefused() throws IOException, InterruptedException {
    var damaged = goodImage.clone();
    damaged[1024 + 60] ^= 1;
    refused(damaged);
  }

  @Test
  void anUnknownIncompatibleFeatureIsNamed() throws IOException, InterruptedException {
    var image = goodImage.clone();
    var fields = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    fields.putInt(FEATURE_COMPAT, fields.getInt(FEATURE_COMPAT) & ~SB_CHKSUM);
    fields.putInt(FEATURE_INCOMPAT, fields.getInt(FEATURE_INCOMPAT) | UNKNOWN_FEATURE);
    assertThat(refused(image)).contains("0x40000000");
  }

  @Test
  void aMissingImageOrMountPointIsNamed() throws IOException, InterruptedException {
    var nowhere = dir.resolve("nowhere");
    assertThat(mount(goodImage, nowhere).failedWith(1)).contains(nowhere.toString());
    assertThat(nowhere).doesNotExist();
    var point = Files.createDirectory(dir.resolve("point"));
    var missing = dir.resolve("missing.erofs");
    assertThat(
            stage
                .lazerofs("mount", "--root", root(), missing.toString(), point.toString())
                .failedWith(1))
        .contains(missing.toString());
  }

  @Test
  void unmountingWhatIsNotMountedFails() throws IOException, InterruptedException {
    assertThat(stage.lazerofs("umount", "--root", root(), dir.toString()).failedWith(1))
        .contains(dir.toString());
  }

  @Test
  void aTarThatEndsEarlyMakesNoImage() throws IOException, InterruptedException {
    var tar = OciImages.busybox();
    noImageFrom(Arrays.copyOf(tar, tar.length / 2));
    noImageFrom(Arrays.copyOf(tar, 700));
  }

  @Test
  void aTarOfRandomBytesMakesNoImage() throws IOException, InterruptedException {
    var random = new byte[1 << 16];
    new Random(13).nextBytes(random);
    noImageFrom(random);
  }

  @Test
  void aPathThatEscapesItsRootMakesNoImage() throws IOException, InterruptedException {
    assertThat(noImageFrom(new TarLayer().file("a/../../escaped", "x").tar())).contains("escaped");
    assertThat(noImageFrom(new TarLayer().file("../escaped", "x").tar())).contains("escaped");
  }

  @Test
  void wrongUsageHasItsOwnStatus() throws IOException, InterruptedException {
    stage.lazerofs("mount").failedWith(2);
    stage.lazerofs("mkfs", "--no-such-option").failedWith(2);
    stage.lazerofs("no-such-command").failedWith(2);
  }

  private String refused(byte[] image) throws IOException, InterruptedException {
    var point = Files.createTempDirectory(dir, "point");
    var line = mount(image, point).failedWith(1);
    assertThat(point).isEmptyDirectory();
    return line;
  }

  private Finished mount(byte[] image, Path point) throws IOException, InterruptedException {
    var file = Files.write(dir.resolve("image.erofs"), image);
    return stage.lazerofs("mount", "--root", root(), file.toString(), point.toString());
  }

  private String root() {
    return dir.resolve("root").toString();
  }

  private String noImageFrom(byte[] tar) throws IOException, InterruptedException {
    var work = Files.createTempDirectory(dir, "mkfs");
    var file = Files.write(work.resolve("bad.tar"), tar);
    var line =
        stage.lazerofs("mkfs", work.resolve("out.erofs").toString(), file.toString()).failedWith(1);
    assertThat(work).isDirectoryNotContaining(other -> !other.equals(file));
    return line;
  }
}
