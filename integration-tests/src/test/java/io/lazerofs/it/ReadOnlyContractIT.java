package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.fuse.MountedFileSystem;
import io.lazerofs.layers.ImageFileSystem;
import io.lazerofs.snapshotter.standalone.FuseKind;
import io.lazerofs.source.MappedSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Our FUSE mount of an image against the kernel's own mount of the same image, for each of the ways
 * in which an image can be laid out and of those to serve it.
 *
 * <p>libfuse 2 differs from the kernel where it speaks an older FUSE: it knows no holes, and of a
 * direct read of more than 128 KiB whose first part fits, the rest need not: without FUSE_ASYNC_DIO
 * the kernel goes on through the page cache (mm/filemap.c, generic_file_read_iter).
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadOnlyContractIT {

  @Nested
  class Plain extends Contract {
    Plain() {
      super("plain");
    }
  }

  @Nested
  class Chunks extends Contract {
    Chunks() {
      super("chunk-64k");
    }
  }

  @Nested
  class SmallBlocks extends Contract {
    SmallBlocks() {
      super("block-512");
    }
  }

  @Nested
  class NoInlineTails extends Contract {
    NoInlineTails() {
      super("noinline");
    }
  }

  @Nested
  class WideAddresses extends Contract {
    WideAddresses() {
      super("48bit");
    }
  }

  @Nested
  class XattrPrefixes extends Contract {
    XattrPrefixes() {
      super("xattr-prefix");
    }
  }

  @Nested
  class ExtendedInodes extends Contract {
    ExtendedInodes() {
      super("extended");
    }
  }

  @Nested
  class FromTar extends Contract {
    FromTar() {
      super("tar-full");
    }
  }

  @Nested
  class Lz4 extends Contract {
    Lz4() {
      super("lz4");
    }
  }

  @Nested
  class Lz4Everything extends Contract {
    Lz4Everything() {
      super("lz4-everything");
    }
  }

  @Nested
  class Lz4Directories extends Contract {
    Lz4Directories() {
      super("lz4-dirs");
    }
  }

  @Nested
  class Zstd extends Contract {
    Zstd() {
      super("zstd");
    }
  }

  @Nested
  class ManyAlgorithms extends Contract {
    ManyAlgorithms() {
      super("multi-algorithm");
    }
  }

  @Nested
  class ExtentLists extends Contract {
    ExtentLists() {
      super("48bit-zstd");
    }
  }

  /** What holds for both mounts of an image. */
  @ParameterizedClass
  @EnumSource(FuseKind.class)
  abstract static class Contract {
    private static final int LARGEST = 1 << 20;

    /** The most that libfuse 2 is asked for in one request, bytes. */
    private static final int JNR_REQUEST = 128 << 10;

    @Parameter private FuseKind fuse = FuseKind.RAW;

    @TempDir private Path temporary;
    private final String name;
    private Path kernel;
    private Path ours;
    private MappedSource source;
    private MountedFileSystem server;

    Contract(String name) {
      this.name = name;
    }

    @BeforeEach
    void mountBoth() throws Exception {
      Path image = Images.unpack(name, temporary);
      kernel = Files.createDirectory(temporary.resolve("kernel"));
      ours = Files.createDirectory(temporary.resolve("ours"));
      source = MappedSource.open(image);
      server =
          fuse.mount(
              ours,
              ImageFileSystem.of(ErofsImage.open(source, List.of()), DirectIoSettings.DEFAULT),
              FuseOptions.defaults(),
              Executors.newVirtualThreadPerTaskExecutor());
      Command.run(
          temporary, "mount", "-t", "erofs", "-o", "loop,ro", image.toString(), kernel.toString());
    }

    @AfterEach
    void unmountBothAndLeaveNothing() throws Exception {
      server.close();
      server.awaitEnd();
      source.close();
      Command.run(temporary, "umount", kernel.toString());
      if (server instanceof FuseServer raw) {
        assertThat(raw.requestsInFlight()).isZero();
        assertThat(raw.replyBuffersOut()).isZero();
      }
      assertThat(MountTable.below(temporary)).isEmpty();
    }

    /** Runs a program in both roots and compares what it prints. */
    private void compare(String... command) throws Exception {
      List<String> expected = Command.run(kernel, command);
      assertThat(expected).isNotEmpty();
      assertThat(Command.run(ours, command).stream().sorted())
          .isEqualTo(expected.stream().sorted().toList());
    }

    private List<Path> paths(Path root) throws IOException {
      try (Stream<Path> paths = Files.walk(root)) {
        return paths.map(root::relativize).sorted().toList();
      }
    }

    private List<Path> regularFiles() throws IOException {
      return paths(kernel).stream()
          .filter(path -> Files.isRegularFile(kernel.resolve(path), LinkOption.NOFOLLOW_LINKS))
          .toList();
    }

    @Test
    void namesAreTheSame() throws Exception {
      assertThat(paths(ours)).isEqualTo(paths(kernel)).hasSizeGreaterThan(10);
    }

    @Test
    void attributesAreTheSame() throws Exception {
      String facts =
          "%n type and mode %f links %h owner %u:%g size %s blocks %b of %B unit %o"
              + " device %t:%T modified %.9Y changed %.9Z";
      compare("find", ".", "-exec", "stat", "-c", facts, "{}", "+");
    }

    @Test
    void symbolicLinksAreTheSame() throws Exception {
      compare("find", ".", "-type", "l", "-printf", "%P -> %l\\n");
    }

    @Test
    void hardLinksAreTheSame() throws Exception {
      assertThat(linked(ours)).isEqualTo(linked(kernel));
    }

    /** Returns, for each path, the first one that is the same inode. */
    private Map<Path, Path> linked(Path root) throws IOException {
      Map<Object, Path> first = new TreeMap<>();
      Map<Path, Path> result = new TreeMap<>();
      for (Path path : paths(root)) {
        Object inode =
            Files.getAttribute(root.resolve(path), "unix:ino", LinkOption.NOFOLLOW_LINKS);
        first.putIfAbsent(inode, path);
        result.put(path, first.get(inode));
      }
      return result;
    }

    @Test
    void contentIsTheSame() throws Exception {
      compare("find", ".", "-type", "f", "-exec", "sha256sum", "{}", "+");
    }

    @Test
    void fileSystemSizesAreTheSame() throws Exception {
      compare("stat", "-f", "-c", "blocks %b of %s (%S), free %f, available %a, names %l", ".");
    }

    @Test
    void xattrsAreTheSame() throws Exception {
      for (Path path : paths(kernel)) {
        NativeFile.Answer names = NativeFile.xattrNames(kernel.resolve(path), LARGEST);
        NativeFile.Answer found = NativeFile.xattrNames(ours.resolve(path), LARGEST);
        assertThat(split(found)).as("%s", path).isEqualTo(split(names));
        for (String xattr : split(names)) {
          NativeFile.Answer value = NativeFile.xattr(kernel.resolve(path), xattr, LARGEST);
          NativeFile.Answer got = NativeFile.xattr(ours.resolve(path), xattr, LARGEST);
          assertThat(got.result()).as("%s of %s", xattr, path).isEqualTo(value.result());
          assertThat(got.bytes()).as("%s of %s", xattr, path).isEqualTo(value.bytes());
        }
        assertThat(NativeFile.xattr(ours.resolve(path), "user.none", 10).result())
            .isEqualTo(NativeFile.xattr(kernel.resolve(path), "user.none", 10).result());
      }
    }

    private static List<String> split(NativeFile.Answer names) {
      String all = new String(names.bytes(), StandardCharsets.UTF_8);
      return all.isEmpty() ? List.of() : Arrays.stream(all.split("\0")).sorted().toList();
    }

    @Test
    void holesAndDataAreTheSame() throws Exception {
      for (Path path : regularFiles()) {
        try (NativeFile a = NativeFile.open(kernel.resolve(path), NativeFile.O_RDONLY);
            NativeFile b = NativeFile.open(ours.resolve(path), NativeFile.O_RDONLY)) {
          long size = Files.size(kernel.resolve(path));
          for (long offset : new long[] {0, 1, size / 3, size / 2, size - 1, size, size + 1}) {
            long from = Math.max(0, offset);
            // Whoever knows no holes has data all over a file, and a hole at its end.
            boolean allData = fuse == FuseKind.JNR && from < size;
            assertThat(b.seekData(from))
                .as("data of %s, %d", path, from)
                .isEqualTo(allData ? from : a.seekData(from));
            assertThat(b.seekHole(from))
                .as("hole of %s, %d", path, from)
                .isEqualTo(allData ? size : a.seekHole(from));
          }
        }
      }
    }

    @Test
    void readsAreTheSame() throws Exception {
      compareReads(NativeFile.O_RDONLY);
    }

    @Test
    void directReadsAreTheSame() throws Exception {
      compareReads(NativeFile.O_RDONLY | NativeFile.O_DIRECT);
    }

    private void compareReads(int flags) throws IOException {
      long seed = System.nanoTime();
      System.out.println(name + ": seed " + seed);
      Random random = new Random(seed);
      for (Path path : regularFiles()) {
        try (NativeFile a = openInKernel(path, flags);
            NativeFile b = NativeFile.open(ours.resolve(path), flags)) {
          assertThat(b.result()).isNotNegative();
          int size = (int) Files.size(kernel.resolve(path));
          for (int i = 0; i < 60; i++) {
            compareRead(a, b, path, random, size);
          }
        }
      }
    }

    /**
     * Opens a file of the kernel's mount. The kernel refuses O_DIRECT on compressed files, which
     * have nothing to read directly; we decode, so that programs which insist on O_DIRECT run: so
     * the kernel's buffered reads are what those are compared with.
     */
    private NativeFile openInKernel(Path path, int flags) throws IOException {
      NativeFile file = NativeFile.open(kernel.resolve(path), flags);
      if (file.result() >= 0) {
        return file;
      }
      file.close();
      return NativeFile.open(kernel.resolve(path), flags & ~NativeFile.O_DIRECT);
    }

    private void compareRead(NativeFile a, NativeFile b, Path path, Random random, int size)
        throws IOException {
      long offset = aligned(random, random.nextInt(size + 9000));
      int length = (int) aligned(random, random.nextInt(random.nextBoolean() ? 9000 : size + 9000));
      // A block device wants its part of the memory aligned too, which a FUSE server cannot see: so
      // the memory is aligned wherever the offset is.
      int skew = (int) (offset & 511) + (random.nextBoolean() ? 0 : 512);
      byte[] expected = new byte[length];
      byte[] got = new byte[length];
      long result = a.read(offset, length, skew, expected);
      long ours = b.read(offset, length, skew, got);
      if (fuse == FuseKind.JNR && result < 0 && ours > 0) {
        // Its first part fitted, and the kernel read the rest through the page cache.
        assertThat(length).isGreaterThan(JNR_REQUEST - 4096);
        result = Math.min(length, size - offset);
        byte[] all = Files.readAllBytes(kernel.resolve(path));
        System.arraycopy(all, (int) offset, expected, 0, (int) result);
      }
      assertThat(ours)
          .as("%s of %d bytes: %d bytes at %d", path, size, length, offset)
          .isEqualTo(result);
      assertThat(Arrays.equals(got, expected))
          .as("%s of %d bytes: bytes of %d at %d", path, size, length, offset)
          .isTrue();
    }

    /** Rounds a number down to nothing, 512 or 4,096. */
    private static long aligned(Random random, long number) {
      return switch (random.nextInt(3)) {
        case 0 -> number;
        case 1 -> number & -512L;
        default -> number & -4096L;
      };
    }
  }
}
