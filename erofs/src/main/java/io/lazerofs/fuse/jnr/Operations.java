package io.lazerofs.fuse.jnr;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.fuse.Entry;
import io.lazerofs.fuse.Errno;
import io.lazerofs.fuse.FileSystem;
import io.lazerofs.source.Waiting;
import io.lazerofs.sys.OpenFlag;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers of a file system to libfuse, which asks on many threads at once. To be kept as long
 * as libfuse may ask.
 */
final class Operations {
  private static final Logger log = LoggerFactory.getLogger(Operations.class);

  // struct fuse_file_info: int flags; unsigned long fh_old; int writepage; unsigned bits; uint64 fh
  private static final long INFO_FLAGS = 0;
  private static final long INFO_HANDLE = 24;
  private static final long INFO_BYTES = 40;

  private final FileSystem files;
  private final Paths paths;
  private final OperationTable table = new OperationTable();

  /** Answers a request about a node. */
  private interface Answer {
    int of(Entry entry) throws IOException;
  }

  /**
   * @param started is run when the session has begun
   */
  Operations(FileSystem files, Runnable started) {
    this.files = files;
    this.paths = new Paths(files);
    Callbacks.OnStart init =
        connection -> {
          started.run();
          return 0;
        };
    table.set(table.init, Callbacks.OnStart.class, init);
    table.set(table.getattr, Callbacks.OnPath.class, this::attributes);
    table.set(table.statfs, Callbacks.OnPath.class, this::statistics);
    table.set(table.open, Callbacks.OnPath.class, this::open);
    table.set(table.opendir, Callbacks.OnPath.class, this::open);
    table.set(table.readlink, Callbacks.OnText.class, this::readLink);
    table.set(table.listxattr, Callbacks.OnText.class, this::xattrNames);
    table.set(table.getxattr, Callbacks.OnXattr.class, this::xattr);
    table.set(table.read, Callbacks.OnOpened.class, this::read);
    table.set(table.readdir, Callbacks.OnOpened.class, this::list);
  }

  OperationTable table() {
    return table;
  }

  private int attributes(long path, long stat) {
    return atPath(
        "getattr",
        path,
        entry -> {
          NativeStat.put(entry.attributes(), stat);
          return 0;
        });
  }

  private int statistics(long path, long statvfs) {
    return atPath(
        "statfs",
        path,
        entry -> {
          NativeStat.put(files.statistics(entry.node()), statvfs);
          return 0;
        });
  }

  private int open(long path, long info) {
    return atPath(
        "open",
        path,
        entry -> {
          if (files.judgesOpens()) {
            files.open(entry.node(), isDirect(info));
          }
          Memory.at(info, INFO_BYTES).set(JAVA_LONG, INFO_HANDLE, entry.node());
          return 0;
        });
  }

  private int readLink(long path, long memory, long size) {
    return atPath(
        "readlink",
        path,
        entry -> {
          Memory.putString(files.readLink(entry.node()), memory, size);
          return 0;
        });
  }

  private int xattr(long path, long name, long memory, long size) {
    return atPath(
        "getxattr",
        path,
        entry -> {
          Optional<byte[]> value = files.xattr(entry.node(), Memory.string(name));
          return value.isPresent()
              ? Memory.putAll(value.get(), memory, size)
              : -Errno.ENODATA.number();
        });
  }

  private int xattrNames(long path, long memory, long size) {
    return atPath(
        "listxattr",
        path,
        entry -> {
          ByteArrayOutputStream names = new ByteArrayOutputStream();
          for (byte[] name : files.xattrNames(entry.node())) {
            names.write(name);
            names.write(0);
          }
          return Memory.putAll(names.toByteArray(), memory, size);
        });
  }

  private int read(long path, long memory, long size, long offset, long info) {
    return answer(
        "read",
        () -> {
          ReadBuffer buffer = new ReadBuffer(Memory.at(memory, size));
          int count = files.read(handle(info), offset, (int) size, isDirect(info), buffer);
          if (!buffer.data().equals(buffer.memory())) {
            MemorySegment.copy(buffer.data(), buffer.start(), buffer.memory(), 0, count);
          }
          return count;
        });
  }

  private int list(long path, long listing, long filler, long position, long info) {
    return answer(
        "readdir",
        () -> {
          try (DirectoryFiller sink = new DirectoryFiller(listing, filler, position)) {
            // What was taken stays taken: after a wait the listing goes on behind it.
            Waiting.on(() -> {
              files.list(handle(info), sink.position(), sink);
              return 0;
            });
          }
          return 0;
        });
  }

  private static long handle(long info) {
    return Memory.at(info, INFO_BYTES).get(JAVA_LONG, INFO_HANDLE);
  }

  /** Whether the file was opened with O_DIRECT: libfuse passes the flags of each READ on. */
  private static boolean isDirect(long info) {
    return (Memory.at(info, INFO_BYTES).get(JAVA_INT, INFO_FLAGS) & OpenFlag.DIRECT) != 0;
  }

  private int atPath(String operation, long path, Answer answer) {
    return answer(
        operation,
        () -> {
          Optional<Entry> entry = paths.entry(Memory.string(path));
          return entry.isPresent() ? answer.of(entry.get()) : -Errno.ENOENT.number();
        });
  }

  /**
   * Answers a request on libfuse's thread, which may wait for absent bytes: libfuse starts another
   * one whenever none is idle. Nothing may be thrown through C.
   */
  private static int answer(String operation, Waiting.Reading<Integer> answer) {
    try {
      return Waiting.on(answer);
    } catch (IOException e) {
      Errno errno = Errno.of(e);
      if (errno == Errno.EIO) {
        log.warn("{} failed: {}", operation, e.toString());
        log.debug("where it failed", e);
      }
      return -errno.number();
    } catch (RuntimeException | Error e) {
      log.error("{} failed", operation, e);
      return -Errno.EIO.number();
    }
  }
}
