package io.lazerofs.snapshotter.cri;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lazerofs.fetcher.registry.Credential;
import io.lazerofs.snapshotter.proto.cri.AuthConfig;
import io.lazerofs.snapshotter.proto.cri.PullImageRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The login that a request to pull an image comes with.
 *
 * @param image the image's name
 * @param server the registry that the login is for, if the request says so
 */
record PullLogin(String image, Optional<String> server, Credential credential) {

  /**
   * Returns the login of a {@code PullImageRequest}, or empty when it has none that can be used: it
   * is containerd that answers then.
   */
  static Optional<PullLogin> of(byte[] request) {
    PullImageRequest pull;
    try {
      pull = PullImageRequest.parseFrom(request);
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
    AuthConfig auth = pull.getAuth();
    return credential(auth)
        .map(credential ->
            new PullLogin(pull.getImage().getImage(), text(auth.getServerAddress()), credential));
  }

  /** Prefers as containerd does what is set of it, and a registry token last. */
  private static Optional<Credential> credential(AuthConfig auth) {
    if (!auth.getUsername().isEmpty()) {
      return Optional.of(new Credential(auth.getUsername(), auth.getPassword()));
    }
    if (!auth.getIdentityToken().isEmpty()) {
      return Optional.of(new Credential(Credential.IDENTITY_TOKEN, auth.getIdentityToken()));
    }
    if (!auth.getAuth().isEmpty()) {
      return decode(auth.getAuth());
    }
    return text(auth.getRegistryToken())
        .filter(token -> token.chars().allMatch(c -> c > ' ' && c < 0x7f))
        .map(token -> new Credential(Credential.REGISTRY_TOKEN, token));
  }

  private static Optional<Credential> decode(String auth) {
    String both;
    try {
      both = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    int colon = both.indexOf(':');
    // Docker's Windows client pads the password with zeros.
    return colon <= 0
        ? Optional.empty()
        : Optional.of(
            new Credential(
                both.substring(0, colon), both.substring(colon + 1).replaceAll("\0+$", "")));
  }

  private static Optional<String> text(String field) {
    return field.isEmpty() ? Optional.empty() : Optional.of(field);
  }
}
