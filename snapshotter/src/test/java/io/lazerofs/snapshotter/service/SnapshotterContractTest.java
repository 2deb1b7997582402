package io.lazerofs.snapshotter.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lazerofs.snapshotter.mount.FakeLayers;
import io.lazerofs.snapshotter.mount.TestSnapshotter;
import io.lazerofs.snapshotter.proto.CleanupRequest;
import io.lazerofs.snapshotter.proto.CommitSnapshotRequest;
import io.lazerofs.snapshotter.proto.Info;
import io.lazerofs.snapshotter.proto.Kind;
import io.lazerofs.snapshotter.proto.ListSnapshotsRequest;
import io.lazerofs.snapshotter.proto.Mount;
import io.lazerofs.snapshotter.proto.MountsRequest;
import io.lazerofs.snapshotter.proto.PrepareSnapshotRequest;
import io.lazerofs.snapshotter.proto.RemoveSnapshotRequest;
import io.lazerofs.snapshotter.proto.SnapshotsGrpc;
import io.lazerofs.snapshotter.proto.StatSnapshotRequest;
import io.lazerofs.snapshotter.proto.UpdateSnapshotRequest;
import io.lazerofs.snapshotter.proto.UsageRequest;
import io.lazerofs.snapshotter.proto.UsageResponse;
import io.lazerofs.snapshotter.proto.ViewSnapshotRequest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What containerd relies on, asked over a real socket: the cases of its own suite for snapshotters
 * (core/snapshots/testsuite) as far as they need no mount to be made.
 */
class SnapshotterContractTest {
  @TempDir private Path directory;

  private TestSnapshotter parts;
  private SocketServer server;
  private TestSocket socket;
  private SnapshotsGrpc.SnapshotsBlockingStub snapshots;

