package io.lazerofs.fuse.jnr;

import jnr.ffi.annotations.Delegate;
import jnr.ffi.types.intptr_t;

/**
 * The shapes of libfuse's callbacks. Each argument is a machine word: an address, a size or an
 * offset. Each answer is 0 or a count, or a negated errno.
 *
 * <p>They are public because jnr-ffi calls them from classes that it makes in a package of its own.
 */
public final class Callbacks {
  private Callbacks() {}

  /** getattr, statfs, open and opendir: a path, and a structure to fill in. */
  @FunctionalInterface
  public interface OnPath {
    @Delegate
    int call(@intptr_t long path, @intptr_t long structure);
  }

  /** readlink and listxattr: a path, and memory for the answer. */
  @FunctionalInterface
  public interface OnText {
    @Delegate
    int call(@intptr_t long path, @intptr_t long memory, @intptr_t long size);
  }

  /** getxattr. */
  @FunctionalInterface
  public interface OnXattr {
    @Delegate
    int call(@intptr_t long path, @intptr_t long name, @intptr_t long memory, @intptr_t long size);
  }

  /** read and readdir: of what {@code info} says was opened. */
  @FunctionalInterface
  public interface OnOpened {
    /**
     * @param path not set
     * @param argument the size of a read; the function that takes an entry of a directory
     */
    @Delegate
    int call(
        @intptr_t long path,
        @intptr_t long memory,
        @intptr_t long argument,
        @intptr_t long offset,
        @intptr_t long info);
  }

  /** init: the session has begun. What it returns is kept by libfuse and not used. */
  @FunctionalInterface
  public interface OnStart {
    @Delegate
    @intptr_t
    long call(@intptr_t long connection);
  }
}
