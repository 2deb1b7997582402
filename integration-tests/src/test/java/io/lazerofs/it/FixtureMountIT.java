package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.MountedFileSystem;
import io.lazerofs.it.tree.Differences;
import io.lazerofs.it.tree.FileFacts;
import io.lazerofs.it.tree.MountedTree;
import io.lazerofs.layers.ImageFileSystem;
import io.lazerofs.snapshotter.standalone.FuseKind;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.MappedSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every conformance image reads back through our FUSE mounts as the tree that it was made from. */
@ParameterizedClass
@EnumSource(FuseKind.class)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FixtureMountIT {

  @Parameter private FuseKind fuse = FuseKind.RAW;
  @TempDir Path directory;

  @ParameterizedTest
  @MethodSource("io.lazerofs.it.ListedFixture#all")
  void everyPathIsAsListed(ListedFixture fixture) throws Exception {
    Path mountPoint = Files.createDirectory(directory.resolve("mount"));
    List<ByteSource> devices = new ArrayList<>();
    try (MappedSource primary =
        MappedSource.open(Images.unpackFile(fixture.image() + ".gz", directory))) {
      for (String device : fixture.devices()) {
        devices.add(MappedSource.open(Images.unpackFile(device + ".gz", directory)));
      }
      ErofsImage image = ErofsImage.open(primary, devices);
      SortedMap<String, FileFacts> facts = mounted(image, mountPoint);
      facts.replaceAll((path, file) -> file.withoutFirst().withoutData());
      assertThat(Differences.between(fixture.facts(), facts)).isEmpty();
    } finally {
      for (ByteSource device : devices) {
        device.close();
      }
    }
  }

  private SortedMap<String, FileFacts> mounted(ErofsImage image, Path mountPoint) throws Exception {
    MountedFileSystem server =
        fuse.mount(
            mountPoint,
            ImageFileSystem.of(image, DirectIoSettings.DEFAULT),
            FuseOptions.defaults(),
            Executors.newVirtualThreadPerTaskExecutor());
    try {
      return MountedTree.list(mountPoint.toString());
    } finally {
      server.close();
      server.awaitEnd();
    }
  }
}