  @BeforeEach
  void serve() throws IOException {
    parts = new TestSnapshotter(directory.resolve("root"), new FakeLayers());
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
  void aSnapshotOfNothingIsABindMountThatCanBeWritten() {
    List<Mount> mounts = prepare("empty", "");

    assertThat(mounts).hasSize(1);
    assertThat(mounts.getFirst().getType()).isEqualTo("bind");
    assertThat(mounts.getFirst().getOptionsList()).containsExactly("rw", "rbind");
    assertThat(Path.of(mounts.getFirst().getSource())).isEmptyDirectory();
  }

  @Test
  void aSnapshotOnAParentIsAnOverlayOfIt() {
    commitNew("base", "");

    List<Mount> mounts = prepare("work", "base");

    assertThat(mounts).hasSize(1);
    assertThat(mounts.getFirst().getType()).isEqualTo("overlay");
    assertThat(mounts.getFirst().getSource()).isEqualTo("overlay");
    assertThat(mounts.getFirst().getOptionsList())
        .containsExactly(
            "index=off",
            "workdir=" + files(2, "work"),
            "upperdir=" + files(2, "fs"),
            "lowerdir=" + files(1, "fs"));
  }

  @Test
  void aDeepSnapshotNamesItsParentsFromTheTopDown() {
    commitNew("one", "");
    commitNew("two", "one");
    commitNew("three", "two");

    assertThat(view("deep", "three").getFirst().getOptionsList())
        .contains("lowerdir=" + files(3, "fs") + ":" + files(2, "fs") + ":" + files(1, "fs"))
        .noneMatch(option -> option.startsWith("upperdir"));
  }

  @Test
  void mountsSaysAgainWhatPrepareAndViewSaid() {
    commitNew("base", "");
    List<Mount> prepared = prepare("active", "base");
    List<Mount> viewed = view("view", "base");

    assertThat(mounts("active")).isEqualTo(prepared);
    assertThat(mounts("view")).isEqualTo(viewed);
  }

  @Test
  void aCommittedSnapshotIsNotMounted() {
    commitNew("base", "");

    assertFails(Status.Code.FAILED_PRECONDITION, () -> mounts("base"));
    assertFails(Status.Code.NOT_FOUND, () -> mounts("nothing"));
  }

  @Test
  void aViewOfOneLayerIsABindMountThatCannotBeWritten() {
    commitNew("base", "");

    Mount mount = view("look", "base").getFirst();

    assertThat(mount.getType()).isEqualTo("bind");
    assertThat(mount.getOptionsList()).containsExactly("ro", "rbind");
    assertThat(mount.getSource()).isEqualTo(files(1, "fs").toString());
  }

  @Test
  void statShowsAnActiveSnapshotAViewAndACommittedOne() {
    Instant before = Instant.now();
    commitNew("base", "", Map.of("containerd.io/snapshot/a", "b"));
    prepare("active", "base");
    view("view", "base");

    assertThat(stat("base").getKind()).isEqualTo(Kind.COMMITTED);
    assertThat(stat("base").getParent()).isEmpty();
    assertThat(stat("base").getLabelsMap()).isEqualTo(Map.of("containerd.io/snapshot/a", "b"));
    assertThat(stat("active").getKind()).isEqualTo(Kind.ACTIVE);
    assertThat(stat("active").getParent()).isEqualTo("base");
    assertThat(stat("view").getKind()).isEqualTo(Kind.VIEW);
    assertThat(stat("view").getParent()).isEqualTo("base");
    assertThat(time(stat("view").getCreatedAt())).isAfterOrEqualTo(before);
    assertThat(stat("view").getUpdatedAt()).isEqualTo(stat("view").getCreatedAt());
  }

  @Test
  void statOfNothingIsNotFound() {
    assertFails(Status.Code.NOT_FOUND, () -> stat("nothing"));
  }

  @Test
  void aSnapshotStandsOnACommittedOneOnly() {
    prepare("active", "");
    view("view", "");

    assertFails(Status.Code.INVALID_ARGUMENT, () -> prepare("a", "active"));
    assertFails(Status.Code.INVALID_ARGUMENT, () -> view("b", "view"));
    assertFails(Status.Code.NOT_FOUND, () -> prepare("c", "nothing"));
    assertThat(list()).extracting(Info::getName).containsExactlyInAnyOrder("active", "view");
  }

  @Test
  void aKeyInUseIsNotPreparedAgain() {
    prepare("key", "");
    commitNew("name", "");

    assertFails(Status.Code.ALREADY_EXISTS, () -> prepare("key", ""));
    assertFails(Status.Code.ALREADY_EXISTS, () -> view("key", ""));
    assertFails(Status.Code.ALREADY_EXISTS, () -> prepare("name", ""));
  }

  @Test
  void aKeyIsFreeAgainAfterItsCommit() {
    prepare("key", "");
    commit("key", "name");

    assertFails(Status.Code.NOT_FOUND, () -> stat("key"));
    prepare("key", "name");
    assertThat(stat("key").getParent()).isEqualTo("name");
  }

  @Test
  void aNameInUseIsNotCommittedAgain() {
    commitNew("name", "");
    prepare("key", "");

    assertFails(Status.Code.ALREADY_EXISTS, () -> commit("key", "name"));
    assertThat(stat("key").getKind()).isEqualTo(Kind.ACTIVE);
  }

  @Test
  void onlyAnActiveSnapshotIsCommitted() {
    commitNew("base", "");
    view("view", "base");

    assertFails(Status.Code.FAILED_PRECONDITION, () -> commit("base", "again"));
    assertFails(Status.Code.FAILED_PRECONDITION, () -> commit("view", "again"));
    assertFails(Status.Code.NOT_FOUND, () -> commit("nothing", "again"));
  }

  @Test
  void theLabelsOfTheCommitReplaceThoseOfThePrepare() {
    prepare("key", "", Map.of("old", "1"));
    commit("key", "name", "", Map.of("new", "2"));

    assertThat(stat("name").getLabelsMap()).isEqualTo(Map.of("new", "2"));
  }

  @Test
  void whatWasWrittenIsThereAfterTheCommit() throws IOException {
    Path written = Path.of(prepare("key", "").getFirst().getSource());
    Files.writeString(written.resolve("file"), "content");
    commit("key", "name");

    Path seen = Path.of(view("view", "name").getFirst().getSource());

    assertThat(seen.resolve("file")).hasContent("content");
  }

  @Test
  void theRootOfASnapshotKeepsItsModeAndTheOwnerOfItsParent() throws IOException {
    Path base = Path.of(prepare("key", "").getFirst().getSource());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(base)))
        .isEqualTo("rwxr-xr-x");
    Object owner = Files.getAttribute(base, "unix:uid");
    commit("key", "name");
    prepare("child", "name");

