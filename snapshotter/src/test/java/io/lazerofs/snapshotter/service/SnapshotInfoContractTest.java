package io.lazerofs.snapshotter.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.grpc.Status;
import io.lazerofs.snapshotter.proto.Info;
import io.lazerofs.snapshotter.proto.Kind;
import io.lazerofs.snapshotter.proto.ListSnapshotsRequest;
import io.lazerofs.snapshotter.proto.UpdateSnapshotRequest;
import io.lazerofs.snapshotter.proto.UsageResponse;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is told of snapshots, over a real socket: labels, listings and usage. */
class SnapshotInfoContractTest extends SocketContract {
  @Test
  void theLabelsOfTheCommitReplaceThoseOfThePrepare() {
    prepare("key", "", Map.of("old", "1"));
    commit("key", "name", "", Map.of("new", "2"));

    assertThat(stat("name").getLabelsMap()).isEqualTo(Map.of("new", "2"));
  }

  @Test
  void updateChangesTheLabelsThatItsMaskNames() {
    commitNew("base", "", Map.of("keep", "1", "change", "1", "drop", "1"));
    Timestamp created = stat("base").getCreatedAt();

    Info info =
        update("base", Map.of("change", "2", "ignored", "2"), "labels.change", "labels.drop");

    assertThat(info.getLabelsMap()).isEqualTo(Map.of("keep", "1", "change", "2"));
    assertThat(info).isEqualTo(stat("base"));
    assertThat(info.getCreatedAt()).isEqualTo(created);
    assertThat(time(info.getUpdatedAt())).isAfter(time(created));
  }

  @Test
  void updateWithoutAMaskOrOfAllLabelsReplacesThem() {
    prepare("key", "", Map.of("old", "1"));

    assertThat(update("key", Map.of("new", "2")).getLabelsMap()).isEqualTo(Map.of("new", "2"));
    assertThat(update("key", Map.of("newer", "3"), "labels").getLabelsMap())
        .isEqualTo(Map.of("newer", "3"));
    assertThat(update("key", Map.of()).getLabelsMap()).isEmpty();
  }

  @Test
  void updateOfAnythingElseIsRefusedAndChangesNothing() {
    prepare("key", "", Map.of("a", "1"));

    for (String path : List.of("kind", "name", "parent", "created_at", "label.a")) {
      assertFails(
          Status.Code.INVALID_ARGUMENT, () -> update("key", Map.of("a", "2"), "labels.a", path));
    }
    assertThat(stat("key").getLabelsMap()).isEqualTo(Map.of("a", "1"));
    assertFails(Status.Code.NOT_FOUND, () -> update("nothing", Map.of(), "labels"));
  }

  @Test
  void listSendsAllSnapshotsOrThoseThatMatchAFilter() {
    commitNew("base", "", Map.of("colour", "red"));
    prepare("active", "base");
    view("view", "base", Map.of("colour", "blue"));

    assertThat(names(list())).containsExactly("base", "active", "view");
    assertThat(names(list("kind==active"))).containsExactly("active");
    assertThat(names(list("parent==base,labels.colour==blue"))).containsExactly("view");
    assertThat(names(list("labels.colour==red", "name==active"))).containsExactly("base", "active");
    assertThat(names(list("parent==\"\""))).containsExactly("base");
    assertFails(Status.Code.INVALID_ARGUMENT, () -> list("name=base"));
  }

  @Test
  void aLongListingComesInSeveralMessages() {
    for (int i = 0; i < 250; i++) {
      prepare("key-" + i, "");
    }

    List<Integer> messages = new ArrayList<>();
    snapshots
        .list(ListSnapshotsRequest.getDefaultInstance())
        .forEachRemaining(message -> messages.add(message.getInfoCount()));

    assertThat(messages).containsExactly(100, 100, 50);
  }

  @Test
  void usageCountsAllocatedBytesOnceForEachFile() throws IOException {
    Path source = Path.of(prepare("key", "").getFirst().getSource());
    long empty = usage("key").getSize();
    Files.write(source.resolve("full"), new byte[1 << 20]);
    Files.createLink(source.resolve("other-name"), source.resolve("full"));
    try (RandomAccessFile sparse = new RandomAccessFile(source.resolve("sparse").toFile(), "rw")) {
      sparse.setLength(1L << 30);
    }

    UsageResponse active = usage("key");
    commit("key", "name");

    assertThat(active.getSize() - empty).isBetween(1L << 20, (1L << 20) + (64 << 10));
    assertThat(active.getInodes()).isEqualTo(3);
    assertThat(usage("name")).isEqualTo(active);
    assertFails(Status.Code.NOT_FOUND, () -> usage("nothing"));
  }

