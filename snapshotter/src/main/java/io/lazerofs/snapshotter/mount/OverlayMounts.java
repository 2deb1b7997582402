package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.Kind;
import io.lazerofs.snapshotter.store.Level;
import io.lazerofs.snapshotter.store.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How snapshots are mounted: the mounts that containerd's overlayfs snapshotter gives
 * (plugins/snapshots/overlay), over directories and lazy layers in any mixture.
 *
 * <pre>{@code
 * no parent             bind of its own files, rw or ro
 * view of one parent    bind of the parent's files, ro
 * view of more          overlay of the parents
 * active on parents     overlay of the parents with an upper and a work directory
 * }</pre>
 */
public final class OverlayMounts {
  private static final Path INDEX_PARAMETER = Path.of("/sys/module/overlay/parameters/index");

  private final StateDirectory directory;
  private final boolean indexKnown;

  /**
   * @param directory where the files of snapshots and layers are
   * @param indexKnown whether the kernel's overlayfs knows the option "index", which then has to be
   *     off: with an index, a lower directory could be part of one mount only
   */
  public OverlayMounts(StateDirectory directory, boolean indexKnown) {
    this.directory = directory;
    this.indexKnown = indexKnown;
  }

  /** Returns the mounts that suit the running kernel. */
  public static OverlayMounts ofKernel(StateDirectory directory) {
    return new OverlayMounts(directory, Files.exists(INDEX_PARAMETER));
  }

  /**
   * Returns how an active snapshot or a view is mounted.
   *
   * @param ancestors its parent first
   */
  public List<Mount> of(Snapshot snapshot, List<Level> ancestors) {
    boolean active = snapshot.kind() == Kind.ACTIVE;
    if (ancestors.isEmpty()) {
      return bind(directory.files(snapshot.id()), active ? "rw" : "ro");
    }
    if (!active && ancestors.size() == 1) {
      return bind(path(ancestors.getFirst()), "ro");
    }
    List<String> options = new ArrayList<>();
    if (indexKnown) {
      options.add("index=off");
    }
    if (active) {
      options.add("workdir=" + directory.work(snapshot.id()));
      options.add("upperdir=" + directory.files(snapshot.id()));
    }
    options.add(
        ancestors.stream()
            .map(level -> path(level).toString())
            .collect(Collectors.joining(":", "lowerdir=", "")));
    return List.of(new Mount("overlay", "overlay", options));
  }

  private Path path(Level level) {
    return level.layer().map(directory::layer).orElseGet(() -> directory.files(level.id()));
  }

  private static List<Mount> bind(Path source, String access) {
    return List.of(new Mount("bind", source.toString(), List.of(access, "rbind")));
  }
}
