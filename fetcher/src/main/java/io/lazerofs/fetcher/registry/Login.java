package io.lazerofs.fetcher.registry;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import okhttp3.Challenge;

/**
 * What a registry is shown in {@code Authorization}, and how it was come by.
 *
 * @param authorization the header's value; not part of {@link #toString}
 * @param challenge what it answers, and what is answered anew when it is to be renewed
 * @param credential what it was got with; empty for an anonymous token
 * @param renewal when it is to be renewed before it is used again
 * @param expiry when the registry takes it no longer
 */
record Login(
    String authorization,
    Challenge challenge,
    Optional<Credential> credential,
    Instant renewal,
    Instant expiry) {

  /** Returns a login that shows the user name and the password (RFC 7617). */
  static Login basic(Challenge challenge, Credential credential) {
    return new Login(
        basic(credential), challenge, Optional.of(credential), Instant.MAX, Instant.MAX);
  }

  /** Returns the login that shows a token that the registry itself gave (RFC 6750). */
  static Login bearer(Challenge challenge, Credential credential) {
    return new Login(
        "Bearer " + credential.secret(),
        challenge,
        Optional.of(credential),
        Instant.MAX,
        Instant.MAX);
  }

  /** Returns the value of {@code Authorization} that shows a user name and a password. */
  static String basic(Credential credential) {
    return okhttp3.Credentials.basic(
        credential.username(), credential.secret(), StandardCharsets.UTF_8);
  }

  /** Returns this login, to be used as it is until it expires. */
  Login withoutRenewal() {
    return new Login(authorization, challenge, credential, expiry, expiry);
  }

  @Override
  public String toString() {
    return "Login[" + challenge.scheme() + ", until " + expiry + "]";
  }
}
