package io.lazerofs.snapshotter.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LabelsTest {
  private static final String LAYERS = "containerd.io/snapshot/cri.image-layers";

  private final HttpTransport transport = HttpTransport.create(HttpSettings.defaults());
  private final Registries registries =
      new Registries(transport, Credentials.none(), InstantSource.system());

  @AfterEach
  void close() {
    transport.close();
  }

  @Test
  void contentIsLabelledWithTheRepositoryThatItComesFrom() throws IOException {
    Labels labels = Labels.of(registries.open("localhost:5000/team/app:1"));

    assertThat(labels.ofLayer(digest(0)))
        .containsEntry("containerd.io/distribution.source.localhost:5000", "team/app")
        .containsEntry("containerd.io/uncompressed", digest(0).toString());
  }

  @Test
  void aConfigurationKeepsTheSnapshotOfAllLayers() throws IOException {
    Labels labels = Labels.of(registries.open("localhost:5000/app@" + digest(9)));

    assertThat(labels.ofConfig("lazerofs", List.of(digest(1), digest(2))))
        .containsEntry("containerd.io/gc.ref.snapshot.lazerofs", digest(2).toString())
        .containsEntry("containerd.io/distribution.source.localhost:5000", "app");
    assertThat(labels.ofConfig("lazerofs", List.of())).hasSize(1);
  }

  @Test
  void anImageOutsideOfRegistriesIsRefused() throws IOException {
    var layout = registries.open("oci:/srv/images:app");

    assertThatThrownBy(() -> Labels.of(layout)).hasMessageContaining("not in a registry");
  }

  @Test
  void aSnapshotIsToldItsChainIdAndWhereItsLayerIs() {
    List<Descriptor> layers = layers(2);

    assertThat(Labels.ofSnapshot("localhost:5000/app:1", digest(7), layers, 1, digest(8)))
        .containsEntry("containerd.io/snapshot.ref", digest(8).toString())
        .containsEntry("containerd.io/snapshot/cri.image-ref", "localhost:5000/app:1")
        .containsEntry("containerd.io/snapshot/cri.manifest-digest", digest(7).toString())
        .containsEntry("containerd.io/snapshot/cri.layer-digest", digest(1).toString())
        .containsEntry(LAYERS, digest(1).toString());
  }

  @Test
  void onlyAnnotationsForSnapshottersAreHandedOn() {
    Descriptor layer =
        layers(1)
            .getFirst()
            .withAnnotation("containerd.io/snapshot/lazerofs.x", "1")
            .withAnnotation("org.example.note", "2");

    assertThat(Labels.ofSnapshot("r/a:1", digest(7), List.of(layer), 0, digest(8)))
        .containsEntry("containerd.io/snapshot/lazerofs.x", "1")
        .doesNotContainKey("org.example.note");
  }

  @Test
  void theListOfLayersEndsWhereContainerdWouldRefuseTheLabel() {
    var labels = Labels.ofSnapshot("r/a:1", digest(7), layers(127), 0, digest(8));

    String value = labels.getOrDefault(LAYERS, "");
    assertThat(LAYERS.length() + value.length()).isBetween(Labels.MAX_BYTES - 72, Labels.MAX_BYTES);
    assertThat(value).startsWith(digest(0) + "," + digest(1)).doesNotEndWith(",");
  }

  private static List<Descriptor> layers(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Descriptor.of("application/vnd.erofs.layer.v1", digest(i), 4096))
        .toList();
  }

  private static Digest digest(int number) {
    return Digest.of(Integer.toString(number).getBytes(StandardCharsets.US_ASCII));
  }
}
