package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.it.proxy.Exchange;
import io.lazerofs.it.proxy.Line;
import io.lazerofs.it.proxy.ThrottlingProxy;
import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.SampleImage;
import io.lazerofs.it.stage.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A container's first reads, kept beside its image and fetched ahead on the next machine. */
final class TraceIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;
  private static ThrottlingProxy proxy;
  private static String image;
  private static Machine first;
  private static Machine second;

  /** A snapshotter with an empty cache, and a containerd that has no image. */
  private record Machine(Daemon daemon, Containerd containerd) {
    static Machine start() throws IOException, InterruptedException {
      Daemon daemon = Daemon.start(stage);
      return new Machine(daemon, Containerd.start(stage, daemon.socket()));
    }

    void pull() throws IOException, InterruptedException {
      containerd.pullLazily(image).ok();
    }

    void run(String id) throws IOException, InterruptedException {
      var finished =
          containerd.run(
              "lazerofs", image, id, "python3", "-c", "import json; print(json.dumps(7))");
      assertThat(finished.ok().out()).isEqualTo("7\n");
    }

    JsonNode status() throws IOException, InterruptedException {
      return JSON.readTree(lazerofs("status", "--json"));
    }

    JsonNode trace() throws IOException, InterruptedException {
      return JSON.readTree(lazerofs("trace", image, "--json"));
    }

    String lazerofs(String... words) throws IOException, InterruptedException {
      String[] all = new String[words.length + 2];
      System.arraycopy(words, 0, all, 0, words.length);
      all[words.length] = "--address";
      all[words.length + 1] = daemon.socket().toString();
      return stage.lazerofs(all).ok().out();
    }

    void removeImage() throws IOException, InterruptedException {
      containerd.remove(image);
      await("its layers are unmounted")
          .atMost(Duration.ofMinutes(1))
          .until(() -> daemon.status().layers() == 0);
    }
  }

  @BeforeAll
  static void convertTheSampleImage() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    proxy = stage.keep(ThrottlingProxy.start(registry.address(), Line.CLEAR));
    registry.push(SampleImage.find(stage).layout(), "sample:plain");
    stage
        .convert(registry.address() + "/sample:plain", registry.address() + "/sample:erofs", "oci")
        .ok();
    image = proxy.address() + "/sample:erofs";
    first = Machine.start();
    second = Machine.start();
  }

  @Test
  void aTraceOfOneMachineSparesTheNextOneItsMisses() throws IOException, InterruptedException {
    String before = manifest();
    first.pull();
    assertThat(stage.lazerofs("trace", image, "--address", first.daemon.socket().toString()).err())
        .contains("no reads of it are on record");
    proxy.forget();
    first.run("cold");
    long misses = blobRequests();
    assertThat(misses).as("a cold start has misses").isGreaterThan(20);
    JsonNode trace = first.trace();
    assertThat(trace.required("version").intValue()).isEqualTo(1);
    assertThat(trace.required("layers")).hasSize(3);
    optimizeFirst(trace);
    first.removeImage();
    assertThat(manifest()).as("the image stays as it is").isEqualTo(before);

    long touched = 0;
    for (JsonNode range : trace.required("ranges")) {
      touched += range.required(2).longValue();
    }
    second.pull();
    settle(second);
    JsonNode ahead = second.status();
    assertThat(ahead.required("prefetched_bytes").longValue())
        .as("the trace is followed: %s", ahead)
        .isGreaterThan(touched * 8 / 10);
    proxy.forget();
    second.run("traced");
    assertThat(blobRequests()).as("of %d misses without it", misses).isLessThan(misses / 10);
    assertThat(second.status().required("bytes_fetched").longValue())
        .as("%d bytes are touched; %s", touched, ahead)
        .isLessThan(touched * 115 / 100);
    second.removeImage();
  }

  /** Stores the trace that the daemon has, and then a file, which takes its place. */
  private static void optimizeFirst(JsonNode trace) throws IOException, InterruptedException {
    var file = stage.dir().resolve("trace.json").toString();
    first.lazerofs("trace", image, "--json", "--output", file);
    assertThat(JSON.readTree(Files.readString(Path.of(file))).required("layers"))
        .isEqualTo(trace.required("layers"));
    assertThat(first.lazerofs("optimize", image)).contains("stored as sha256:");
    assertThat(first.lazerofs("optimize", image, "--trace", file)).contains("stored as sha256:");
  }

  /** Waits until nothing is fetched ahead any more. */
  private static void settle(Machine machine) throws IOException, InterruptedException {
    long[] last = {-1};
    await("nothing is under way")
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> {
          long now = machine.status().required("bytes_fetched").longValue();
          boolean same = now == last[0];
          last[0] = now;
          return same;
        });
  }

  private static String manifest() throws IOException, InterruptedException {
    return stage
        .run(
            "skopeo",
            "inspect",
            "--raw",
            "--tls-verify=false",
            "docker://" + registry.address() + "/sample:erofs")
        .ok()
        .out();
  }

  private static long blobRequests() {
    return proxy.exchanges().stream()
        .filter(exchange -> exchange.method().equals("GET"))
        .map(Exchange::path)
        .filter(path -> path.contains("/blobs/"))
        .count();
  }
}
