package io.lazerofs.it.dio;

import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.it.fuzz.Original;
import io.lazerofs.it.proxy.Exchange;
import io.lazerofs.it.proxy.Line;
import io.lazerofs.it.proxy.ThrottlingProxy;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.source.Digest;
import io.lazerofs.source.MappedSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An image in a registry behind a proxy, mounted lazily, and the same image mounted by the kernel.
 * Nothing of its content is present at first.
 */
final class LazyStand implements AutoCloseable {
  private static final String REPOSITORY = "/dio:latest";

  /** Paths of requests for blobs. */
  static final Pattern BLOBS = Pattern.compile("/blobs/");

  private final Closing closing = new Closing();
  private final ThrottlingProxy proxy;
  private final Side kernel;
  private final Side lazy;
  private final CallDraw draw;
  private final long size;

  /** Bytes of the blob that a request has asked for, from the first to the last. */
  record Range(long first, long last) {}

  private LazyStand(
      Stage stage, Registry registry, Original image, Line line, LazySettings settings)
      throws IOException, InterruptedException {
    try {
      Path directory = Files.createTempDirectory(stage.dir(), image.name());
      proxy = ThrottlingProxy.start(registry.address(), line);
      closing.add(proxy::close);
      ImageFiles files = ImageFiles.write(image, directory);
      kernel = Side.mount(directory.resolve("kernel"), new KernelMounter(files));
      closing.add(kernel::close);
      Descriptor layer = push(registry, image.devices().getFirst());
      size = layer.size();
      Path cache = directory.resolve("cache");
      LazyMounter mounter = new LazyMounter(proxy.address() + REPOSITORY, layer, settings, cache);
      lazy = Side.mount(directory.resolve("lazerofs"), mounter);
      closing.add(lazy::close);
      try (MappedSource source = MappedSource.open(files.devices().getFirst())) {
        draw = new CallDraw(TestFiles.of(ErofsImage.open(source, List.of())));
      }
    } catch (IOException | RuntimeException | Error e) {
      try (closing) {
        throw e;
      }
    }
  }

  static LazyStand open(
      Stage stage, Registry registry, Original image, Line line, LazySettings settings)
      throws IOException, InterruptedException {
    return new LazyStand(stage, registry, image, line, settings);
  }

  private static Descriptor push(Registry registry, byte[] blob) throws IOException {
    Descriptor layer = Descriptor.of("application/octet-stream", Digest.of(blob), blob.length);
    try (HttpTransport transport = HttpTransport.create(HttpSettings.defaults())) {
      new Registries(transport, Credentials.none(), InstantSource.system())
          .open(registry.address() + REPOSITORY)
          .store()
          .putBlob(layer, ImageStore.Content.of(blob));
    }
    return layer;
  }

  ThrottlingProxy proxy() {
    return proxy;
  }

  CallDraw draw() {
    return draw;
  }

  /** Returns the size of the blob, bytes. */
  long size() {
    return size;
  }

  /** Returns what compares the two mounts, for one thread. */
  Comparison comparison() {
    return new Comparison(kernel.roots(), lazy.roots());
  }

  /** Returns which ranges of the blob were fetched, by ascending offset. */
  List<Range> fetched() {
    return proxy.exchanges().stream()
        .flatMap(this::range)
        .sorted(Comparator.comparingLong(Range::first))
        .toList();
  }

  private Stream<Range> range(Exchange exchange) {
    if (!exchange.method().equals("GET") || !BLOBS.matcher(exchange.path()).find()) {
      return Stream.empty();
    }
    var range = Pattern.compile("bytes=(\\d+)-(\\d+)").matcher(exchange.range().orElse(""));
    return Stream.of(
        range.matches()
            ? new Range(Long.parseLong(range.group(1)), Long.parseLong(range.group(2)))
            : new Range(0, size - 1));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    closing.close();
  }
}
