package io.lazerofs.snapshotter.pull;

import com.google.protobuf.FieldMask;
import io.grpc.Status;
import io.grpc.StatusException;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.ImageConfig;
import io.lazerofs.fetcher.registry.ImageLocation;
import io.lazerofs.fetcher.registry.Index;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.fetcher.registry.Platform;
import io.lazerofs.snapshotter.progress.Progress;
import io.lazerofs.snapshotter.proto.images.CreateImageRequest;
import io.lazerofs.snapshotter.proto.images.Image;
import io.lazerofs.snapshotter.proto.images.ImagesGrpc;
import io.lazerofs.snapshotter.proto.images.UpdateImageRequest;
import io.lazerofs.source.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Pulls images from a registry into containerd, layers lazily where its snapshotter can. */
public final class Puller {
  private final ContainerdClient client;
  private final String snapshotter;
  private final Progress progress;
  private final InstantSource clock;
  private final RandomGenerator random;

  /**
   * @param snapshotter the name that containerd's configuration gives the snapshotter
   * @param random for names that no other client uses
   */
  public Puller(
      ContainerdClient client,
      String snapshotter,
      Progress progress,
      InstantSource clock,
      RandomGenerator random) {
    this.client = client;
    this.snapshotter = snapshotter;
    this.progress = progress;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Pulls an image, and returns the digest of the manifest or index that its name now stands for.
   *
   * @param source the image in a registry; containerd will list it by its full name
   * @param platform which image of an index to pull
   * @throws IOException when the registry or containerd fails; what was made is left to
   *     containerd's garbage collector
   */
  public Digest pull(ImageLocation source, Platform platform) throws IOException {
    Labels labels = Labels.of(source);
    Document top = source.resolve();
    try (Lease lease = Lease.take(client, uniqueName("lazerofs-"), clock.instant())) {
      ContentStore content = new ContentStore(client, lease);
      Document manifestDocument = top;
      if (top.isIndex()) {
        Index index = Index.parse(top);
        put(content, top, labels.ofIndex(index));
        manifestDocument = choose(source, index, platform);
      }
      Manifest manifest = Manifest.parse(manifestDocument);
      byte[] configBytes = source.store().readBlob(manifest.config());
      ImageConfig config = ImageConfig.parse(configBytes);
      checkDiffIds(source, manifest, config);
      List<Digest> chainIds = ChainId.of(config.diffIds());
      put(content, manifestDocument, labels.ofManifest(manifest));
      content.put(
          manifest.config().digest(),
          configBytes.length,
          new ByteArrayInputStream(configBytes),
          labels.ofConfig(snapshotter, chainIds),
          written -> {});
      LayerPull layers =
          new LayerPull(
              source,
              content,
              new SnapshotsClient(client, lease, snapshotter),
              new Differ(client, lease),
              labels,
              progress);
      for (int i = 0; i < chainIds.size(); i++) {
        layers.pull(
            manifestDocument.digest(), manifest, config, chainIds, i, uniqueName("extract-"));
      }
      name(source.toString(), top, lease);
    }
    return top.digest();
  }

  private static Document choose(ImageLocation source, Index index, Platform platform)
      throws IOException {
    var chosen =
        index
            .choose(platform)
            .orElseThrow(() ->
                new IOException(source + ": holds no image for " + platform + "; try --platform"));
    return source.store().resolve(chosen.digest().toString());
  }

  private static void checkDiffIds(ImageLocation source, Manifest manifest, ImageConfig config)
      throws IOException {
    if (config.diffIds().size() != manifest.layers().size()) {
      throw new IOException(
          "%s: the manifest has %d layers, and the configuration diff ids of %d"
              .formatted(source, manifest.layers().size(), config.diffIds().size()));
    }
  }

  private static void put(ContentStore content, Document document, Map<String, String> labels)
      throws IOException {
    byte[] bytes = document.bytes();
    content.put(
        document.digest(), bytes.length, new ByteArrayInputStream(bytes), labels, written -> {});
  }

  private void name(String name, Document target, Lease lease) throws IOException {
    Image image =
        Image.newBuilder()
            .setName(name)
            .setTarget(
                io.lazerofs.snapshotter.proto.Descriptor.newBuilder()
                    .setMediaType(target.mediaType())
                    .setDigest(target.digest().toString())
                    .setSize(target.descriptor().size()))
            .build();
    var images = ImagesGrpc.newBlockingV2Stub(lease.channel());
    try {
      images.create(CreateImageRequest.newBuilder().setImage(image).build());
    } catch (StatusException e) {
      if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
        throw client.failure("creating the image " + name, e);
      }
      rename(image, images);
    }
  }

  private void rename(Image image, ImagesGrpc.ImagesBlockingV2Stub images) throws IOException {
    try {
      images.update(
          UpdateImageRequest.newBuilder()
              .setImage(image)
              .setUpdateMask(FieldMask.newBuilder().addPaths("target"))
              .build());
    } catch (StatusException e) {
      throw client.failure("updating the image " + image.getName(), e);
    }
  }

  @SuppressWarnings("JavaInstantGetSecondsGetNano") // a part of a name, as containerd makes them
  private String uniqueName(String prefix) {
    return prefix + clock.instant().getNano() + "-" + Long.toString(random.nextLong() >>> 1, 36);
  }
}