    assertThat(Files.getAttribute(files(2, "fs"), "unix:uid")).isEqualTo(owner);
  }

  @Test
  void aSnapshotWithChildrenIsNotRemoved() {
    commitNew("base", "");
    prepare("child", "base");

    assertFails(Status.Code.FAILED_PRECONDITION, () -> remove("base"));
    remove("child");
    remove("base");
    assertFails(Status.Code.NOT_FOUND, () -> remove("base"));
    assertThat(list()).isEmpty();
  }

  @Test
  void theParentOfACommittedSnapshotIsNotRemoved() {
    commitNew("base", "");
    commitNew("child", "base");

    assertFails(Status.Code.FAILED_PRECONDITION, () -> remove("base"));
  }

  @Test
  void aRemovedSnapshotTakesItsFilesWithIt() throws IOException {
    Path source = Path.of(prepare("key", "").getFirst().getSource());
    Files.createDirectories(source.resolve("a/b"));
    Files.writeString(source.resolve("a/b/c"), "x");
    Files.createSymbolicLink(source.resolve("link"), directory);
    remove("key");

    assertThat(directory.resolve("root/s")).isEmptyDirectory();
    assertThat(directory).exists();
  }

  @Test
  void aRemovedKeyAndNameCanBeUsedAgain() {
    commitNew("base", "");
    prepare("key", "base");
    remove("key");
    prepare("key", "base");
    remove("key");
    remove("base");
    commitNew("base", "");

    assertThat(stat("base").getKind()).isEqualTo(Kind.COMMITTED);
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
  void cleanupSucceedsWhenThereIsNothingToDo() {
    prepare("key", "");

    assertThat(snapshots.cleanup(CleanupRequest.getDefaultInstance())).isNotNull();
    assertThat(mounts("key")).isNotEmpty();
  }

  @Test
  void aCommitMayGiveAParentToASnapshotThatHasNone() {
    commitNew("base", "");
    prepare("key", "");
    commit("key", "name", "base", Map.of());

    assertThat(stat("name").getParent()).isEqualTo("base");
    assertFails(Status.Code.FAILED_PRECONDITION, () -> remove("base"));
  }

  @Test
  void aCommitDoesNotChangeTheParentThatASnapshotHas() {
    commitNew("base", "");
    commitNew("other", "");
    prepare("key", "base");

    assertFails(Status.Code.FAILED_PRECONDITION, () -> commit("key", "name", "other", Map.of()));
    commit("key", "name", "base", Map.of());
    assertThat(stat("name").getParent()).isEqualTo("base");
  }

  @Test
  void aRefusalNamesTheSnapshot() {
    assertThatThrownBy(() -> stat("some-key")).hasMessageContaining("some-key");
  }

  private Path files(long id, String kind) {
    return directory.resolve("root/s").resolve(Long.toString(id)).resolve(kind);
  }

  private List<Mount> prepare(String key, String parent) {
    return prepare(key, parent, Map.of());
  }

  private List<Mount> prepare(String key, String parent, Map<String, String> labels) {
    return snapshots
        .prepare(
            PrepareSnapshotRequest.newBuilder()
                .setKey(key)
                .setParent(parent)
                .putAllLabels(labels)
                .build())
        .getMountsList();
  }

  private List<Mount> view(String key, String parent) {
    return view(key, parent, Map.of());
  }

  private List<Mount> view(String key, String parent, Map<String, String> labels) {
    return snapshots
        .view(
            ViewSnapshotRequest.newBuilder()
                .setKey(key)
                .setParent(parent)
                .putAllLabels(labels)
                .build())
        .getMountsList();
  }

  private List<Mount> mounts(String key) {
    return snapshots.mounts(MountsRequest.newBuilder().setKey(key).build()).getMountsList();
  }

  private void commit(String key, String name) {
    commit(key, name, "", Map.of());
  }

  private void commit(String key, String name, String parent, Map<String, String> labels) {
    snapshots.commit(
        CommitSnapshotRequest.newBuilder()
            .setKey(key)
            .setName(name)
            .setParent(parent)
            .putAllLabels(labels)
            .build());
  }

  private void commitNew(String name, String parent) {
    commitNew(name, parent, Map.of());
  }

  private void commitNew(String name, String parent, Map<String, String> labels) {
    prepare("preparing " + name, parent);
    commit("preparing " + name, name, "", labels);
  }

  private void remove(String key) {
    snapshots.remove(RemoveSnapshotRequest.newBuilder().setKey(key).build());
  }

  private Info stat(String key) {
    return snapshots.stat(StatSnapshotRequest.newBuilder().setKey(key).build()).getInfo();
  }

  private Info update(String key, Map<String, String> labels, String... paths) {
    return snapshots
        .update(
            UpdateSnapshotRequest.newBuilder()
                .setInfo(Info.newBuilder().setName(key).putAllLabels(labels))
                .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(paths)))
                .build())
        .getInfo();
  }

  private List<Info> list(String... filters) {
    List<Info> all = new ArrayList<>();
    snapshots
        .list(ListSnapshotsRequest.newBuilder().addAllFilters(List.of(filters)).build())
        .forEachRemaining(message -> all.addAll(message.getInfoList()));
    return all;
  }

  private UsageResponse usage(String key) {
    return snapshots.usage(UsageRequest.newBuilder().setKey(key).build());
  }

  private static List<String> names(Collection<Info> infos) {
    return infos.stream().map(Info::getName).toList();
  }

  private static Instant time(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }

  private static void assertFails(Status.Code code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }
}
