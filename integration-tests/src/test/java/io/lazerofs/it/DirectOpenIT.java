package io.lazerofs.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.DirectIoSettings.Alignment;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.dio.DirectIoSettings.Compressed;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.layers.Layer;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.layers.LayersFileSystem;
import io.lazerofs.source.MappedSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Opens with O_DIRECT, and what files say of direct I/O, beside the kernel's mount of an image. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DirectOpenIT {
  private static final String ATTRIBUTE = "user.lazerofs.dio";
  private static final int DIRECT = NativeFile.O_RDONLY | NativeFile.O_DIRECT;
  private static final DirectIoSettings REJECT =
      new DirectIoSettings(Alignment.PER_MAPPING, Compressed.REJECT, Backing.PAGE_CACHE);

  @TempDir Path temporary;
  private final ExecutorService waiters = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Path> mounts = new ArrayList<>();
  private Path kernel = Path.of("");
  private Path ours = Path.of("");

  // Set by each test, which mounts first.
  @SuppressWarnings("NullAway.Init")
  private MappedSource source;

  @SuppressWarnings("NullAway.Init")
  private FuseServer server;

  private void mount(String fixture, DirectIoSettings settings) throws Exception {
    Path image = Images.unpack(fixture, temporary);
    kernel = Files.createDirectory(temporary.resolve("kernel"));
    source = MappedSource.open(image);
    LayerTable table = new LayerTable(InstantSource.system(), settings);
    table.add(new Layer(1, 1, "layer", ErofsImage.open(source, List.of())));
    Path dir = Files.createDirectory(temporary.resolve("fs"));
    ours = dir.resolve("layer");
    server = FuseServer.mount(dir, new LayersFileSystem(table), FuseOptions.defaults(), waiters);
    Command.run(
        temporary, "mount", "-t", "erofs", "-o", "loop,ro", image.toString(), kernel.toString());
    mounts.add(kernel);
  }

  @AfterEach
  void unmountAndLeaveNothing() throws Exception {
    for (Path mount : mounts.reversed()) {
      Command.run(temporary, "umount", mount.toString());
    }
    server.close();
    server.awaitEnd();
    source.close();
    waiters.close();
    assertThat(MountTable.below(temporary)).isEmpty();
  }

  private List<Path> regularFiles() throws IOException {
    try (Stream<Path> paths = Files.walk(kernel)) {
      return paths
          .filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
          .map(kernel::relativize)
          .toList();
    }
  }

  private static int open(Path path, int flags) {
    try (NativeFile file = NativeFile.open(path, flags)) {
      return Math.min(0, file.result());
    }
  }

  private static Map<String, String> attribute(Path path) {
    NativeFile.Answer answer = NativeFile.xattr(path, ATTRIBUTE, 1000);
    assertThat(answer.result()).as("%s", path).isPositive();
    return Arrays.stream(new String(answer.bytes(), US_ASCII).split(" "))
        .map(word -> word.split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
  }

  @Test
  void S1_1_rejectedOpensAreThoseThatTheKernelRejects() throws Exception {
    mount("lz4", REJECT);
    int rejected = 0;
    for (Path path : regularFiles()) {
      int expected = open(kernel.resolve(path), DIRECT);
      assertThat(open(ours.resolve(path), DIRECT)).as("%s", path).isEqualTo(expected);
      assertThat(open(ours.resolve(path), NativeFile.O_RDONLY)).as("%s", path).isZero();
      assertThat(Files.mismatch(ours.resolve(path), kernel.resolve(path))).isEqualTo(-1);
      assertThat(attribute(ours.resolve(path)))
          .containsEntry("offset_align", expected == 0 ? offsetAlign(path) : "0")
          .containsEntry("read", expected == 0 ? "direct" : "refused");
      rejected += expected == 0 ? 0 : 1;
    }
    assertThat(rejected).isBetween(1, regularFiles().size() - 1);
  }

  @Test
  void filesThatBecomeDirectAfterTheOpenAreRefusedWhenTheyAreRead() throws Exception {
    mount("lz4", REJECT);
    for (Path path : regularFiles()) {
      boolean compressed = open(kernel.resolve(path), DIRECT) != 0;
      boolean empty = Files.size(kernel.resolve(path)) == 0;
      try (NativeFile file = NativeFile.open(ours.resolve(path), NativeFile.O_RDONLY)) {
        // The kernel asks no server about this; of its own EROFS it refuses it.
        assertThat(file.setFlags(NativeFile.O_DIRECT)).as("%s", path).isZero();
        long result = file.read(0, 4096, 0, new byte[4096]);
        assertThat(result == -NativeFile.EINVAL).as("%s", path).isEqualTo(compressed && !empty);
      }
    }
  }

  /** Returns what a file that is not compressed says: whether the kernel reads a byte of it. */
  private String offsetAlign(Path path) {
    try (NativeFile file = NativeFile.open(kernel.resolve(path), DIRECT)) {
      return file.read(0, 1, 0, new byte[1]) == -NativeFile.EINVAL ? "512" : "1";
    }
  }

  @Test
  void anAttributeOfRegularFilesTellsAndIsNotListed() throws Exception {
    mount("lz4", DirectIoSettings.DEFAULT);
    for (Path path : regularFiles()) {
      boolean compressed = open(kernel.resolve(path), DIRECT) != 0;
      assertThat(attribute(ours.resolve(path)))
          .containsEntry("offset_align", compressed ? "1" : offsetAlign(path))
          .containsEntry("mem_align", "1")
          .containsEntry("read", compressed ? "decode" : "direct")
          .containsEntry("backing", "page-cache")
          .containsEntry("nowait", "no");
      assertThat(NativeFile.xattrNames(ours.resolve(path), 1 << 16).bytes())
          .asString()
          .doesNotContain(ATTRIBUTE);
    }
    assertThat(NativeFile.xattr(ours, ATTRIBUTE, 1000).result()).isEqualTo(-NativeFile.ENODATA);
  }

  @Test
  void strictAlignmentIsTold() throws Exception {
    mount("plain", new DirectIoSettings(Alignment.STRICT, Compressed.DECODE, Backing.DEVICE));
    for (Path path : regularFiles()) {
      assertThat(attribute(ours.resolve(path)))
          .containsEntry("offset_align", "4096")
          .containsEntry("backing", "device");
    }
  }

  @Test
  void overlayfsPassesTheAttributeAndTheOpensOn() throws Exception {
    mount("lz4", REJECT);
    Path merged = Files.createDirectory(temporary.resolve("merged"));
    Path empty = Files.createDirectory(temporary.resolve("empty"));
    Command.run(
        temporary,
        "mount",
        "-t",
        "overlay",
        "-o",
        "lowerdir=" + empty + ":" + ours,
        "overlay",
        merged.toString());
    mounts.add(merged);
    for (Path path : regularFiles()) {
      assertThat(attribute(merged.resolve(path))).isEqualTo(attribute(ours.resolve(path)));
      assertThat(open(merged.resolve(path), DIRECT))
          .as("%s", path)
          .isEqualTo(open(kernel.resolve(path), DIRECT));
    }
  }
}
