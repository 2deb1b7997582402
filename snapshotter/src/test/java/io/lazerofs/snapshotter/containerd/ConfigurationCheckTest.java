package io.lazerofs.snapshotter.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationCheckTest {
  private static final SnapshotterPlugin PLUGIN =
      new SnapshotterPlugin("lazerofs", Path.of("/run/l.sock"), Path.of("/srv/l"));

  @TempDir private Path directory;

  private List<Finding> check(String version, String toml) throws IOException {
    Path file = Files.writeString(directory.resolve("config.toml"), toml);
    return ConfigurationCheck.of(file, ContainerdVersion.parse(version), PLUGIN);
  }

  private static String good(String version) {
    return Fragment.of(ContainerdVersion.parse(version), PLUGIN);
  }

  @ParameterizedTest
  @CsvSource({
    "1.6, type = \"snapshot\", type = \"content\", proxy_plugins.lazerofs.type is \"content\"",
    "1.6, address = \"/run/l.sock\", address = \"/x\", proxy_plugins.lazerofs.address is \"/x\"",
    "1.7, root = \"/srv/l\", #, proxy_plugins.lazerofs.exports.root is missing",
    "1.7, snapshotter = \"lazerofs\", snapshotter = \"overlayfs\", snapshotter is \"overlayfs\"",
    "1.6, disable_snapshot_annotations = false, #, disable_snapshot_annotations is missing",
    "2.0, disable_snapshot_annotations = false, disable_snapshot_annotations = true, is true",
    "2.0, capabilities = [\"remap-ids\"], #, capabilities is missing",
    "2.1, use_local_image_pull = true, use_local_image_pull = false, use_local_image_pull is false",
    "2.2, enable_remote_snapshot_annotations = \"true\", enable_remote_snapshot_annotations = true,"
        + " has to be \"true\"",
    "2.3, snapshotter = \"overlayfs\", #, has no entry with snapshotter = \"overlayfs\"",
  })
  void whatIsMissingOrWrongIsSaidWithWhatIsRight(
      String version, String right, String wrong, String said) throws IOException {
    String toml = good(version);
    assertThat(toml).contains(right);

    assertThat(check(version, toml.replaceFirst(Pattern.quote(right), wrong)))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.problem()).contains(said);
          assertThat(finding.grave()).isTrue();
        });
  }

  @Test
  void aFindingHasTheLineOfWhatIsWrongAndWhatIsMissingComesLast() throws IOException {
    List<Finding> findings =
        check(
            "1.6",
            """
            version = 2
            [plugins."io.containerd.grpc.v1.cri".containerd]
              snapshotter = "overlayfs"
              disable_snapshot_annotations = true
            """);

    assertThat(findings).extracting(Finding::line).containsExactly(3, 4, 0, 0, 0);
  }

  @Test
  void aDisabledCriIsFound() throws IOException {
    assertThat(check("1.6", "disabled_plugins = [\"cri\"]\n" + good("1.6")))
        .singleElement()
        .extracting(Finding::line, Finding::problem)
        .containsExactly(1, "disabled_plugins has \"cri\": there is no CRI for a kubelet");
  }

  @Test
  void theCapabilityThatLosesParentsIsFound() throws IOException {
    assertThat(check("2.2", good("2.2").replace("[\"remap-ids\"]", "[\"rebase\", \"remap-ids\"]")))
        .singleElement()
        .extracting(Finding::problem)
        .asString()
        .contains("\"rebase\"");
  }

  @Test
  void importsAreSaidButAreNoFault() throws IOException {
    assertThat(check("1.7", "imports = [\"/etc/containerd/conf.d/*.toml\"]\n" + good("1.7")))
        .singleElement()
        .extracting(Finding::line, Finding::grave)
        .containsExactly(1, false);
    assertThat(check("1.7", "imports = []\n" + good("1.7"))).isEmpty();
  }

  @Test
  void containerd2ReadsTheOldFormatWithTheOldNames() throws IOException {
    assertThat(
            check(
                "2.0",
                good("1.7")
                    .replace(
                        "type = \"snapshot\"",
                        "type = \"snapshot\"\n  capabilities = [\"remap-ids\"]")))
        .isEmpty();
  }

  @Test
  void aFormatThatContainerdDoesNotReadIsAllThatIsSaid() throws IOException {
    assertThat(check("1.7", good("2.0")))
        .singleElement()
        .extracting(Finding::problem)
        .isEqualTo("version is 3, and containerd 1.7 reads no later one than 2");
    assertThat(check("1.6", "[plugins.cri]\n"))
        .singleElement()
        .extracting(Finding::problem)
        .asString()
        .contains("write version = 2");
  }

  @Test
  void whatIsNoTomlIsSaidWithItsLine() throws IOException {
    assertThat(check("1.6", "version = 2\nroot = \n"))
        .singleElement()
        .extracting(Finding::line)
        .isEqualTo(2);
  }

  @Test
  void keysOfOthersAreNoBusinessOfTheCheck() throws IOException {
    assertThat(
            check(
                "1.6",
                good("1.6")
                    + "\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"x\"\n"))
        .isEmpty();
  }
}
