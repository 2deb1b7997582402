package io.lazerofs.snapshotter.containerd;

import io.lazerofs.snapshotter.containerd.Setting.Entry;
import io.lazerofs.snapshotter.containerd.Setting.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a version of containerd has to be told for lazy pulls. */
final class LazyPullSettings {
  static final String PROXY_PLUGINS = "proxy_plugins";

  /**
   * What lazerofs can do that containerd asks of a plug-in's configuration. Not {@code rebase},
   * with which containerd prepares layers without their parents: a layer that is there at once is
   * then never given its parent (containerd's issue 13264).
   */
  static final List<String> CAPABILITIES = List.of("remap-ids");

  private static final String PLUGINS = "plugins";
  private static final String TRANSFER = "io.containerd.transfer.v1.local";
  private static final String PLATFORM = "linux";

  private LazyPullSettings() {}

  /**
   * Returns the settings in the order of their tables.
   *
   * @param format the version of the file's format, 2 or later; from 3 on, plug-ins have containerd
   *     2's names
   */
  static List<Setting> of(ContainerdVersion version, int format, SnapshotterPlugin plugin) {
    List<Setting> settings = new ArrayList<>(ofProxy(version, plugin));
    List<String> cri = cri(format);
    settings.add(
        new Value(
            cri, "snapshotter", plugin.name(), "the CRI unpacks images with another snapshotter"));
    settings.add(
        new Value(
            cri,
            "disable_snapshot_annotations",
            false,
            "the CRI does not say which image a layer is of, so that all is downloaded"));
    if (version.isAtLeast(2, 1) && format > 2) {
      settings.add(
          new Value(
              cri,
              "use_local_image_pull",
              true,
              "the transfer service pulls for the CRI, and takes no login of the registry's"
                  + " configuration"));
    }
    if (version.isAtLeast(2, 1)) {
      List<String> unpack = List.of(PLUGINS, TRANSFER, "unpack_config");
      settings.add(unpack(unpack, plugin.name(), "ctr image pull --snapshotter does not unpack"));
      settings.add(
          unpack(unpack, "overlayfs", "a list of one's own replaces containerd's, which has it"));
    }
    return settings;
  }

  /** Returns the table of the CRI's image settings. */
  static List<String> cri(int format) {
    return format > 2
        ? List.of(PLUGINS, "io.containerd.cri.v1.images")
        : List.of(PLUGINS, "io.containerd.grpc.v1.cri", "containerd");
  }

  private static List<Setting> ofProxy(ContainerdVersion version, SnapshotterPlugin plugin) {
    List<String> proxy = List.of(PROXY_PLUGINS, plugin.name());
    List<String> exports = List.of(PROXY_PLUGINS, plugin.name(), "exports");
    List<Setting> settings = new ArrayList<>();
    settings.add(new Value(proxy, "type", "snapshot", "containerd has no such snapshotter"));
    settings.add(
        new Value(
            proxy, "address", plugin.address().toString(), "containerd asks at another socket"));
    if (version.isAtLeast(2, 0)) {
      settings.add(
          new Value(
              proxy,
              "capabilities",
              CAPABILITIES,
              "containerd changes the owner of every file for pods with user namespaces"));
    }
    settings.add(
        new Value(
            exports,
            "root",
            plugin.root().toString(),
            "the kubelet looks for the images' disk elsewhere, and collects no garbage"));
    if (version.isAtLeast(2, 1)) {
      settings.add(
          new Value(
              exports,
              "enable_remote_snapshot_annotations",
              "true",
              "the transfer service does not say which image a layer is of"));
    }
    return settings;
  }

  private static Entry unpack(List<String> table, String snapshotter, String reason) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("platform", PLATFORM);
    values.put("snapshotter", snapshotter);
    values.put("differ", "walking");
    return new Entry(table, values, "snapshotter", reason);
  }
}
