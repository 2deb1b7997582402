package io.lazerofs.it.memory;

import io.grpc.Status;
import io.grpc.StatusException;
import io.lazerofs.erofs.write.DirectoryImporter;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.snapshotter.proto.PrepareSnapshotRequest;
import io.lazerofs.snapshotter.proto.SnapshotsGrpc;
import io.lazerofs.snapshotter.rpc.SocketClient;
import io.lazerofs.source.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;

/**
 * Makes layers, each an EROFS image of one file of random bytes, and has a snapshotter open them.
 *
 * <pre>
 * ManyLayersCommand push REGISTRY COUNT BYTES     prints the digest of each
 * ManyLayersCommand prepare REGISTRY SOCKET       takes the digests from standard input
 * </pre>
 */
public final class ManyLayersCommand {
  private static final String REPOSITORY = "/layers:latest";
  private static final String LABEL = "containerd.io/snapshot/cri.";

  private ManyLayersCommand() {}

  /**
   * Makes layers, or has them opened.
   *
   * @throws IOException when the registry or the snapshotter refuses
   */
  public static void main(String[] args) throws IOException {
    if (args.length == 4 && args[0].equals("push")) {
      push(args[1], Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    } else if (args.length == 3 && args[0].equals("prepare")) {
      prepare(args[1], Path.of(args[2]));
    } else {
      System.err.println(
          "usage: ManyLayersCommand push REGISTRY COUNT BYTES | prepare REGISTRY SOCKET");
      System.exit(2);
    }
  }

  private static void push(String registry, int count, int bytes) throws IOException {
    Path directory = Files.createTempDirectory("many-layers");
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Path file = tree.resolve("file");
    Path image = directory.resolve("image");
    try (HttpTransport transport = HttpTransport.create(HttpSettings.defaults())) {
      ImageStore store =
          new Registries(transport, Credentials.none(), InstantSource.system())
              .open(registry + REPOSITORY)
              .store();
      for (int seed = 0; seed < count; seed++) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        Files.write(file, content);
        DirectoryImporter.importDirectory(tree, image, WriteOptions.defaults());
        byte[] blob = Files.readAllBytes(image);
        Files.delete(image);
        Digest digest = Digest.of(blob);
        store.putBlob(
            Descriptor.of("application/octet-stream", digest, blob.length),
            ImageStore.Content.of(blob));
        System.out.println(digest);
      }
    } finally {
      Files.deleteIfExists(image);
      Files.deleteIfExists(file);
      Files.delete(tree);
      Files.delete(directory);
    }
  }

  private static void prepare(String registry, Path socket) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (SocketClient client = SocketClient.of("snapshotter", socket)) {
      for (String digest; (digest = lines.readLine()) != null; ) {
        prepare(client, registry, digest);
      }
    }
  }

  /** Has a layer opened and committed under its digest. */
  static void prepare(SocketClient client, String registry, String digest) throws IOException {
    try {
      SnapshotsGrpc.newBlockingV2Stub(client.channel()).prepare(request(registry, digest));
      throw new IOException("the snapshotter does not load layer " + digest + " lazily");
    } catch (StatusException e) {
      // So it says that it has the layer.
      if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
        throw client.failure("preparing layer " + digest, e);
      }
    }
  }

  private static PrepareSnapshotRequest request(String registry, String digest) {
    return PrepareSnapshotRequest.newBuilder()
        .setSnapshotter("lazerofs")
        .setKey("extract " + digest)
        .putLabels("containerd.io/snapshot.ref", digest)
        .putLabels(LABEL + "image-ref", registry + REPOSITORY)
        .putLabels(LABEL + "manifest-digest", digest)
        .putLabels(LABEL + "layer-digest", digest)
        .putLabels(LABEL + "image-layers", digest)
        .build();
  }
}
