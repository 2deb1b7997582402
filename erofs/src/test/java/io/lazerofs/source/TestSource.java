package io.lazerofs.source;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/**
 * Bytes in memory as a source that can be told what is absent and what is bad, and that tells what
 * it was asked for. For one thread, but for sources of which everything is present.
 */
public final class TestSource implements ByteSource {

  /** A range that a source was asked for. */
  public record Range(long offset, long length) {}

  private final MemorySegment memory;
  private final BitSet absent = new BitSet();
  private final List<Range> reads = new ArrayList<>();
  private final List<Range> deviceReads = new ArrayList<>();
  private final List<Range> prefetches = new ArrayList<>();
  private int fills;
  private long bad = -1;
  private boolean viewable;

  public TestSource(byte[] content) {
    memory = Arena.ofAuto().allocate(content.length, 4096);
    memory.copyFrom(MemorySegment.ofArray(content));
  }

  /** Makes a range absent. */
  public TestSource withAbsent(long offset, long length) {
    absent.set((int) offset, (int) (offset + length));
    return this;
  }

  /** Makes each read that has a byte fail; -1 for none. */
  public void setBad(long offset) {
    bad = offset;
  }

  /** Gives all of the source as memory. */
  public TestSource withMemory() {
    viewable = true;
    return this;
  }

  public List<Range> reads() {
    return reads;
  }

  public List<Range> deviceReads() {
    return deviceReads;
  }

  public List<Range> prefetches() {
    return prefetches;
  }

  public int fills() {
    return fills;
  }

  /** Brings what was asked for by {@link #prefetch}. */
  public void land() {
    prefetches.forEach(this::bring);
  }

  /** Returns a copy of the bytes. */
  public byte[] content() {
    return memory.toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public long size() {
    return memory.byteSize();
  }

  @Override
  public void read(long offset, MemorySegment destination) throws IOException {
    read(offset, destination, 0, destination.byteSize());
  }

  @Override
  public void read(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    reads.add(new Range(offset, length));
    copy(offset, destination, at, length);
  }

  @Override
  public void readFromDevice(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    deviceReads.add(new Range(offset, length));
    copy(offset, destination, at, length);
  }

  private void copy(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    Objects.checkFromIndexSize(offset, length, size());
    int missing = absent.nextSetBit((int) offset);
    if (missing >= 0 && missing < offset + length) {
      throw new AbsentException(this, offset, length);
    }
    if (bad >= offset && bad < offset + length) {
      throw new IOException("bad block");
    }
    MemorySegment.copy(memory, offset, destination, at, length);
  }

  @Override
  public void fill(long offset, long length) {
    fills++;
    bring(new Range(offset, length));
  }

  private void bring(Range range) {
    absent.clear((int) range.offset, (int) (range.offset + range.length));
  }

  @Override
  public void prefetch(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, size());
    prefetches.add(new Range(offset, length));
  }

  @Override
  public MemorySegment memory() {
    return viewable ? memory.asReadOnly() : MemorySegment.NULL;
  }

  @Override
  public void close() {
    // The memory is the collector's.
  }
}
