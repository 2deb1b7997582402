package io.lazerofs.fuse;

/**
 * How a file system is mounted and served.
 *
 * @param sourceName what mount tables show as the mount's source
 * @param allowOther whether other users than the one who mounts may use it, by its modes
 * @param readAheadKib how far the kernel reads ahead of sequential reads, KiB; 0 leaves its default
 * @param workers threads that answer requests, at least 1
 */
public record FuseOptions(String sourceName, boolean allowOther, int readAheadKib, int workers) {

  public FuseOptions {
    if (workers < 1 || readAheadKib < 0) {
      throw new IllegalArgumentException(
          "workers " + workers + ", read-ahead " + readAheadKib + " KiB");
    }
  }

  /** Returns options for all users, 1 MiB of read-ahead, and a worker a core, at least two. */
  public static FuseOptions defaults() {
    return new FuseOptions(
        "lazerofs", true, 1024, Math.max(2, Runtime.getRuntime().availableProcessors()));
  }

  /** Returns the same options with another source name. */
  public FuseOptions withSourceName(String name) {
    return new FuseOptions(name, allowOther, readAheadKib, workers);
  }

  /** Returns the same options with another number of workers. */
  public FuseOptions withWorkers(int count) {
    return new FuseOptions(sourceName, allowOther, readAheadKib, count);
  }
}
