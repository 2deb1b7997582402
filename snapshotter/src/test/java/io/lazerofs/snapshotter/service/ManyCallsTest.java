package io.lazerofs.snapshotter.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lazerofs.snapshotter.RamDirectory;
import io.lazerofs.snapshotter.mount.FakeLayers;
import io.lazerofs.snapshotter.mount.LayerSource.Answer;
import io.lazerofs.snapshotter.mount.TestSnapshotter;
import io.lazerofs.snapshotter.mount.TinyImage;
import io.lazerofs.snapshotter.proto.CleanupRequest;
import io.lazerofs.snapshotter.proto.CommitSnapshotRequest;
import io.lazerofs.snapshotter.proto.Info;
import io.lazerofs.snapshotter.proto.ListSnapshotsRequest;
import io.lazerofs.snapshotter.proto.MountsRequest;
import io.lazerofs.snapshotter.proto.PrepareSnapshotRequest;
import io.lazerofs.snapshotter.proto.RemoveSnapshotRequest;
import io.lazerofs.snapshotter.proto.SnapshotsGrpc;
import io.lazerofs.snapshotter.proto.SnapshotsGrpc.SnapshotsBlockingStub;
import io.lazerofs.snapshotter.proto.StatSnapshotRequest;
import io.lazerofs.snapshotter.proto.UpdateSnapshotRequest;
import io.lazerofs.snapshotter.proto.UsageRequest;
import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hundred pulls, runs and removes at once over a real socket, of images that share layers. */
class ManyCallsTest {
  private static final int IMAGES = 100;
  private static final int BLOBS = 5;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Digest SLOW = digest("slow");

  @TempDir(factory = RamDirectory.class)
  private Path directory;

  private final FakeLayers source = new FakeLayers();
  private TestSnapshotter parts;
  private SocketServer server;
  private TestSocket socket;
  private SnapshotsBlockingStub snapshots;

  @BeforeEach
  void serve() throws IOException {
    for (int i = 0; i < BLOBS; i++) {
      source.put(digest("blob " + i), TinyImage::answer);
    }
    parts = new TestSnapshotter(directory.resolve("root"), source);
    Path path = directory.resolve("run/test.sock");
    server = SocketServer.start(path, List.of(new SnapshotsService(() -> parts.snapshotter)));
    socket = new TestSocket(path);
    snapshots = SnapshotsGrpc.newBlockingStub(socket.channel());
  }

  @AfterEach
  void stop() throws IOException {
    socket.close();
    server.close();
    parts.close();
  }

  @Test
  void allSucceedAtTheFirstTryAndLeaveNothing() throws Exception {
    pull("base-0", "", digest("blob 0"));
    pull("base-1", "base-0", digest("blob 1"));

    WithinTime.run(LIMIT, images());

    assertThat(snapshots.stat(stat("base-1")).getInfo().getLabelsMap())
        .as("each image's update of one snapshot")
        .hasSize(IMAGES + labels("base-1", digest("blob 1")).size());
    assertThat(parts.snapshotter.list(any -> true)).hasSize(2);
    remove("base-1");
    remove("base-0");
    assertThat(parts.table.layers()).isEmpty();
    assertThat(parts.setAside.lines()).isEmpty();
    assertThat(directory.resolve("root/s")).isEmptyDirectory();
  }

  @Test
  void aRegistryThatDoesNotAnswerHoldsUpNobodyElse() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    source.put(SLOW, () -> answerAfter(asked, answer));
    Thread slow = Thread.ofVirtual().start(() -> pull("slow", "", SLOW));
    assertThat(asked.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    pull("base-0", "", digest("blob 0"));
    pull("base-1", "base-0", digest("blob 1"));

    WithinTime.run(LIMIT, images());

    assertThat(slow.isAlive()).isTrue();
    answer.countDown();
    assertThat(slow.join(LIMIT)).isTrue();
    assertThat(snapshots.stat(stat("slow")).getInfo().getName()).isEqualTo("slow");
  }

  private static Answer answerAfter(CountDownLatch asked, CountDownLatch answer)
      throws IOException {
    asked.countDown();
    try {
      answer.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return TinyImage.answer();
  }

  private List<Callable<Void>> images() {
    CountDownLatch start = new CountDownLatch(IMAGES);
    List<Callable<Void>> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      int number = i;
      images.add(() -> {
        start.countDown();
        start.await();
        pullRunAndRemove(number);
        return null;
      });
    }
    return images;
  }

  /** The life of an image of four layers: two that all have, and two whose blobs some have. */
  private void pullRunAndRemove(int number) {
    String third = "third-" + number;
    String top = "top-" + number;
    String container = "container-" + number;
    String built = "built-" + number;
    pull("base-0", "", digest("blob 0"));
    pull("base-1", "base-0", digest("blob 1"));
    pull(third, "base-1", digest("blob " + number % BLOBS));
    pull(top, third, digest("blob " + number * 3 % BLOBS));
    label("base-1", "image-" + number);
    var prepare = PrepareSnapshotRequest.newBuilder().setKey(container).setParent(top).build();
    assertThat(snapshots.prepare(prepare).getMountsList()).hasSize(1);
    var mounts = MountsRequest.newBuilder().setKey(container).build();
    assertThat(snapshots.mounts(mounts).getMounts(0).getType()).isEqualTo("overlay");
    assertThat(snapshots.usage(UsageRequest.newBuilder().setKey(top).build()).getSize())
        .isPositive();
    var listed = snapshots.list(ListSnapshotsRequest.getDefaultInstance());
    assertThat(listed.next().getInfoList()).extracting(Info::getName).contains("base-0");
    var commit = CommitSnapshotRequest.newBuilder().setKey(container).setName(built).build();
    var _ = snapshots.commit(commit);
    remove(built);
    remove(top);
    remove(third);
    var _ = snapshots.cleanup(CleanupRequest.getDefaultInstance());
  }

  /** Prepares a remote layer; that it exists is what a snapshotter says that has it. */
  private void pull(String target, String parent, Digest blob) {
    var request =
        PrepareSnapshotRequest.newBuilder()
            .setKey("extract " + target + " " + Thread.currentThread().threadId())
            .setParent(parent)
            .putAllLabels(labels(target, blob))
            .build();
    try {
      throw new AssertionError("not lazily: " + snapshots.prepare(request));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
        throw e;
      }
    }
  }

  private void label(String name, String label) {
    var info = Info.newBuilder().setName(name).putLabels(label, "pulled");
    var mask = FieldMask.newBuilder().addPaths("labels." + label);
    var _ =
        snapshots.update(
            UpdateSnapshotRequest.newBuilder().setInfo(info).setUpdateMask(mask).build());
  }

  private void remove(String key) {
    var _ = snapshots.remove(RemoveSnapshotRequest.newBuilder().setKey(key).build());
  }

  private static StatSnapshotRequest stat(String key) {
    return StatSnapshotRequest.newBuilder().setKey(key).build();
  }

  private static Map<String, String> labels(String target, Digest blob) {
    return Map.of(
        Labels.TARGET,
        target,
        Labels.LAYER_DIGEST,
        blob.toString(),
        Labels.IMAGE,
        "registry.test/image:1");
  }

  private static Digest digest(String content) {
    return Digest.of(content.getBytes(StandardCharsets.UTF_8));
  }
}
