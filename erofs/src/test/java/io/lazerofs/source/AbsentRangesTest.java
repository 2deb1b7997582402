package io.lazerofs.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AbsentRangesTest {
  private static final class Recorder implements ByteSource {
    final List<String> asked = new ArrayList<>();

    @Override
    public long size() {
      return Long.MAX_VALUE;
    }

    @Override
    public void read(long offset, MemorySegment destination) throws AbsentException {
      throw new AbsentException(this, offset, destination.byteSize());
    }

    @Override
    public void fill(long offset, long length) {}

    @Override
    public void prefetch(long offset, long length) {
      asked.add(offset + "+" + length);
    }

    @Override
    public void close() {}
  }

  private final Recorder source = new Recorder();
  private final AbsentRanges ranges = new AbsentRanges();

  private void add(long offset, long length) {
    ranges.add(new AbsentException(source, offset, length));
  }

  @Test
  void neighboursAreAskedForTogether() {
    for (int inode = 99; inode >= 0; inode--) {
      add(1000 + inode * 4096L, 64);
    }
    assertThat(source.asked).isEmpty();
    ranges.prefetch();
    assertThat(source.asked).containsExactly("1000+" + (99 * 4096 + 64));
  }

  @Test
  void rangesFarApartAreAskedForOneByOne() {
    add(0, 64);
    add(10 << 20, 64);
    add((10 << 20) + 4096, 64);
    ranges.prefetch();
    ranges.prefetch();
    assertThat(source.asked).containsExactly("0+64", (10 << 20) + "+4160");
  }

  @Test
  void noMoreIsAskedForThanTheBound() {
    for (long at = 0; at < 4 * AbsentRanges.MOST_BYTES; at += 64 << 10) {
      add(at, 64 << 10);
    }
    ranges.prefetch();
    assertThat(source.asked).containsExactly("0+" + AbsentRanges.MOST_BYTES);
  }

  @Test
  void sourcesAreKeptApart() {
    Recorder other = new Recorder();
    add(0, 10);
    ranges.add(new AbsentException(other, 10, 10));
    ranges.prefetch();
    assertThat(source.asked).containsExactly("0+10");
    assertThat(other.asked).containsExactly("10+10");
  }
}
