package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.source.Digest;
import io.lazerofs.tar.DataRange;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * An image while it is written: takes the content of files one after the other, then the tree that
 * they are in.
 *
 * <p>The image appears under its name when it is complete; until then it is a hidden file beside
 * it, which {@link #close} removes. Same contents and tree, in the same order, give the same bytes.
 * Not safe for use by several threads.
 */
final class ImageWriter implements Closeable {

  /** The largest file, bytes: its size rounded up to a chunk still is a number. */
  static final long MAX_FILE = 1L << 62;

  private final Path target;
  private final Path temporary;
  private final WriteOptions options;
  private final BlockOutput output;
  private final ContentOutput contents;
  private final Optional<ContentPipeline> pipeline;
  private boolean complete;

  private ImageWriter(Path target, Path temporary, WriteOptions options, BlockOutput output) {
    this.target = target;
    this.temporary = temporary;
    this.options = options;
    this.output = output;
    contents =
        new ContentOutput(output, temporary.resolveSibling(temporary.getFileName() + ".tails"));
    boolean needsWorkers = options.compression().isPresent() || options.dedupe();
    pipeline =
        needsWorkers ? Optional.of(new ContentPipeline(options, contents)) : Optional.empty();
  }

  /**
   * Begins an image.
   *
   * @param target where it appears in the end, instead of any file that is there then
   */
  static ImageWriter create(Path target, WriteOptions options) throws IOException {
    String name = "." + target.getFileName() + "." + UUID.randomUUID() + ".tmp";
    Path temporary = target.resolveSibling(name);
    FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    int head = ImageHead.size(options);
    return new ImageWriter(
        target, temporary, options, new BlockOutput(channel, options.blockBits(), head));
  }

  /**
   * Stores the content of a file.
   *
   * @param path its names from the root on, for {@link WriteOptions#direct}
   * @param in where the bytes of all ranges come from, one after the other; not closed
   * @param size bytes of the file, holes included
   * @param data what is no hole, ascending and apart
   * @throws IOException when {@code in} ends early, the disk is full or the image grows too large
   */
  StoredFile store(List<String> path, InputStream in, long size, List<DataRange> data)
      throws IOException {
    if (size > MAX_FILE) {
      throw new IOException("a file of " + size + " bytes is too large for the image");
    }
    if (size == 0) {
      return StoredFile.of(new Content.Flat(0, 0, Tail.NONE));
    }
    boolean whole = data.size() == 1 && data.getFirst().length() == size;
    if (pipeline.isPresent() && (whole || isWorthCompressing(size, data))) {
      InputStream all = whole ? in : new ZeroFilledInput(in, size, data);
      return process(pipeline.get(), all, size, options.isDirect(path));
    }
    if (pipeline.isPresent()) {
      pipeline.get().drain();
    }
    Content content = whole ? storeWhole(in, size) : storeSparse(in, size, data);
    output.pad();
    return StoredFile.of(content);
  }

  /**
   * Writes the tree and gives the image its name.
   *
   * @return the size of the image, bytes
   */
  long finish(Directory root) throws IOException {
    if (pipeline.isPresent()) {
      pipeline.get().drain();
    }
    Layout layout = Layout.of(root, options.blockBits(), output.block());
    byte[] metadata = new MetadataWriter(output, contents, layout, fileMap()).write();
    UUID uuid = uuid(metadata);
    output.finish(new ImageHead(options, layout, features(layout)).encode(output.block(), uuid));
    output.close();
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    complete = true;
    return output.position();
  }

  /** Removes what was written, unless {@link #finish} came to its end. */
  @Override
  public void close() throws IOException {
    try (output;
        contents) {
      pipeline.ifPresent(ContentPipeline::close);
    } finally {
      if (!complete) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  /** Whether a file with holes is compressed with them, as if they were zeros. */
  private boolean isWorthCompressing(long size, List<DataRange> data) {
    long bytes = data.stream().mapToLong(DataRange::length).sum();
    return options.compression().isPresent() && bytes >= size / 2;
  }

  private StoredFile process(ContentPipeline workers, InputStream in, long size, boolean direct)
      throws IOException {
    StoredFile file = new StoredFile();
    workers.add(in, size, assembly(file, size, direct));
    return file;
  }

  private Assembly assembly(StoredFile file, long size, boolean direct) {
    if (options.compression().isEmpty()) {
      boolean mapped = options.chunkBytes().isPresent();
      return new ChunkAssembly(file, size, chunkPlan(), mapped);
    }
    return direct
        ? new FlatAssembly(file, size)
        : new PclusterAssembly(file, size, options.blockBits());
  }

  private ChunkPlan chunkPlan() {
    int chunk =
        options.chunkBytes().orElse(Math.max(WriteOptions.DEFAULT_CHUNK, options.blockSize()));
    int bits = Integer.numberOfTrailingZeros(chunk) - options.blockBits();
    return new ChunkPlan(options.blockBits(), bits);
  }

  private Content storeWhole(InputStream in, long size) throws IOException {
    long block = output.block();
    output.transfer(in, size);
    if (options.chunkBytes().isEmpty()) {
      return new Content.Flat(size, block, Tail.NONE);
    }
    ChunkPlan plan = chunkPlan();
    Content.Run all = new Content.Run(0, plan.chunks(size), block);
    return new Content.Chunked(size, plan.chunkBits(), List.of(all));
  }

  private Content storeSparse(InputStream in, long size, List<DataRange> data) throws IOException {
    ChunkPlan plan = ChunkPlan.of(options.blockBits(), size, data);
    return new SparseCopy(output, size, plan).copy(in, data);
  }

  private FileMap fileMap() {
    int algorithm = options.compression().map(used -> used.algorithm().code()).orElse(0);
    boolean big = options.pclusterBlocks() > 1;
    return new FileMap(options.blockBits(), algorithm, big);
  }

  private Set<IncompatibleFeature> features(Layout layout) {
    Set<IncompatibleFeature> features = EnumSet.noneOf(IncompatibleFeature.class);
    if (options.compression().isPresent()) {
      features.add(IncompatibleFeature.ZERO_PADDING);
      features.add(IncompatibleFeature.COMPRESSION_CONFIGS);
    }
    if (contents.sharesPclusters()) {
      features.add(IncompatibleFeature.FRAGMENTS);
    }
    for (Node node : layout.inodes()) {
      if (node instanceof RegularFile file) {
        switch (file.content()) {
          case Content.Chunked _ -> features.add(IncompatibleFeature.CHUNKED_FILE);
          case Content.Compressed(_, _, var tail) when tail.length() > 0 ->
              features.add(IncompatibleFeature.TAIL_PACKING);
          case Content.Compressed _, Content.Flat _ -> {}
        }
      }
    }
    return features;
  }

  /** Returns a UUID of version 8 (RFC 9562), made of all that the image holds. */
  private UUID uuid(byte[] metadata) throws IOException {
    MessageDigest digest = Digest.sha256();
    digest.update(metadata);
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, output.sum()));
    ByteBuffer hash = ByteBuffer.wrap(digest.digest());
    return new UUID(
        (hash.getLong(0) & ~0xf000L) | 0x8000L,
        (hash.getLong(8) & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L);
  }
}
