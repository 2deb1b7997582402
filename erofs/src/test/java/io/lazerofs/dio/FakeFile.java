package io.lazerofs.dio;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.source.ByteSource;
import io.lazerofs.source.TestSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A file whose mappings follow each other, on one device of random bytes unless told otherwise. */
final class FakeFile implements Mapper {
  static final int BLOCK = 4096;
  static final int DEVICE_BLOCKS = 16;

  /** How a mapping was given back. */
  record End(long offset, long length, long done) {}

  final TestSource device = device(42);
  final List<End> ends = new ArrayList<>();
  private final List<Mapping> mappings = new ArrayList<>();
  private final long size;
  private long end;
  private int begun;
  private int decodes;

  FakeFile(long size) {
    this.size = size;
  }

  static TestSource device(long seed) {
    byte[] bytes = new byte[DEVICE_BLOCKS * BLOCK];
    new Random(seed).nextBytes(bytes);
    return new TestSource(bytes);
  }

  FakeFile plain(long length, long physical) {
    return plain(length, device, physical);
  }

  FakeFile plain(long length, ByteSource source, long physical) {
    return add(new Mapping.Mapped(end, length, source, physical));
  }

  FakeFile inline(long length, long physical) {
    return add(new Mapping.Inline(end, length, device, physical));
  }

  FakeFile hole(long length) {
    return add(new Mapping.Hole(end, length));
  }

  /** Adds bytes that "decode" to those at the same offset of the device. */
  FakeFile encoded(long length) {
    return add(new Mapping.Encoded(end, length, new Copying()));
  }

  /** Adds a mapping as it is. */
  FakeFile add(Mapping mapping) {
    mappings.add(mapping);
    end += mapping.length();
    return this;
  }

  int begun() {
    return begun;
  }

  int decodes() {
    return decodes;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int blockSize() {
    return BLOCK;
  }

  @Override
  public Mapping begin(long offset, long length, Operation operation) throws IOException {
    begun++;
    return mappings.stream()
        .filter(mapping -> offset < mapping.offset() + mapping.length())
        .findFirst()
        .orElse(mappings.getLast());
  }

  @Override
  public void end(Mapping mapping, long offset, long length, long done, Operation operation) {
    ends.add(new End(offset, length, done));
  }

  /** Returns the whole content, put together by the mappings' own definitions. */
  byte[] content() {
    byte[] content = new byte[(int) end];
    for (Mapping mapping : mappings) {
      switch (mapping) {
        case Mapping.Mapped mapped ->
            copy((TestSource) mapped.source(), mapped.physical(), content, mapping);
        case Mapping.Inline inline -> copy(device, inline.physical(), content, mapping);
        case Mapping.Encoded encoded -> copy(device, encoded.offset(), content, mapping);
        case Mapping.Hole _ -> {}
      }
    }
    return Arrays.copyOf(content, (int) size);
  }

  private static void copy(TestSource source, long physical, byte[] content, Mapping mapping) {
    System.arraycopy(
        source.content(), (int) physical, content, (int) mapping.offset(), (int) mapping.length());
  }

  /** Reads with O_DIRECT and the settings of the kernel. */
  byte[] direct(long offset, int length) throws IOException {
    return read(new DirectIo(DirectIoSettings.DEFAULT), offset, length, true);
  }

  /** Reads without O_DIRECT. */
  byte[] buffered(long offset, int length) throws IOException {
    return read(new DirectIo(DirectIoSettings.DEFAULT), offset, length, false);
  }

  /** Reads, and finds that all that was begun was ended, and nothing written behind the count. */
  byte[] read(DirectIo io, long offset, int length, boolean direct) throws IOException {
    int guard = 64;
    MemorySegment memory = MemorySegment.ofArray(new byte[Math.max(length, 0) + guard]);
    memory.fill((byte) 0x55);
    ReadBuffer buffer = new ReadBuffer(memory);
    try {
      int count = io.read(this, offset, length, direct, buffer);
      assertThat(memory.asSlice(Math.max(length, 0)).toArray(ValueLayout.JAVA_BYTE))
          .as("behind the buffer")
          .containsOnly(0x55);
      return buffer.bytes(count).toArray(ValueLayout.JAVA_BYTE);
    } finally {
      assertThat(ends).as("mappings given back").hasSize(begun);
      assertThat(io.readsUnderWay()).as("reads under way").isZero();
    }
  }

  /** Returns the part of the content that a read must give. */
  byte[] expected(long offset, int length) {
    int from = (int) Math.min(offset, size);
    return Arrays.copyOfRange(content(), from, (int) Math.min(offset + length, size));
  }

  private final class Copying implements Mapping.Decoding {

    @Override
    public void decode(long offset, MemorySegment destination) throws IOException {
      decodes++;
      device.read(offset, destination);
    }

    @Override
    public long prefetch(long offset, long length, int most) {
      device.prefetch(offset, length);
      return offset + length;
    }
  }
}
