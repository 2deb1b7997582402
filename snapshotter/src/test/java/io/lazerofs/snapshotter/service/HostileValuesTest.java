package io.lazerofs.snapshotter.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.lazerofs.snapshotter.proto.Kind;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and labels that nobody means well with: they are taken as they are, or refused. */
class HostileValuesTest extends SocketContract {
  static List<String> texts() {
    return List.of(
        "/",
        "/etc/passwd",
        "../../../../etc/passwd",
        "..",
        "a/../../b",
        "1",
        "old-1",
        "-rf",
        "a:b,c=d\\e",
        "'; DROP TABLE snapshots; --",
        "%s%n$(id)",
        "line\nERROR another\r\u001b[2J",
        "nul\0nul",
        "é牛\uD83D\uDC04\u202e",
        "x".repeat(10 << 10),
        "牛".repeat(10 << 10));
  }

  @AfterEach
  void nothingIsOutsideOfTheRoot() throws IOException {
    assertThat(directory.toFile().list()).containsExactlyInAnyOrder("root", "run");
    assertThat(directory.resolve("root").toFile().list())
        .allMatch(name -> name.equals("s") || name.startsWith("snapshots.db"));
    assertThat(directory.resolve("root/s").toFile().list())
        .allMatch(name -> name.matches("[0-9]+"));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void everyTextIsAKeyAndAName(String text) {
    prepare(text, "");
    assertThat(stat(text).getName()).isEqualTo(text);
    assertThat(mounts(text).getFirst().getSource()).isEqualTo(files(1, "fs").toString());
    commit(text, "base");
    prepare("key", "base");
    commit("key", text);
    assertThat(names(list())).containsExactly("base", text);
    assertThat(stat(text).getKind()).isEqualTo(Kind.COMMITTED);
    view("look", text);
    assertFails(Status.Code.FAILED_PRECONDITION, () -> remove(text));
    remove("look");
    remove(text);
  }

  @ParameterizedTest
  @MethodSource("texts")
  void everyTextIsAnswered(String text) {
    assertFails(Status.Code.NOT_FOUND, () -> stat(text));
    assertFails(Status.Code.NOT_FOUND, () -> remove(text));
    assertFails(Status.Code.NOT_FOUND, () -> mounts(text));
    assertFails(Status.Code.NOT_FOUND, () -> usage(text));
    assertFails(Status.Code.NOT_FOUND, () -> prepare("key", text));
    assertFails(Status.Code.NOT_FOUND, () -> update(text, Map.of("a", "b")));
    assertFails(Status.Code.INVALID_ARGUMENT, () -> list("name=" + text));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void everyTextOfALabelsLengthIsALabel(String text) {
    prepare("key", "");
    if (text.length() > 4000) {
      assertFails(Status.Code.INVALID_ARGUMENT, () -> update("key", Map.of(text, "x")));
      assertFails(Status.Code.INVALID_ARGUMENT, () -> update("key", Map.of("x", text)));
    } else {
      assertThat(update("key", Map.of(text, text)).getLabelsMap()).isEqualTo(Map.of(text, text));
      assertThat(update("key", Map.of(text, "y"), "labels." + text).getLabelsMap())
          .isEqualTo(Map.of(text, "y"));
    }
  }

  @ParameterizedTest
  @MethodSource("texts")
  void labelsThatMeanSomethingMeanNothingOutside(String text) {
    for (String label :
        List.of(
            "containerd.io/snapshot.ref",
            "containerd.io/snapshot/cri.layer-digest",
            "containerd.io/snapshot/cri.image-ref",
            "containerd.io/snapshot/cri.manifest-digest",
            "containerd.io/snapshot/overlay.upperdir")) {
      Map<String, String> labels = new HashMap<>(Map.of("containerd.io/snapshot.ref", "chain"));
      labels.put(label, text);
      if (text.length() > 4000) {
        assertFails(Status.Code.INVALID_ARGUMENT, () -> prepare("key", "", labels));
      } else {
        assertThat(prepare("key", "", labels).getFirst().getSource())
            .startsWith(directory.resolve("root/s") + "/");
        remove("key");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("texts")
  void aMappingOfIdsIsNoWayIntoTheOptionsOfAMount(String text) {
    commitNew("base", "");
    for (String label :
        List.of("containerd.io/snapshot/uidmapping", "containerd.io/snapshot/gidmapping")) {
      assertFails(Status.Code.INVALID_ARGUMENT, () -> prepare("key", "base", Map.of(label, text)));
      assertFails(Status.Code.INVALID_ARGUMENT, () -> view("key", "base", Map.of(label, text)));
    }
    assertThat(names(list())).containsExactly("base");
  }

  @Test
  void whatIsTooLongIsRefusedAndLeavesNothing() {
    String key = "x".repeat(40 << 10);
    String mebibyte = "x".repeat(1 << 20);
    prepare("key", "");

    assertFails(Status.Code.INVALID_ARGUMENT, () -> prepare(key, ""));
    assertFails(Status.Code.INVALID_ARGUMENT, () -> view(key, ""));
    assertFails(Status.Code.INVALID_ARGUMENT, () -> commit("key", key));
    assertFails(Status.Code.INVALID_ARGUMENT, () -> commit("key", "a", "", Map.of("a", mebibyte)));
    assertFails(Status.Code.INVALID_ARGUMENT, () -> prepare("b", "", Map.of("a", mebibyte)));
    assertFails(Status.Code.INVALID_ARGUMENT, () -> prepare("b", "", Map.of(mebibyte, "")));
    assertThat(names(list())).containsExactly("key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"labels.", "labels..", "", ".", "labels/a", "Labels", "labels\0"})
  void aMaskOfNoLabelIsRefused(String path) {
    prepare("key", "", Map.of("a", "1"));
    if (path.equals("labels..")) {
      assertThat(update("key", Map.of(".", "2"), path).getLabelsMap())
          .isEqualTo(Map.of("a", "1", ".", "2"));
    } else {
      assertFails(
          Status.Code.INVALID_ARGUMENT, () -> update("key", Map.of("", "2", "b", "3"), path));
    }
  }
}
