package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.Kind;
import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.snapshotter.store.Level;
import io.lazerofs.snapshotter.store.Snapshot;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotException.FailedPrecondition;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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
 *
 * <p>Labels of the snapshot may add options: {@link Labels#UID_MAPPING}, {@link Labels#VOLATILE}.
 */
public final class OverlayMounts {
  /**
   * What mount(2) takes of options: a page, with the byte that ends it. containerd shortens options
   * that come near to that: it changes into the directory that all lower ones have in common, and
   * names them from there.
   */
  private static final int MOST_OPTION_BYTES = 4096 - 1;

  /** The most lower directories of one overlay (OVL_MAX_STACK in fs/overlayfs/params.h). */
  private static final int MOST_LOWERS = 500;

  private final StateDirectory directory;
  private final OverlayFeatures features;

  /**
   * @param directory where the files of snapshots and layers are
   */
  public OverlayMounts(StateDirectory directory, OverlayFeatures features) {
    this.directory = directory;
    this.features = features;
  }

  /**
   * Returns how an active snapshot or a view is mounted.
   *
   * @param ancestors its parent first
   * @throws SnapshotException.InvalidArgument when its labels ask for what means nothing
   * @throws FailedPrecondition when they ask for what this kernel cannot do, or there are more
   *     ancestors than it can mount
   */
  public List<Mount> of(Snapshot snapshot, List<Level> ancestors) throws SnapshotException {
    boolean active = snapshot.kind() == Kind.ACTIVE;
    List<String> options = new ArrayList<>(idOptions(snapshot, ancestors));
    // A layer twice in an image is the same directory, which overlayfs takes once only. Whatever
    // the lower of two has is hidden behind the same of the upper.
    List<Path> lowers = ancestors.stream().map(this::path).distinct().toList();
    if (lowers.isEmpty()) {
      return bind(directory.files(snapshot.id()), active ? "rw" : "ro", options);
    }
    if (!active && lowers.size() == 1) {
      return bind(lowers.getFirst(), "ro", options);
    }
    List<String> data = new ArrayList<>(featureOptions());
    if (active) {
      if (features.unsynced() && snapshot.labels().containsKey(Labels.VOLATILE)) {
        data.add("volatile");
      }
      data.add("workdir=" + directory.work(snapshot.id()));
      data.add("upperdir=" + directory.files(snapshot.id()));
    }
    requireFitting(snapshot, data, lowers);
    options.addAll(data);
    options.add(lowerdir(lowers, Path::toString));
    return List.of(new Mount("overlay", "overlay", options));
  }

  private List<String> featureOptions() {
    List<String> options = new ArrayList<>();
    if (features.index()) {
      options.add("index=off");
    }
    if (features.userXattrs()) {
      options.add("userxattr");
    }
    return options;
  }

  private List<String> idOptions(Snapshot snapshot, List<Level> ancestors)
      throws SnapshotException {
    Optional<IdMapping> mapping = IdMapping.of(snapshot.labels());
    if (mapping.isEmpty()) {
      return List.of();
    }
    if (!features.idMapping()) {
      throw new FailedPrecondition(
          "the ids of a container cannot be mapped by this kernel, which needs to be Linux 5.19"
              + " or later for that");
    }
    boolean lazy = ancestors.stream().anyMatch(level -> level.layer().isPresent());
    if (lazy && !features.lazyIdMapping()) {
      throw new FailedPrecondition(
          "the ids of lazy layers cannot be mapped by this kernel, which needs to be Linux 6.12"
              + " or later for that");
    }
    return mapping.get().options();
  }

  private void requireFitting(Snapshot snapshot, List<String> data, List<Path> lowers)
      throws FailedPrecondition {
    List<String> shortened = new ArrayList<>(data);
    shortened.add(lowerdir(lowers, directory::name));
    int bytes = String.join(",", shortened).getBytes(StandardCharsets.UTF_8).length;
    if (lowers.size() > MOST_LOWERS || bytes > MOST_OPTION_BYTES) {
      throw new FailedPrecondition(
          "snapshot \"%.80s\" stands on %d layers: the kernel mounts %d at most, and %d bytes of"
                  .formatted(snapshot.key(), lowers.size(), MOST_LOWERS, MOST_OPTION_BYTES)
              + " options, of which these would need %d".formatted(bytes));
    }
  }

  private static String lowerdir(List<Path> lowers, Function<Path, String> name) {
    return lowers.stream().map(name).collect(Collectors.joining(":", "lowerdir=", ""));
  }

  private Path path(Level level) {
    return level.layer().map(directory::layer).orElseGet(() -> directory.files(level.id()));
  }

  private static List<Mount> bind(Path source, String access, List<String> idOptions) {
    List<String> options = new ArrayList<>(idOptions);
    options.add(access);
    options.add("rbind");
    return List.of(new Mount("bind", source.toString(), options));
  }
}
