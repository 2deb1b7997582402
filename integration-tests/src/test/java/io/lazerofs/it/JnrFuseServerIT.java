package io.lazerofs.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.MountException;
import io.lazerofs.fuse.jnr.JnrFuseServer;
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

/** The server on libfuse on a real mount, with a file system in memory. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JnrFuseServerIT {
  /** The most that libfuse 2 is asked for in one request, bytes. */
  private static final int REQUEST = 128 << 10;

  private static final int DIRECT = NativeFile.O_RDONLY | NativeFile.O_DIRECT;

  @TempDir Path temporary;
  private final MemoryFileSystem files = new MemoryFileSystem();
  private final ExecutorService users = Executors.newCachedThreadPool();
  private final List<GatedSource> gates = new ArrayList<>();
  private Path dir = Path.of("");
  private JnrFuseServer server;

  @BeforeEach
  void mount() throws IOException {
    dir = Files.createDirectory(temporary.resolve("a mount"));
    server =
        JnrFuseServer.mount(dir, files, FuseOptions.defaults().withSourceName("it,with\\marks"));
  }

  @AfterEach
  void unmountAndLeaveNothing() throws Exception {
    gates.forEach(GatedSource::close);
    users.shutdown();
    assertThat(users.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    server.close();
    server.awaitEnd();
    assertThat(MountTable.below(temporary)).isEmpty();
  }

  private GatedSource gated(byte[] bytes) {
    GatedSource source = new GatedSource(bytes);
    gates.add(source);
    return source;
  }

  private static byte[] random(int length, long seed) {
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

    assertThat(Files.readAllBytes(dir.resolve("sub/file"))).isEqualTo(content);
    assertThat(Files.readSymbolicLink(dir.resolve("sub/link"))).isEqualTo(Path.of("file"));
    assertThat(Files.readAttributes(dir.resolve("sub/file"), "unix:*"))
        .containsEntry("ino", node.id)
        .containsEntry("mode", 0100644)
        .containsEntry("uid", 7)
        .containsEntry("gid", 8)
        .containsEntry("size", (long) content.length);
    assertThat(Files.getLastModifiedTime(dir.resolve("sub/file")).toInstant())
        .isEqualTo("2023-11-14T22:13:20.123456789Z");
  }

  @Test
  void mountsOfRootAreReadOnlyForAllUsersWithDevicesAndSetUserId() throws IOException {
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
  void keepsPagesAndMissingNamesOverOpens() throws IOException {
    byte[] content = random(100_000, 2);
    files.file(files.root(), "file", new ArraySource(content));
    assertThat(Files.readAllBytes(dir.resolve("file"))).isEqualTo(content);
    assertThat(dir.resolve("missing")).doesNotExist();
    int reads = files.reads.get();
    int lookups = files.lookups.get();

    assertThat(dir.resolve("missing")).doesNotExist();
    assertThat(files.lookups).hasValue(lookups);
    assertThat(Files.readAllBytes(dir.resolve("file"))).isEqualTo(content);
    assertThat(files.reads).hasValue(reads);
  }

  @Test
  void largeDirectReadsComeInRequestsOf128KiB() throws IOException {
    byte[] content = random(5 << 20, 3);
    files.file(files.root(), "file", new ArraySource(content));
    byte[] got = new byte[content.length];
    try (NativeFile file = NativeFile.open(dir.resolve("file"), DIRECT)) {
      assertThat(file.read(0, content.length, 0, got)).isEqualTo(content.length);
    }
    assertThat(got).isEqualTo(content);
    assertThat(files.reads).hasValue(content.length / REQUEST);
  }

  @Test
  void partsBeforeOneThatFailsAreAShortRead() throws Exception {
    files.file(files.root(), "bad", new FailingSource(new byte[4 << 20], 2 << 20));
    byte[] got = new byte[4 << 20];
    try (NativeFile file = NativeFile.open(dir.resolve("bad"), DIRECT)) {
      assertThat(file.read(0, got.length, 0, got)).isEqualTo(2 << 20);
      assertThat(file.read(2 << 20, 4096, 0, got)).isEqualTo(-NativeFile.EIO);
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
      readers.add(users.submit(() -> direct(dir.resolve("absent"), offset, 4096)));
    }
    await().until(() -> absent.waiting.get() == readers.size());

    assertThat(Files.readAllBytes(dir.resolve("present"))).isEqualTo(content);
    assertThat(readers).noneMatch(Future::isDone);

    absent.gate.countDown();
    for (int i = 0; i < readers.size(); i++) {
      byte[] expected = Arrays.copyOfRange(content, i * 4096, (i + 1) * 4096);
      assertThat(readers.get(i).get()).isEqualTo(expected);
    }
  }

  private static byte[] direct(Path path, long offset, int length) {
    byte[] got = new byte[length];
    try (NativeFile file = NativeFile.open(path, DIRECT)) {
      assertThat(file.read(offset, length, 0, got)).isEqualTo(length);
      return got;
    }
  }

  @Test
  void failedFillIsAnErrorAndTheNextReadTriesAgain() {
    byte[] content = random(4096, 5);
    GatedSource absent = gated(content);
    absent.failures.set(1);
    absent.gate.countDown();
    files.file(files.root(), "absent", absent);
    byte[] got = new byte[4096];
    try (NativeFile file = NativeFile.open(dir.resolve("absent"), DIRECT)) {
      assertThat(file.read(0, 4096, 0, got)).isEqualTo(-NativeFile.EIO);
      assertThat(file.read(0, 4096, 0, got)).isEqualTo(4096);
    }
    assertThat(got).isEqualTo(content);
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
    String[] names = dir.resolve("big").toFile().list();
    assertThat(names).hasSameSizeAs(expected);
    assertThat(Set.of(names)).isEqualTo(expected);
  }

  @Test
  void answersXattrs() {
    var node = files.file(files.root(), "file", new ArraySource(new byte[0]));
    node.xattrs.put("user.one", "first".getBytes(UTF_8));
    node.xattrs.put("trusted.some-digest", random(20, 7));
    Path path = dir.resolve("file");

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
  void brokenFileSystemIsAnErrorAndTheMountLivesOn() throws IOException {
    files.file(files.root(), "broken", new FailingSource(new byte[10], 0));
    files.file(files.root(), "whole", new ArraySource(new byte[10]));
    assertThatThrownBy(() -> Files.readAllBytes(dir.resolve("broken")))
        .isInstanceOf(IOException.class);
    assertThat(Files.readAllBytes(dir.resolve("whole"))).hasSize(10);
  }

  @Test
  void closeDoesNotHangOnAReaderThatWaits() throws Exception {
    byte[] content = random(4096, 8);
    GatedSource absent = gated(content);
    files.file(files.root(), "absent", absent);
    Future<byte[]> reader = users.submit(() -> Files.readAllBytes(dir.resolve("absent")));
    await().until(() -> absent.waiting.get() > 0);

    server.close();
    assertThat(MountTable.below(temporary)).isEmpty();
    absent.gate.countDown();
    assertThat(reader.get()).isEqualTo(content);
    server.awaitEnd();
  }

  @Test
  void anyUnmountEndsTheSessionAndCloseMayFollowTwice() throws Exception {
    Command.run(temporary, "umount", dir.toString());
    server.awaitEnd();
    server.close();
    server.close();
  }

  @Test
  void refusesWhatCannotBeMountedOn() throws IOException {
    Path missing = temporary.resolve("missing");
    Path file = Files.createFile(temporary.resolve("file"));
    Path full = temporary.resolve("full");
    Files.createDirectories(full.resolve("of"));
    for (Path bad : List.of(missing, file, full)) {
      assertThatThrownBy(() -> JnrFuseServer.mount(bad, files, FuseOptions.defaults()))
          .isInstanceOf(MountException.class)
          .hasMessageContaining(bad.toString());
    }
    assertThat(MountTable.below(temporary)).hasSize(1);
  }
}
