package io.lazerofs.snapshotter.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsAddressTest {
  @Test
  void aPortOfTheLoopbackInterfaceOrASocketIsAnAddress() throws Exception {
    assertThat(MetricsAddress.parse("127.0.0.1:9100"))
        .isEqualTo(new MetricsAddress.Loopback(InetAddress.getByName("127.0.0.1"), 9100));
    assertThat(MetricsAddress.parse("[::1]:1"))
        .isEqualTo(new MetricsAddress.Loopback(InetAddress.getByName("::1"), 1));
    assertThat(MetricsAddress.parse("unix:/run/x/../m.sock"))
        .isEqualTo(new MetricsAddress.Unix(Path.of("/run/m.sock")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0:9100",
        "192.0.2.1:9100",
        "[::]:9100",
        "registry.example:9100",
        "127.0.0.1",
        "127.0.0.1:70000",
        "127.0.0.1:-1",
        ":9100",
        "unix:relative",
        ""
      })
  void whatOthersCouldReachOrIsNoAddressIsRefused(String text) {
    assertThatThrownBy(() -> MetricsAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
