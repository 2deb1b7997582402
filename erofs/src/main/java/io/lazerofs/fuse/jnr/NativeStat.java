package io.lazerofs.fuse.jnr;

import io.lazerofs.fuse.Attributes;
import io.lazerofs.fuse.Statistics;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/** What libfuse wants to know of files, in the C structures of this machine. */
final class NativeStat {
  private NativeStat() {}

  /** Fills in a {@code struct stat}. */
  static void put(Attributes attributes, long address) {
    FileStat stat = FileStat.of(pointer(address));
    stat.st_ino.set(attributes.inode());
    stat.st_mode.set(attributes.mode());
    stat.st_nlink.set(attributes.links());
    stat.st_uid.set(attributes.uid());
    stat.st_gid.set(attributes.gid());
    // Its lower 32 bits are what the kernel takes, and they are encoded as the kernel does.
    stat.st_rdev.set(attributes.rdev());
    stat.st_size.set(attributes.size());
    stat.st_blksize.set(attributes.blockSize());
    stat.st_blocks.set(attributes.blocks());
    putTime(attributes, stat.st_atim);
    putTime(attributes, stat.st_mtim);
    putTime(attributes, stat.st_ctim);
  }

  private static void putTime(Attributes attributes, Timespec time) {
    time.tv_sec.set(attributes.seconds());
    time.tv_nsec.set(attributes.nanoseconds());
  }

  /** Fills in a {@code struct statvfs}. */
  static void put(Statistics statistics, long address) {
    Statvfs statvfs = Statvfs.of(pointer(address));
    statvfs.f_bsize.set(statistics.blockSize());
    statvfs.f_frsize.set(statistics.blockSize());
    statvfs.f_blocks.set(statistics.blocks());
    statvfs.f_files.set(statistics.files());
    statvfs.f_namemax.set(statistics.nameLength());
  }

  private static Pointer pointer(long address) {
    return Pointer.wrap(Runtime.getSystemRuntime(), address);
  }
}
