package io.lazerofs.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.MountException;
import io.lazerofs.fuse.MountedFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every server of a FUSE mount does with a file system, here one in memory on a real mount.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class ServerContract<S extends MountedFileSystem> {
  @TempDir Path temporary;
  final MemoryFileSystem files = new MemoryFileSystem();
  final ExecutorService users = Executors.newCachedThreadPool();

  final Path dir() {
    return temporary.resolve("a mount");
  }

  private final List<GatedSource> gates = new ArrayList<>();

  // Set before each test.
  @SuppressWarnings("NullAway.Init")
  S server;

  /** Mounts {@link #files}. */
  abstract S mount(Path mountPoint, FuseOptions options) throws IOException;

  /** Requires that the server, whose session is over, holds nothing. */
  abstract void assertNothingHeld() throws Exception;

  @BeforeEach
  final void mountAtADirectory() throws IOException {
    server =
        mount(
            Files.createDirectory(dir()), FuseOptions.defaults().withSourceName("it,with\\marks"));
  }

  @AfterEach
  final void unmountAndLeaveNothing() throws Exception {
    gates.forEach(GatedSource::close);
    users.shutdown();
    assertThat(users.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    server.close();
    server.awaitEnd();
    assertNothingHeld();
    assertThat(MountTable.below(temporary)).isEmpty();
  }

  final GatedSource gated(byte[] bytes) {
    GatedSource source = new GatedSource(bytes);
    gates.add(source);
    return source;
  }

  static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void showsContentAttributesAndLinks() throws IOException {
    byte[] content = random(3_000_001, 1);
    var sub = files.directory(files.root(), "sub");
    var node = files.file(sub, "file", new ArraySource(content));
    files.link(sub, "link", "file");

    assertThat(Files.readAllBytes(dir().resolve("sub/file"))).isEqualTo(content);
    assertThat(Files.readAllBytes(dir().resolve("sub/link"))).isEqualTo(content);
    assertThat(Files.readSymbolicLink(dir().resolve("sub/link"))).isEqualTo(Path.of("file"));
    var attributes = Files.readAttributes(dir().resolve("sub/file"), "unix:*");
    assertThat(attributes)
        .containsEntry("ino", node.id)
        .containsEntry("mode", 0100644)
        .containsEntry("uid", 7)
        .containsEntry("gid", 8)
        .containsEntry("size", (long) content.length);
    assertThat(Files.getLastModifiedTime(dir().resolve("sub/file")).toInstant())
        .isEqualTo("2023-11-14T22:13:20.123456789Z");
  }

  @Test
  void S1_3_opensForWritingAreRefused() {
    files.file(files.root(), "file", new ArraySource(new byte[1]));
    files.judgesOpens = true;
    for (int flags :
        new int[] {
          NativeFile.O_WRONLY, NativeFile.O_RDWR, NativeFile.O_RDWR | NativeFile.O_DIRECT
        }) {
      try (NativeFile file = NativeFile.open(dir().resolve("file"), flags)) {
        assertThat(file.result()).isEqualTo(-NativeFile.EROFS);
      }
    }
    assertThat(files.opens).hasValue(0);
  }

  @Test
  void opensAreNotAskedForUnlessTheyAreJudged() throws IOException {
    files.file(files.root(), "file", new ArraySource(new byte[1]));
    for (int i = 0; i < 3; i++) {
      assertThat(Files.readAllBytes(dir().resolve("file"))).hasSize(1);
    }
    assertThat(files.opens).hasValue(0);
  }

  @Test
  void judgedOpensAreRefusedOrKeepTheirPages() throws IOException {
    byte[] content = random(100_000, 9);
    files.file(files.root(), "file", new ArraySource(content));
    files.judgesOpens = true;
    for (int i = 1; i <= 3; i++) {
      assertThat(Files.readAllBytes(dir().resolve("file"))).isEqualTo(content);
      assertThat(files.opens).hasValue(2 * i - 1);
      try (NativeFile file =
          NativeFile.open(dir().resolve("file"), NativeFile.O_RDONLY | NativeFile.O_DIRECT)) {
        assertThat(file.result()).isEqualTo(-NativeFile.EINVAL);
      }
    }
    assertThat(files.reads).hasValue(1);
  }

  @Test
  void keepsPagesAndMissingNamesOverOpens() throws IOException {
    byte[] content = random(100_000, 2);
    files.file(files.root(), "file", new ArraySource(content));
    assertThat(Files.readAllBytes(dir().resolve("file"))).isEqualTo(content);
    assertThat(dir().resolve("missing")).doesNotExist();
    int reads = files.reads.get();
    int lookups = files.lookups.get();

    // In this order: libfuse looks a path up again when it opens it.
    assertThat(dir().resolve("missing")).doesNotExist();
    assertThat(files.lookups).hasValue(lookups);
    assertThat(Files.readAllBytes(dir().resolve("file"))).isEqualTo(content);
    assertThat(files.reads).hasValue(reads);
  }

  @Test
  void failedFillIsAnErrorAndTheNextReadTriesAgain() throws Exception {
    byte[] content = random(4096, 5);
    GatedSource absent = gated(content);
    absent.failures.set(1);
    absent.gate.countDown();
    files.file(files.root(), "absent", absent);
    byte[] got = new byte[4096];
    try (NativeFile file =
        NativeFile.open(dir().resolve("absent"), NativeFile.O_RDONLY | NativeFile.O_DIRECT)) {
      assertThat(file.read(0, 4096, 0, got)).isEqualTo(-NativeFile.EIO);
      assertThat(file.read(0, 4096, 0, got)).isEqualTo(4096);
    }
    assertThat(got).isEqualTo(content);
  }

  @Test
  void interruptedReaderGetsItsBytesStill() throws Exception {
    byte[] content = random(4096, 6);
    GatedSource absent = gated(content);
    files.file(files.root(), "absent", absent);
    Process reader =
        new ProcessBuilder("cat", dir().resolve("absent").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    await().until(() -> absent.waiting.get() > 0);
    assertThat(new ProcessBuilder("kill", "-STOP", "" + reader.pid()).start().waitFor()).isZero();
    assertThat(new ProcessBuilder("kill", "-CONT", "" + reader.pid()).start().waitFor()).isZero();
    absent.gate.countDown();
    assertThat(reader.getInputStream().readAllBytes()).isEqualTo(content);
    assertThat(reader.waitFor()).isZero();
  }

  @Test
  void answersXattrs() {
    var node = files.file(files.root(), "file", new ArraySource(new byte[0]));
    node.xattrs.put("user.one", "first".getBytes(UTF_8));
    node.xattrs.put("trusted.some-digest", random(20, 7));
    Path path = dir().resolve("file");

    assertThat(NativeFile.xattr(path, "user.one", 0).result()).isEqualTo(5);
    assertThat(NativeFile.xattr(path, "user.one", 100).bytes()).asString().isEqualTo("first");
    assertThat(NativeFile.xattr(path, "user.one", 4).result()).isEqualTo(-NativeFile.ERANGE);
    assertThat(NativeFile.xattr(path, "user.two", 100).result()).isEqualTo(-NativeFile.ENODATA);
    assertThat(NativeFile.xattr(path, "trusted.some-digest", 20).bytes()).isEqualTo(random(20, 7));
    assertThat(NativeFile.xattrNames(path, 0).result()).isEqualTo(29);
    assertThat(NativeFile.xattrNames(path, 28).result()).isEqualTo(-NativeFile.ERANGE);
    assertThat(NativeFile.xattrNames(path, 100).bytes())
        .asString()
        .isEqualTo("user.one\0trusted.some-digest\0");
  }

  @Test
  void tellsTheSizeOfTheFileSystem() throws IOException {
    var store = Files.getFileStore(dir());
    assertThat(store.getBlockSize()).isEqualTo(4096);
    assertThat(store.getTotalSpace()).isEqualTo(12_345L * 4096);
    assertThat(store.getUsableSpace()).isZero();
  }

  @Test
  void manyReadersEachGetTheirBytes() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    byte[] content = random(4_000_123, seed);
    files.file(files.root(), "file", new ArraySource(content));
    List<Future<?>> readers = new ArrayList<>();
    for (int reader = 0; reader < 8; reader++) {
      Random random = new Random(seed + reader);
      boolean direct = reader % 2 == 0;
      readers.add(users.submit(() -> readRandomly(content, direct, random)));
    }
    for (Future<?> reader : readers) {
      reader.get();
    }
  }

  private void readRandomly(byte[] content, boolean direct, Random random) {
    int flags = NativeFile.O_RDONLY | (direct ? NativeFile.O_DIRECT : 0);
    byte[] got = new byte[300_000];
    try (NativeFile file = NativeFile.open(dir().resolve("file"), flags)) {
      for (int i = 0; i < 300; i++) {
        int offset = random.nextInt(content.length);
        int length = random.nextInt(got.length);
        int expected = Math.min(length, content.length - offset);
        assertThat(file.read(offset, length, 0, got)).isEqualTo(expected);
        assertThat(Arrays.mismatch(got, 0, expected, content, offset, offset + expected))
            .isEqualTo(-1);
      }
    }
  }

  @Test
  void brokenFileSystemIsAnErrorAndTheMountLivesOn() throws IOException {
    files.file(files.root(), "broken", new FailingSource(new byte[10], 0));
    files.file(files.root(), "whole", new ArraySource(new byte[10]));
    assertThatThrownBy(() -> Files.readAllBytes(dir().resolve("broken")))
        .isInstanceOf(IOException.class);
    assertThat(Files.readAllBytes(dir().resolve("whole"))).hasSize(10);
  }

  static byte[] direct(Path path, long offset, int length) {
    byte[] got = new byte[length];
    try (NativeFile file = NativeFile.open(path, NativeFile.O_RDONLY | NativeFile.O_DIRECT)) {
      assertThat(file.read(offset, length, 0, got)).isEqualTo(length);
      return got;
    }
  }

  @Test
  void readersThatWaitHoldNobodyUp() throws Exception {
    byte[] content = random(30 * 4096, 4);
    GatedSource absent = gated(content);
    files.file(files.root(), "absent", absent);
    files.file(files.root(), "present", new ArraySource(content));
    List<Future<byte[]>> readers = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      long offset = i * 4096L;
      readers.add(users.submit(() -> direct(dir().resolve("absent"), offset, 4096)));
    }
    await().until(() -> absent.waiting.get() == readers.size());

    assertThat(Files.readAllBytes(dir().resolve("present"))).isEqualTo(content);
    assertThat(readers).noneMatch(Future::isDone);

    absent.gate.countDown();
    for (int i = 0; i < readers.size(); i++) {
      byte[] expected = Arrays.copyOfRange(content, i * 4096, (i + 1) * 4096);
      assertThat(readers.get(i).get()).isEqualTo(expected);
    }
  }

  @Test
  void listsManyNames() throws IOException {
    var big = files.directory(files.root(), "big");
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < 5_000; i++) {
      String name = "name-" + i + "x".repeat(i % 240);
      files.file(big, name, new ArraySource(new byte[0]));
      expected.add(name);
    }
    String[] names = dir().resolve("big").toFile().list();
    assertThat(names).hasSameSizeAs(expected);
    assertThat(Set.of(names)).isEqualTo(expected);
  }

  @Test
  void closeDoesNotHangOnAReaderThatWaits() throws Exception {
    byte[] content = random(4096, 8);
    GatedSource absent = gated(content);
    files.file(files.root(), "absent", absent);
    Future<byte[]> reader = users.submit(() -> Files.readAllBytes(dir().resolve("absent")));
    await().until(() -> absent.waiting.get() > 0);

    server.close();
    assertThat(MountTable.below(temporary)).isEmpty();
    absent.gate.countDown();
    assertThat(reader.get()).isEqualTo(content);
    server.awaitEnd();
  }

  @Test
  void anyUnmountEndsTheSessionAndCloseMayFollowTwice() throws Exception {
    Command.run(temporary, "umount", dir().toString());
    server.awaitEnd();
    server.close();
    server.close();
  }

  @Test
  void nothingCanBeChanged() {
    files.file(files.root(), "file", new ArraySource(new byte[1]));
    assertThatThrownBy(() -> Files.createDirectory(dir().resolve("new")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Files.delete(dir().resolve("file"))).isInstanceOf(IOException.class);
  }

  @Test
  void isReadOnlyForAllUsersButHonoursDevicesAndSetUserId() throws IOException {
    assertThat(MountTable.below(temporary))
        .singleElement()
        .asString()
        .contains(" ro,")
        .contains("fuse.lazerofs it,with\\134marks")
        .contains("default_permissions")
        .contains("allow_other")
        .doesNotContain("nosuid")
        .doesNotContain("nodev");
  }

  @Test
  void refusesAMountPointThatIsNoDirectory() throws IOException {
    Path missing = temporary.resolve("missing");
    Path file = Files.createFile(temporary.resolve("file"));
    for (Path bad : List.of(missing, file)) {
      assertThatThrownBy(() -> mount(bad, FuseOptions.defaults()))
          .isInstanceOf(MountException.class)
          .hasMessageContaining(bad.toString());
    }
    assertThat(MountTable.below(temporary)).hasSize(1);
  }
}