  @Test
  void usageOfAViewIsNothing() {
    commitNew("base", "");
    view("view", "base");

    assertThat(usage("view")).isEqualTo(UsageResponse.getDefaultInstance());
  }

  @Test
  void filtersAreThoseOfContainerd() {
    Map<String, String> root = Map.of("containerd.io/gc.root", "walk");
    prepare("a-np", "", root);
    commitNew("p", "", root);
    prepare("a", "p", root);
    view("v", "p", root);
    commitNew("p-wl", "", Map.of("l", "1", "containerd.io/gc.root", "walk"));
    prepare("a-wl", "p-wl", Map.of("l", "2", "containerd.io/gc.root", "walk"));
    view("v-wl", "p-wl", Map.of("l", "3", "containerd.io/gc.root", "walk"));
    prepare("a-np-wl", "", Map.of("l", "2", "containerd.io/gc.root", "walk"));
    String all = "labels.\"containerd.io/gc.root\"==walk";

    assertThat(names(list(all)))
        .containsExactlyInAnyOrder("a-np", "p", "a", "v", "p-wl", "a-wl", "v-wl", "a-np-wl");
    assertThat(names(list("kind==active," + all)))
        .containsExactlyInAnyOrder("a-np", "a", "a-wl", "a-np-wl");
    assertThat(names(list("kind==view," + all))).containsExactlyInAnyOrder("v", "v-wl");
    assertThat(names(list("kind==committed," + all))).containsExactlyInAnyOrder("p", "p-wl");
    assertThat(names(list("name==p", "name==a-np-wl"))).containsExactlyInAnyOrder("p", "a-np-wl");
    assertThat(names(list("name==a-wl,labels.l"))).containsExactly("a-wl");
    assertThat(names(list("parent==p"))).containsExactlyInAnyOrder("a", "v");
    assertThat(names(list("parent!=\"\"," + all)))
        .containsExactlyInAnyOrder("a", "v", "a-wl", "v-wl");
    assertThat(names(list("labels.l")))
        .containsExactlyInAnyOrder("p-wl", "a-wl", "v-wl", "a-np-wl");
    assertThat(names(list("labels.l==2"))).containsExactlyInAnyOrder("a-wl", "a-np-wl");
    assertThat(names(list("labels.l~=/^[23]$/,kind!=view")))
        .containsExactlyInAnyOrder("a-wl", "a-np-wl");
  }

  @Test
  void snapshotsCanBeAskedForWhileTheyAreListed() {
    for (int i = 0; i < 150; i++) {
      prepare("key-" + i, "", Map.of("number", "" + i));
    }
    List<Info> asked = new ArrayList<>();
    snapshots
        .list(ListSnapshotsRequest.getDefaultInstance())
        .forEachRemaining(message ->
            message
                .getInfoList()
                .forEach(info -> {
                  assertThat(stat(info.getName())).isEqualTo(info);
                  asked.add(info);
                }));
    assertThat(asked).hasSize(150);
  }

  @Test
  void snapshotsWithManyLabelsAreListedInMessagesThatAClientTakes() {
    Map<String, String> labels = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      labels.put("label-" + i, "x".repeat(4000));
    }
    for (int i = 0; i < 8; i++) {
      prepare("key-" + i, "", labels);
    }
    assertThat(list()).hasSize(8).allMatch(info -> info.getLabelsMap().equals(labels));
  }

  @Test
  void updateLeavesWhatCannotBeChanged() {
    commitNew("base", "");
    prepare("key", "base");
    Info before = stat("key");

    Info after =
        snapshots
            .update(
                UpdateSnapshotRequest.newBuilder()
                    .setInfo(
                        before.toBuilder()
                            .setParent("other")
                            .setKind(Kind.VIEW)
                            .clearCreatedAt()
                            .putLabels("new", "1"))
                    .build())
            .getInfo();

    assertThat(after.getParent()).isEqualTo("base");
    assertThat(after.getKind()).isEqualTo(Kind.ACTIVE);
    assertThat(after.getCreatedAt()).isEqualTo(before.getCreatedAt());
    assertThat(after.getLabelsMap()).isEqualTo(Map.of("new", "1"));
  }
}
