package io.lazerofs.snapshotter.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.snapshotter.store.LayerRecord.Owner;
import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdMappingTest {
  @Test
  void withoutLabelsNothingIsMapped() throws InvalidArgument {
    assertThat(IdMapping.of(Map.of("other", "1"))).isEmpty();
  }

  @Test
  void theRootIsWhereThatOfTheContainerIs() throws InvalidArgument {
    IdMapping mapping = IdMapping.of(labels("5:10:5,0:100000:5", "0:200000:65536")).orElseThrow();

    assertThat(mapping.root()).isEqualTo(new Owner(100_000, 200_000));
    assertThat(mapping.options())
        .containsExactly("uidmap=5:10:5,0:100000:5", "gidmap=0:200000:65536");
  }

  @Test
  void idsOf32BitsAreTaken() throws InvalidArgument {
    assertThat(IdMapping.of(labels("0:4294967294:1", "0:0:4294967295")).orElseThrow().root())
        .isEqualTo(new Owner((int) 4294967294L, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0:1",
        "0:1:",
        "0:1:0",
        "0:1:2:3",
        "0:1:1,",
        "-1:0:1",
        "0:-1:1",
        "0:4294967295:1",
        "0:1:4294967295",
        "4294967295:0:1",
        "0:99999999999:1",
        "1:1:5",
        "0:1:1 ",
        "0:1:1\n",
        "0:1000:10,upperdir=/etc",
        "a:b:c"
      })
  void isRefused(String mapping) {
    assertThatThrownBy(() -> IdMapping.of(labels(mapping, "0:0:1")))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining("uidmapping");
    assertThatThrownBy(() -> IdMapping.of(labels("0:0:1", mapping)))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining("gidmapping");
  }

  private static Map<String, String> labels(String users, String groups) {
    return Map.of(Labels.UID_MAPPING, users, Labels.GID_MAPPING, groups);
  }
}
