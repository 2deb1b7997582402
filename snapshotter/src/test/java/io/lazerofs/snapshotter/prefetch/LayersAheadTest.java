package io.lazerofs.snapshotter.prefetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.Caches;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.fetcher.registry.MediaTypes;
import io.lazerofs.snapshotter.convert.VerityAnnotations;
import io.lazerofs.snapshotter.mount.FakeLayers;
import io.lazerofs.snapshotter.mount.LayerSource.Answer;
import io.lazerofs.snapshotter.mount.OpenLayer;
import io.lazerofs.snapshotter.mount.TinyImage;
import io.lazerofs.source.Digest;
import io.lazerofs.source.MappedSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LayersAheadTest {
  private static final Digest MANIFEST = Digest.of(new byte[] {1});
  private static final String HASH = "0123456789abcdef".repeat(4);

  private final FakeLayers source = new FakeLayers();
  private final List<MappedSource> opened = new CopyOnWriteArrayList<>();

  @Test
  void allLayersAreOpenedAtOnceAndClosedAgain() {
    CountDownLatch together = new CountDownLatch(3);
    List<Digest> blobs = List.of(blob(1), blob(2), blob(3));
    for (Digest blob : blobs) {
      source.put(
          blob,
          () -> {
            together.countDown();
            // Ends only when all three are being opened.
            try {
              together.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            return image();
          });
    }

    bring(() -> manifest(true, blobs));

    assertThat(source.opened).hasValue(3);
    assertOpenedAndClosed(3);
  }

  @Test
  void oneLayerThatCannotBeOpenedKeepsNoOtherFromIt() {
    source.put(blob(2), () -> image());

    bring(() -> manifest(true, List.of(blob(1), blob(2))));

    assertThat(source.opened).hasValue(2);
    assertOpenedAndClosed(1);
  }

  @Test
  void layersWithoutATreeAndTheOneOfASmallImageAreLeftToTheirPrepare() {
    bring(() -> manifest(false, List.of(blob(1), blob(2))));
    bring(() -> manifest(true, List.of(blob(1))));

    assertThat(source.opened).hasValue(0);
  }

  @Test
  void aRegistryThatFailsHurtsNobody() {
    bring(() -> {
      throw new IOException("no registry today");
    });

    assertThat(source.opened).hasValue(0);
  }

  /** A registry that gives a manifest. */
  @FunctionalInterface
  private interface Answering {
    Manifest manifest() throws IOException;
  }

  private void bring(Answering registry) {
    try (ExecutorService opening = Executors.newVirtualThreadPerTaskExecutor()) {
      new LayersAhead((image, digest) -> Optional.of(registry.manifest()), source, opening)
          .bring("host/app:1", MANIFEST);
    }
  }

  private static Digest blob(int number) {
    return Digest.of(new byte[] {(byte) number});
  }

  /** Returns a manifest whose layers are one block long, each with or without a tree behind it. */
  private static Manifest manifest(boolean trees, List<Digest> blobs) throws IOException {
    String annotations =
        trees
            ? "{\"%s\": \"%s\", \"%s\": \"4096\"}"
                .formatted(VerityAnnotations.ROOT_HASH, HASH, VerityAnnotations.HASH_OFFSET)
            : "{}";
    String layers =
        blobs.stream()
            .map(blob ->
                "{\"mediaType\": \"a/b\", \"digest\": \"%s\", \"size\": 8192, \"annotations\": %s}"
                    .formatted(blob, annotations))
            .collect(Collectors.joining(","));
    String json =
        """
        {"schemaVersion": 2, "mediaType": "%s",
         "config": {"mediaType": "c/d", "digest": "%s", "size": 2}, "layers": [%s]}
        """
            .formatted(MediaTypes.OCI_MANIFEST, MANIFEST, layers);
    return Manifest.parse(
        Document.of(MediaTypes.OCI_MANIFEST, json.getBytes(StandardCharsets.UTF_8)));
  }

  /** Returns an image whose memory goes when it is closed. */
  private Answer image() throws IOException {
    MappedSource blob = MappedSource.open(TinyImage.file());
    opened.add(blob);
    return new Answer.Image(OpenLayer.open(blob, Caches.ofServer(), blob::size, () -> true));
  }

  private void assertOpenedAndClosed(int images) {
    assertThat(opened).hasSize(images).noneMatch(blob -> blob.memory().scope().isAlive());
  }
}
