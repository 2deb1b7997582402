package io.lazerofs.fetcher.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistriesTest {
  private static final String DIGEST = "sha256:" + "0".repeat(64);

  private final HttpTransport transport = HttpTransport.create(HttpSettings.defaults());
  private final Registries registries =
      new Registries(transport, Credentials.none(), InstantSource.system());

  @AfterEach
  void close() {
    transport.close();
  }

  @ParameterizedTest
  @CsvSource({
    "debian, docker.io/library/debian:latest",
    "team/app:1, docker.io/team/app:1",
    "localhost:5000/app, localhost:5000/app:latest",
    "ghcr.io/a/b/c:x, ghcr.io/a/b/c:x",
    "ghcr.io/a:x@sha256:0000000000000000000000000000000000000000000000000000000000000000,"
        + " ghcr.io/a@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "oci:/srv/images, oci:/srv/images:latest",
    "oci:/srv/images:v1, oci:/srv/images:v1",
    "oci:/srv/a:b/images, oci:/srv/a:b/images:latest",
  })
  void namesHaveTheDefaultsOfDockersTools(String name, String full) throws Exception {
    assertThat(registries.open(name)).hasToString(full);
  }

  @Test
  void aDigestGoesBeforeATag() throws Exception {
    ImageLocation image = registries.open("localhost:5000/app:1@" + DIGEST);
    assertThat(image.reference()).isEqualTo(DIGEST);
    assertThat(image).hasToString("localhost:5000/app@" + DIGEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "UPPER", "a b", "https://x/y", "scratch", "oci:", "x@sha256:12"})
  void whatIsNoNameIsRefused(String name) {
    assertThatThrownBy(() -> registries.open(name))
        .isInstanceOf(RegistryException.InvalidName.class);
  }
}
