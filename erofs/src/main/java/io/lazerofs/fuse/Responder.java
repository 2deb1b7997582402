package io.lazerofs.fuse;

import io.lazerofs.source.AbsentException;
import io.lazerofs.source.AbsentRanges;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * Answers requests out of a {@link FileSystem}: what the kernel is told, and for how long it may
 * believe it. Safe for use by many threads, each with a {@link Reply} of its own.
 */
final class Responder {
  /** For ever, as far as a mount is concerned: 68 years. */
  private static final long FOR_EVER = Integer.MAX_VALUE;

  private static final long NOT_AT_ALL = 0;

  private final FileSystem files;
  private final int maxDataBytes;

  Responder(FileSystem files, int maxDataBytes) {
    this.files = files;
    this.maxDataBytes = maxDataBytes;
  }

  /**
   * Puts the answer to {@code request} into {@code reply}. It can be asked again for the same
   * request, and for any but a {@link Request.Silent}.
   *
   * @throws AbsentException when the answer needs bytes that are not on this machine
   * @throws IOException when the answer is an error
   */
  void answer(Request request, Reply reply) throws IOException {
    switch (request) {
      case Request.Read read ->
          read(read.node(), read.offset(), read.length(), read.direct(), reply);
      case Request.Lookup lookup -> lookup(lookup, reply);
      case Request.GetAttributes get -> attributes(get.node(), reply);
      case Request.GetXattr get -> xattr(get, reply);
      case Request.ReadDirectory read -> list(read, reply);
      case Request.ReadLink read -> reply.bytes(files.readLink(read.node()), maxDataBytes);
      case Request.ListXattrs list -> xattrNames(list, reply);
      case Request.Seek seek -> seek(seek, reply);
      case Request.GetStatistics get ->
          reply.written(Structs.statfsOut(reply.buffer(), 0, files.statistics(get.node())));
      case Request.Open open -> open(open, reply);
      case Request.Ended _ -> reply.nothing();
      case Request.Refused refused -> reply.fail(refused.errno());
      // A session has one INIT, which is answered before the workers start.
      case Request.Initialize _ -> reply.fail(Errno.EIO);
      case Request.Silent silent ->
          throw new IllegalArgumentException("wants no answer: " + silent);
    }
  }

  /** Puts the answer to a READ into {@code reply}, as {@link #answer} does. */
  void read(long node, long offset, int length, boolean direct, Reply reply) throws IOException {
    if (length < 0 || length > maxDataBytes || offset < 0) {
      reply.fail(Errno.EINVAL);
      return;
    }
    reply.read(files.read(node, offset, length, direct, reply.readBuffer()));
  }

  private void open(Request.Open request, Reply reply) throws IOException {
    if (!files.judgesOpens()) {
      reply.fail(Errno.ENOSYS);
      return;
    }
    files.open(request.node(), request.direct());
    // Without FOPEN_DIRECT_IO: a direct read that the kernel splits has to fail as one.
    reply.written(Structs.openOut(reply.buffer(), 0, Protocol.KEEP_CACHE));
  }

  private void lookup(Request.Lookup request, Reply reply) throws IOException {
    Optional<Entry> found = files.lookup(request.directory(), request.name());
    long nameSeconds = secondsForContentOf(request.directory());
    if (found.isPresent()) {
      reply.written(entry(reply.buffer(), 0, found.get(), nameSeconds));
    } else if (nameSeconds == NOT_AT_ALL) {
      reply.fail(Errno.ENOENT);
    } else {
      reply.written(Structs.noEntry(reply.buffer(), 0, nameSeconds));
    }
  }

  private void attributes(long node, Reply reply) throws IOException {
    Attributes attributes = files.attributes(node);
    reply.written(
        Structs.attrOut(reply.buffer(), 0, attributes, secondsForAttributes(node, attributes)));
  }

  private void xattr(Request.GetXattr request, Reply reply) throws IOException {
    Optional<byte[]> value = files.xattr(request.node(), request.name());
    if (value.isEmpty()) {
      reply.fail(Errno.ENODATA);
    } else if (request.length() == 0) {
      reply.size(value.get().length);
    } else {
      reply.bytes(value.get(), request.length());
    }
  }

