package io.lazerofs.layers;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.dio.DirectIo;
import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.Mapper.Operation;
import io.lazerofs.dio.Mapping;
import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.source.TestSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFileTest {
  private static final int BLOCK = TestImage.BLOCK;
  private static final WriteOptions FLAT = WriteOptions.defaults();
  private static final WriteOptions COMPRESSED =
      FLAT.withCompression(Compression.parse("lz4"), 16 << 10);
  private static final WriteOptions CHUNKS = FLAT.withChunks(BLOCK).withDedupe(true);

  @TempDir Path directory;

  private ImageFile file(byte[] content, WriteOptions options, DataLayout layout)
      throws IOException {
    TestImage writer = new TestImage(directory);
    if (options.dedupe()) {
      // What the file's blocks were first met in, in another order.
      writer.with("a", TestImage.shuffled(content, BLOCK, 1));
    }
    ErofsImage image = TestImage.open(new TestSource(writer.with("file", content).write(options)));
    Inode inode = TestImage.inode(image, "file");
    assertThat(inode.layout()).isEqualTo(layout);
    return new ImageFile(image, inode);
  }

  private static Mapping mapping(ImageFile file, long offset) throws IOException {
    return file.begin(offset, 1, Operation.READ);
  }

  private static void assertReads(ImageFile file, byte[] content) throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    DirectIo io = new DirectIo(DirectIoSettings.DEFAULT);
    ReadBuffer buffer = new ReadBuffer(MemorySegment.ofArray(new byte[20_000]));
    for (int i = 0; i < 2000; i++) {
      int offset = random.nextInt(content.length);
      int length = random.nextInt(20_000);
      int count = file.read(io, offset, length, false, buffer);
      assertThat(buffer.bytes(count).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(
              Arrays.copyOfRange(content, offset, Math.min(offset + length, content.length)));
    }
  }

  @Test
  void flatFileIsOneMappingThatStaysTheSame() throws IOException {
    byte[] content = TestImage.random(8 * BLOCK, 2);
    ImageFile file = file(content, FLAT, DataLayout.FLAT_PLAIN);
    Mapping mapping = mapping(file, 5000);
    assertThat(mapping).isInstanceOf(Mapping.Mapped.class);
    assertThat(mapping.length()).isEqualTo(8 * BLOCK);
    assertThat(mapping(file, 0)).isSameAs(mapping);
    assertThat(mapping(file, 8 * BLOCK - 1)).isSameAs(mapping);
    assertReads(file, content);
  }

  @Test
  void fileWithAnInlineTailIsTwoMappingsThatStayTheSame() throws IOException {
    byte[] content = TestImage.random(3 * BLOCK + 700, 3);
    // The writer gives a tail to files that it tried to compress.
    ImageFile file = file(content, COMPRESSED, DataLayout.FLAT_INLINE);
    Mapping tail = mapping(file, 3 * BLOCK);
    Mapping blocks = mapping(file, 0);
    assertThat(tail).isInstanceOf(Mapping.Inline.class);
    assertThat(blocks).isInstanceOf(Mapping.Mapped.class);
    assertThat(mapping(file, 3 * BLOCK + 699)).isSameAs(tail);
    assertThat(mapping(file, 3 * BLOCK - 1)).isSameAs(blocks);
    assertReads(file, content);
  }

  @Test
  void compressedFileIsOneMappingThatStaysTheSame() throws IOException {
    byte[] content = new byte[100_000];
    ImageFile file = file(content, COMPRESSED, DataLayout.COMPRESSED_COMPACT);
    Mapping mapping = mapping(file, 99_999);
    assertThat(mapping).isInstanceOf(Mapping.Encoded.class);
    assertThat(mapping(file, 0)).isSameAs(mapping);
    assertReads(file, content);
  }

  @Test
  void chunksThatFollowEachOtherAreOneMappingFromWhereverTheyAreAskedFor() throws IOException {
    byte[] content = TestImage.random(600 * BLOCK, 4);
    ImageFile file = file(content, FLAT.withChunks(BLOCK), DataLayout.CHUNK_BASED);
    for (int chunk = 599; chunk >= 0; chunk--) {
      Mapping mapping = mapping(file, (long) chunk * BLOCK);
      assertThat(mapping.length()).as("chunk %d", chunk).isGreaterThanOrEqualTo(88 * BLOCK);
      assertThat(mapping(file, (long) chunk * BLOCK + 1)).isSameAs(mapping);
    }
    assertReads(file, content);
  }

  @Test
  void scatteredChunksAreKeptWithinTheBound() throws IOException {
    byte[] content = TestImage.random(1000 * BLOCK, 5);
    ImageFile file = file(content, CHUNKS, DataLayout.CHUNK_BASED);
    assertReads(file, content);
    assertThat(file.mostBytes()).isBetween(KeptMappings.MOST_BYTES, KeptMappings.MOST_BYTES + 512);
    Mapping last = mapping(file, 7 * BLOCK);
    assertThat(mapping(file, 7 * BLOCK + 1)).isSameAs(last);
  }

  @Test
  void fewScatteredChunksAreAllKept() throws IOException {
    byte[] content = TestImage.random(8 * BLOCK, 6);
    ImageFile file = file(content, CHUNKS, DataLayout.CHUNK_BASED);
    Mapping[] first = new Mapping[8];
    for (int chunk = 0; chunk < 8; chunk++) {
      first[chunk] = mapping(file, (long) chunk * BLOCK);
    }
    for (int chunk = 0; chunk < 8; chunk++) {
      assertThat(mapping(file, (long) chunk * BLOCK)).isSameAs(first[chunk]);
    }
    assertThat(file.mostBytes()).isLessThan(1024);
  }
}
