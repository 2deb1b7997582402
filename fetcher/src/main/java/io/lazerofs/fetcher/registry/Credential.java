package io.lazerofs.fetcher.registry;

/**
 * A login at a registry.
 *
 * @param username as {@code docker login} took it, or {@link #IDENTITY_TOKEN} when the secret is an
 *     identity token and no password
 * @param secret the password or the token; not part of {@link #toString}
 */
public record Credential(String username, String secret) {
  /** The user name that Docker's configuration gives to identity (refresh) tokens. */
  public static final String IDENTITY_TOKEN = "<token>";

  boolean isIdentityToken() {
    return username.equals(IDENTITY_TOKEN);
  }

  @Override
  public String toString() {
    return "Credential[username=" + username + "]";
  }
}
