package io.lazerofs.snapshotter.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotFilterTest {
  private static final Snapshot SNAPSHOT =
      new Snapshot(
          1,
          "default/1/sha256:abc",
          Optional.of("base"),
          Kind.ACTIVE,
          Map.of("containerd.io/snapshot.ref", "sha256:abc", "plain", "a, \"b\""),
          Instant.EPOCH,
          Instant.EPOCH,
          Optional.empty());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "name",
        "kind==active",
        "kind == active , parent==base",
        "kind!=view",
        "name~=sha256",
        "name~=/^default\\/[0-9]+\\/sha/",
        "name~=|^default/\\d+|",
        "parent==\"base\"",
        "labels.plain",
        "labels.\"containerd.io/snapshot.ref\"==sha256:abc,parent==\"base\"",
        "labels.plain==\"a, \\\"b\\\"\"",
        "labels.plain==\"\\x61, \\u0022b\\u0022\"",
        "labels.missing!=x",
        "unknown!=x"
      })
  void matches(String filter) throws InvalidArgument {
    assertThat(SnapshotFilter.parse(List.of(filter))).accepts(SNAPSHOT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind==view",
        "kind==ACTIVE",
        "kind==active,name==other",
        "labels.missing",
        "labels.missing==x",
        "labels.missing==\"\"",
        "unknown",
        "parent==\"\"",
        "name~=^sha256"
      })
  void doesNotMatch(String filter) throws InvalidArgument {
    assertThat(SnapshotFilter.parse(List.of(filter))).rejects(SNAPSHOT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "=",
        "name=",
        "name=x",
        "name==x,",
        "name==",
        ",name==x",
        "name==x y",
        "name==\"x",
        "name==\"\\q\"",
        "name==\"\\x6\"",
        "name==\"\\xzz\"",
        "name~=[",
        "na me==x",
        "labels.==x",
        "labels.",
        "labels.a/b==x",
        "name==/default/",
        "name==|default|",
        "name===x",
        "name~==x",
        "name==!x",
        "name>x",
        "labels.|a|==x",
        "name~=,kind==active"
      })
  void isRefused(String filter) {
    assertThatThrownBy(() -> SnapshotFilter.parse(List.of(filter)))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining(filter);
  }

  @Test
  void oneOfSeveralFiltersIsEnough() throws InvalidArgument {
    assertThat(SnapshotFilter.parse(List.of("kind==view", "kind==active"))).accepts(SNAPSHOT);
    assertThat(SnapshotFilter.parse(List.of("kind==view", "name==x"))).rejects(SNAPSHOT);
    assertThat(SnapshotFilter.parse(List.of())).accepts(SNAPSHOT);
  }
}
