package io.lazerofs.fetcher.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryPatternTest {

  @ParameterizedTest
  @CsvSource({
    "registry.example.com, registry.example.com, app",
    "Registry.Example.COM, registry.example.com, app",
    "https://registry.example.com, registry.example.com, app",
    "http://registry.example.com/, registry.example.com, app",
    "https://registry.example.com/v1/, registry.example.com, app",
    "https://registry.example.com/v2, registry.example.com, app",
    "registry.example.com:5000, registry.example.com:5000, app",
    "*.example.com, registry.example.com, app",
    "*.*.com, registry.example.com, app",
    "reg*.example.com, registry.example.com, app",
    "registr?.example.com, registry.example.com, app",
    "r[a-e]gistry.example.com, registry.example.com, app",
    "r[^f-z]gistry.example.com, registry.example.com, app",
    "*.example.com:5000, registry.example.com:5000, app",
    "registry.example.com/team, registry.example.com, team/app",
    "https://registry.example.com/v2/team, registry.example.com, team/app",
    "*.example.com/team/app, registry.example.com, team/app",
    "[::1]:5000, '[::1]:5000', app",
    "https://index.docker.io/v1/, registry-1.docker.io, library/app",
    "docker.io, registry-1.docker.io, library/app",
    "docker.io/library, registry-1.docker.io, library/app",
  })
  void aLoginIsForWhatItsKeySays(String key, String host, String repository) {
    assertThat(RegistryPattern.of(key).matches(host, repository)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, registry.example.com, app",
    "registry.example.com, registry.example.com:5000, app",
    "registry.example.com:5000, registry.example.com, app",
    "registry.example.com:500, registry.example.com:5000, app",
    "*.example.com, example.com, app",
    "*.example.com, a.b.example.com, app",
    "*.example.com, evil-example.com, app",
    "*.example.com, registry.example.com.evil.org, app",
    "*.example.com, registry.example.com:5000, app",
    "*, registry.example.com, app",
    "registry.example.com/team, registry.example.com, other/app",
    "registry.example.com/team, registry.example.com, app",
    "r[a.example.com, registry.example.com, app",
    "'', registry.example.com, app",
    "docker.io, docker.io.evil.org, app",
    "https://index.docker.io/v1/, registry.example.com, app",
  })
  void aLoginIsForNothingElse(String key, String host, String repository) {
    assertThat(RegistryPattern.of(key).matches(host, repository)).isFalse();
  }

  @Test
  void theMoreSpecificComesFirst() {
    List<String> keys = List.of("r.io/a/b", "r.io/a", "r.io", "*.io/a/b", "*.io");
    assertThat(
            Stream.of("*.io", "r.io/a", "*.io/a/b", "r.io", "r.io/a/b")
                .map(RegistryPattern::of)
                .sorted(RegistryPattern.SPECIFIC_FIRST))
        .containsExactlyElementsOf(keys.stream().map(RegistryPattern::of).toList());
  }

  @Test
  void onlyAHostByItselfNamesAHelper() {
    assertThat(RegistryPattern.of("registry.example.com").isExactly("registry.example.com"))
        .isTrue();
    assertThat(RegistryPattern.of("docker.io").isExactly("registry-1.docker.io")).isTrue();
    assertThat(RegistryPattern.of("*.example.com").isExactly("registry.example.com")).isFalse();
    assertThat(RegistryPattern.of("registry.example.com/a").isExactly("registry.example.com"))
        .isFalse();
  }
}