  private void xattrNames(Request.ListXattrs request, Reply reply) throws IOException {
    List<byte[]> names = files.xattrNames(request.node());
    if (request.length() == 0) {
      reply.size(Reply.namesLength(names));
    } else {
      reply.names(names, request.length());
    }
  }

  private void seek(Request.Seek request, Reply reply) throws IOException {
    boolean hole = request.whence() == Request.Seek.HOLE;
    if (!hole && request.whence() != Request.Seek.DATA) {
      reply.fail(Errno.EINVAL);
      return;
    }
    long found = request.offset() < 0 ? -1 : files.seek(request.node(), request.offset(), hole);
    if (found < 0) {
      reply.fail(Errno.ENXIO);
    } else {
      reply.offset(found);
    }
  }

  private void list(Request.ReadDirectory request, Reply reply) throws IOException {
    if (request.length() < 0 || request.position() < 0) {
      reply.fail(Errno.EINVAL);
      return;
    }
    long room = Math.min(request.length(), maxDataBytes);
    Listing listing =
        new Listing(
            reply.buffer().asSlice(0, room),
            request.plus(),
            secondsForContentOf(request.directory()));
    files.list(request.directory(), request.position(), listing);
    listing.absent.prefetch();
    reply.written(listing.used);
  }

  private long entry(MemorySegment to, long at, Entry entry, long nameSeconds) throws IOException {
    return Structs.entryOut(
        to,
        at,
        entry,
        files.generation(entry.node()),
        nameSeconds,
        secondsForAttributes(entry.node(), entry.attributes()));
  }

  private long secondsForContentOf(long directory) {
    return files.remembersMissingNames(directory) ? FOR_EVER : NOT_AT_ALL;
  }

  private long secondsForAttributes(long node, Attributes attributes) {
    return attributes.isDirectory() ? secondsForContentOf(node) : FOR_EVER;
  }

  /** The entries of a directory in a reply: struct fuse_dirent or struct fuse_direntplus. */
  private final class Listing implements FileSystem.DirectorySink {
    private final MemorySegment to;
    private final boolean plus;
    private final long nameSeconds;
    private final AbsentRanges absent = new AbsentRanges();
    private long used;

    Listing(MemorySegment to, boolean plus, long nameSeconds) {
      this.to = to;
      this.plus = plus;
      this.nameSeconds = nameSeconds;
    }

    @Override
    public boolean offer(MemorySegment name, long node, int type, long next) throws IOException {
      long size = Structs.direntSize(name.byteSize()) + (plus ? Structs.ENTRY_OUT : 0);
      if (size > to.byteSize() - used) {
        return false;
      }
      long at = plus ? withAttributes(name, node) : used;
      used = Structs.dirent(to, at, name, node, type, next);
      return true;
    }

    /**
     * Puts what the kernel would look up next. An entry whose attributes are absent or broken goes
     * without them: a listing waits for no inode, and whoever uses the entry asks for it. Inodes of
     * one directory lie together, so what is absent is asked for at once, not entry by entry.
     */
    private long withAttributes(MemorySegment name, long node) {
      if (isDot(name)) {
        return Structs.noEntry(to, used, NOT_AT_ALL);
      }
      try {
        return entry(to, used, new Entry(node, files.attributes(node)), nameSeconds);
      } catch (AbsentException e) {
        absent.add(e);
        return Structs.noEntry(to, used, NOT_AT_ALL);
      } catch (IOException e) {
        return Structs.noEntry(to, used, NOT_AT_ALL);
      }
    }

    private static boolean isDot(MemorySegment name) {
      return (name.byteSize() == 1 || name.byteSize() == 2)
          && name.get(ValueLayout.JAVA_BYTE, 0) == '.'
          && name.get(ValueLayout.JAVA_BYTE, name.byteSize() - 1) == '.';
    }
  }
}
