package io.lazerofs.fetcher.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PulledCredentialsTest {
  private static final Credential FIRST = new Credential("first", "one");
  private static final Credential SECOND = new Credential("second", "two");

  private final PulledCredentials credentials = new PulledCredentials(3);

  private PulledCredentials.Kept keep(String image, Credential credential) throws Exception {
    return credentials.keep(image, Optional.empty(), credential);
  }

  @Test
  void aLoginIsForItsHostAndRepositoryAlone() throws Exception {
    keep("registry.example:5000/team/app:1", FIRST);

    assertThat(credentials.candidates("registry.example:5000", "team/app")).containsExactly(FIRST);
    assertThat(credentials.candidates("registry.example:5000", "team/other")).isEmpty();
    assertThat(credentials.candidates("registry.example", "team/app")).isEmpty();
    assertThat(credentials.candidates("mirror.example", "team/app")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "alpine, '', registry-1.docker.io, library/alpine",
    "docker.io/team/app:1, https://index.docker.io/v1/, registry-1.docker.io, team/app",
    "r.example/app, r.example, r.example, app",
    "r.example/app, https://R.example/v2/, r.example, app",
    "r.example/app@sha256:0000000000000000000000000000000000000000000000000000000000000000, '',"
        + " r.example, app",
  })
  void theServerOfAPullOrElseItsImageSaysWhatALoginIsFor(
      String image, String server, String host, String repository) throws Exception {
    credentials.keep(image, Optional.of(server).filter(text -> !text.isEmpty()), FIRST);

    assertThat(credentials.candidates(host, repository)).containsExactly(FIRST);
  }

  @Test
  void aLoginForAnotherServerIsNotForTheImagesRegistry() throws Exception {
    credentials.keep("r.example/app", Optional.of("other.example"), FIRST);

    assertThat(credentials.candidates("r.example", "app")).isEmpty();
    assertThat(credentials.candidates("other.example", "app")).containsExactly(FIRST);
  }

  @Test
  void theNewestPullsLoginComesFirst() throws Exception {
    keep("r.example/app", FIRST);
    keep("r.example/app", SECOND);
    assertThat(credentials.candidates("r.example", "app")).containsExactly(SECOND, FIRST);

    keep("r.example/app", FIRST);
    assertThat(credentials.candidates("r.example", "app")).containsExactly(FIRST, SECOND);
  }

  @Test
  void aLoginThatAPullFailedWithIsForgottenUnlessItWasKnown() throws Exception {
    PulledCredentials.Kept known = keep("r.example/app", FIRST);
    PulledCredentials.Kept again = keep("r.example/app", FIRST);
    PulledCredentials.Kept wrong = keep("r.example/app", SECOND);

    again.pullFailed();
    wrong.pullFailed();
    assertThat(credentials.candidates("r.example", "app")).containsExactly(FIRST);

    known.pullFailed();
    assertThat(credentials.candidates("r.example", "app")).isEmpty();
  }

  @Test
  void whatWasPulledLongestAgoIsForgottenFirst() throws Exception {
    for (String name : new String[] {"a", "b", "c", "a", "d"}) {
      keep("r.example/" + name, FIRST);
    }

    assertThat(credentials.candidates("r.example", "a")).isNotEmpty();
    assertThat(credentials.candidates("r.example", "b")).isEmpty();
    assertThat(credentials.candidates("r.example", "d")).isNotEmpty();
  }

  @Test
  void ofOneRepositoryTheLastFourLoginsAreKept() throws Exception {
    for (int i = 0; i < 10; i++) {
      keep("r.example/app", new Credential("user" + i, "secret"));
    }

    assertThat(credentials.candidates("r.example", "app"))
        .extracting(Credential::username)
        .containsExactlyElementsOf(
            IntStream.of(9, 8, 7, 6).mapToObj(number -> "user" + number).toList());
  }

  @Test
  void anImageThatHasNoRegistryIsRefusedByName() {
    assertThatThrownBy(() -> keep("not an image", FIRST))
        .isInstanceOf(RegistryException.InvalidName.class)
        .hasMessageContaining("not an image")
        .hasMessageNotContaining(FIRST.secret());
  }
}
