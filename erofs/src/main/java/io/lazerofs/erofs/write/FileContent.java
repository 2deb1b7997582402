package io.lazerofs.erofs.write;

import io.lazerofs.files.FileStatus;
import io.lazerofs.files.OpenFile;
import io.lazerofs.tar.DataRange;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * The bytes of a file on the disk that are no holes, one range after the other, as they were when
 * this was made: a file that changes meanwhile is an error.
 */
final class FileContent extends InputStream {
  private final OpenFile file;
  private final FileStatus status;
  private final MemorySegment buffer;
  private final List<DataRange> data = new ArrayList<>();
  private int range;
  private long done;

  /**
   * @param file not closed with this
   * @param buffer native memory, used until the last read
   */
  FileContent(OpenFile file, MemorySegment buffer) throws IOException {
    this.file = file;
    this.buffer = buffer;
    status = file.status();
    findData();
  }

  private void findData() throws IOException {
    long size = status.size();
    for (long end = 0; end < size; ) {
      OptionalLong start = file.nextData(end);
      if (start.isEmpty() || start.getAsLong() >= size) {
        return;
      }
      // The file may have grown since.
      end = Math.min(file.nextHole(start.getAsLong()), size);
      data.add(new DataRange(start.getAsLong(), end - start.getAsLong()));
    }
  }

  FileStatus status() {
    return status;
  }

  /** Returns what is no hole, ascending and apart. */
  List<DataRange> data() {
    return data;
  }

  @Override
  public int read(byte[] to, int start, int length) throws IOException {
    Objects.checkFromIndexSize(start, length, to.length);
    if (range == data.size()) {
      return -1;
    }
    DataRange current = data.get(range);
    long wanted = Math.min(Math.min(length, buffer.byteSize()), current.length() - done);
    long count = file.read(current.offset() + done, buffer.asSlice(0, wanted));
    if (count == 0 && wanted > 0) {
      throw changed();
    }
    MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, to, start, (int) count);
    done += count;
    if (done == current.length()) {
      range++;
      done = 0;
    }
    return (int) count;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  /**
   * Checks that the file still is what it was.
   *
   * @throws FileSystemException when its size or its time of modification is another, or it has
   *     bytes after its end, as the files of procfs do
   */
  void checkUnchanged() throws IOException {
    FileStatus now = file.status();
    boolean same =
        now.size() == status.size()
            && now.seconds() == status.seconds()
            && now.nanoseconds() == status.nanoseconds();
    if (!same) {
      throw changed();
    }
    if (file.read(status.size(), buffer.asSlice(0, 1)) != 0) {
      throw new FileSystemException(file.path(), null, "it has more bytes than its size says");
    }
  }

  private FileSystemException changed() {
    return new FileSystemException(file.path(), null, "it changed while it was read");
  }
}
