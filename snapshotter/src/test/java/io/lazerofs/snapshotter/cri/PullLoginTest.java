package io.lazerofs.snapshotter.cri;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fetcher.registry.Credential;
import io.lazerofs.snapshotter.proto.cri.AuthConfig;
import io.lazerofs.snapshotter.proto.cri.ImageSpec;
import io.lazerofs.snapshotter.proto.cri.PullImageRequest;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PullLoginTest {
  private static final String IMAGE = "registry.example/team/app:1";

  private static Optional<PullLogin> login(AuthConfig.Builder auth) {
    return PullLogin.of(
        PullImageRequest.newBuilder()
            .setImage(ImageSpec.newBuilder().setImage(IMAGE))
            .setAuth(auth)
            .build()
            .toByteArray());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  @Test
  void aNameAndPasswordAreTakenBeforeAllElse() {
    assertThat(
            login(
                AuthConfig.newBuilder()
                    .setUsername("user")
                    .setPassword("pass")
                    .setIdentityToken("identity")
                    .setAuth(base64("other:word"))
                    .setRegistryToken("token")
                    .setServerAddress("https://registry.example")))
        .contains(
            new PullLogin(
                IMAGE, Optional.of("https://registry.example"), new Credential("user", "pass")));
  }

  @Test
  void anIdentityTokenIsOneForTheTokenService() {
    assertThat(login(AuthConfig.newBuilder().setIdentityToken("identity")))
        .map(PullLogin::credential)
        .contains(new Credential(Credential.IDENTITY_TOKEN, "identity"));
  }

  @Test
  void whatIsInBase64IsANameAndAPasswordThatMayHaveColons() {
    assertThat(login(AuthConfig.newBuilder().setAuth(base64("user:a:b\0\0"))))
        .map(PullLogin::credential)
        .contains(new Credential("user", "a:b"));
  }

  @Test
  void aRegistryTokenIsOneForTheRegistry() {
    assertThat(login(AuthConfig.newBuilder().setRegistryToken("token")))
        .map(PullLogin::credential)
        .contains(new Credential(Credential.REGISTRY_TOKEN, "token"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"no base64!", "bm9jb2xvbg==", "OnBhc3M="})
  void whatIsNoNameAndPasswordIsLeftToContainerd(String auth) {
    assertThat(login(AuthConfig.newBuilder().setAuth(auth))).isEmpty();
  }

  @Test
  void aTokenThatNoHeaderCanCarryIsLeftToContainerd() {
    assertThat(login(AuthConfig.newBuilder().setRegistryToken("a\r\nb"))).isEmpty();
  }

  @Test
  void aPullWithoutALoginHasNone() {
    assertThat(login(AuthConfig.newBuilder())).isEmpty();
    assertThat(PullLogin.of(new byte[0])).isEmpty();
  }

  @Test
  void whatIsNoRequestHasNone() {
    assertThat(PullLogin.of(new byte[] {(byte) 0xff, 1, 2})).isEmpty();
  }

  @Test
  void theSecretIsNotInTheText() {
    assertThat(login(AuthConfig.newBuilder().setUsername("user").setPassword("hidden")).toString())
        .contains("user")
        .doesNotContain("hidden");
  }
}
