package io.lazerofs.snapshotter.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.lazerofs.snapshotter.mount.TinyImage;
import io.lazerofs.snapshotter.proto.CleanupRequest;
import io.lazerofs.snapshotter.proto.Info;
import io.lazerofs.snapshotter.proto.Kind;
import io.lazerofs.snapshotter.proto.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What containerd relies on, asked over a real socket: the cases of its own suite for snapshotters
 * (core/snapshots/testsuite) as far as they need no mount to be made.
 */
class SnapshotterContractTest extends SocketContract {
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

    assertFails(Status.Code.INVALID_ARGUMENT, () -> commit("key", "name", "other", Map.of()));
    commit("key", "name", "base", Map.of());
    assertThat(stat("name").getParent()).isEqualTo("base");
  }

  @Test
  void aRefusalNamesTheSnapshot() {
    assertThatThrownBy(() -> stat("some-key")).hasMessageContaining("some-key");
  }

  @Test
  void aCommitGivesACommittedParentOnly() {
    prepare("other", "");
    prepare("key", "");

    assertFails(Status.Code.FAILED_PRECONDITION, () -> commit("key", "name", "other", Map.of()));
    assertFails(Status.Code.FAILED_PRECONDITION, () -> commit("key", "name", "key", Map.of()));
    assertFails(Status.Code.NOT_FOUND, () -> commit("key", "name", "nothing", Map.of()));
    assertFails(Status.Code.NOT_FOUND, () -> commit("key", "name", "name", Map.of()));
    assertThat(stat("key").getKind()).isEqualTo(Kind.ACTIVE);
    assertThat(stat("key").getParent()).isEmpty();
  }

  @Test
  void layersThatWerePreparedAtOnceAreStackedByTheirCommits() {
    prepare("upper", "");
    prepare("lower", "");
    commit("lower", "1", "", Map.of());
    commit("upper", "2", "1", Map.of());

    assertThat(view("look", "2").getFirst().getOptionsList())
        .contains("lowerdir=" + files(1, "fs") + ":" + files(2, "fs"));
    assertFails(Status.Code.FAILED_PRECONDITION, () -> remove("1"));
  }

  @Test
  void aChainIsRemovedFromTheTop() {
    commitNew("base", "");
    commitNew("middle", "base");
    prepare("top", "middle");

    for (String name : List.of("base", "middle")) {
      assertFails(Status.Code.FAILED_PRECONDITION, () -> remove(name));
    }
    for (String name : List.of("top", "middle", "base")) {
      remove(name);
    }
    assertThat(list()).isEmpty();
  }

  @Test
  void aKeyThatWasRemovedServesForEveryKind() {
    commitNew("committed", "");
    prepare("reused", "committed");
    remove("reused");
    view("reused", "committed");
    remove("reused");
    prepare("reused", "");
    remove("committed");
    commit("reused", "committed");

    assertThat(stat("committed").getParent()).isEmpty();
  }

  @Test
  void aSnapshotHasAName() {
    prepare("key", "");

    assertFails(Status.Code.INVALID_ARGUMENT, () -> prepare("", ""));
    assertFails(Status.Code.INVALID_ARGUMENT, () -> view("", ""));
    assertFails(Status.Code.INVALID_ARGUMENT, () -> commit("key", ""));
    assertFails(Status.Code.NOT_FOUND, () -> stat(""));
    assertFails(Status.Code.NOT_FOUND, () -> mounts(""));
    assertFails(Status.Code.NOT_FOUND, () -> remove(""));
    assertFails(Status.Code.NOT_FOUND, () -> usage(""));
  }

  @Test
  void aRemoteLayerExistsAlreadyWhenItIsPrepared() {
    remote.put(TinyImage.digest(), TinyImage::answer);
    commitNew("base", "");

    assertFails(Status.Code.ALREADY_EXISTS, () -> prepare("key", "base", remoteLayer("chain")));

    assertFails(Status.Code.NOT_FOUND, () -> stat("key"));
    assertThat(names(list("labels.\"containerd.io/snapshot.ref\"==chain,parent==base")))
        .containsExactly("chain");
    assertThat(view("look", "chain").getFirst().getOptionsList())
        .contains("lowerdir=" + directory.resolve("root/fs/1") + ":" + files(1, "fs"));
  }

  @Test
  void aRegistryThatDoesNotAnswerLeavesNothingBehind() {
    assertFails(Status.Code.UNAVAILABLE, () -> prepare("key", "", remoteLayer("chain")));

    assertThat(list()).isEmpty();
  }

  @Test
  void aRemoteLayerIsNotCommittedWithoutTheParentThatItIsToHave() {
    remote.put(TinyImage.digest(), TinyImage::answer);
    Map<String, String> labels = new HashMap<>(remoteLayer("chain"));
    labels.put("containerd.io/snapshot/parent-chain-id", "base");

    // An ordinary snapshot, which the Commit puts on its parent.
    prepare("key", "", labels);

    assertThat(names(list())).containsExactly("key");
    commitNew("base", "");
    assertFails(Status.Code.ALREADY_EXISTS, () -> prepare("other", "base", labels));
  }

  private static Map<String, String> remoteLayer(String target) {
    return Map.of(
        "containerd.io/snapshot.ref",
        target,
        "containerd.io/snapshot/cri.layer-digest",
        TinyImage.digest().toString(),
        "containerd.io/snapshot/cri.image-ref",
        "registry.example/app:1");
  }
}
