package io.lazerofs.fetcher.registry;

/**
 * A login at a registry.
 *
 * @param username as {@code docker login} took it, or {@link #IDENTITY_TOKEN} or {@link
 *     #REGISTRY_TOKEN} when the secret is such a token and no password
 * @param secret the password or the token; not part of {@link #toString}
 */
public record Credential(String username, String secret) {
  /** The user name that Docker's configuration gives to identity (refresh) tokens. */
  public static final String IDENTITY_TOKEN = "<token>";

  /** The user name of tokens that the registry itself takes, without its token service. */
  public static final String REGISTRY_TOKEN = "<registry token>";

  boolean isIdentityToken() {
    return username.equals(IDENTITY_TOKEN);
  }

  boolean isRegistryToken() {
    return username.equals(REGISTRY_TOKEN);
  }

  /** Whether this is a user's name and password. */
  boolean isPassword() {
    return !isIdentityToken() && !isRegistryToken();
  }

  @Override
  public String toString() {
    return "Credential[username=" + username + "]";
  }
}
