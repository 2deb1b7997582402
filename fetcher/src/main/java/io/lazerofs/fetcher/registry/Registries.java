package io.lazerofs.fetcher.registry;

import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import io.lazerofs.fetcher.http.HttpTransport;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All registries and layouts, by the names that users write. Keeps one set of logins a registry.
 * Safe for use by many threads at once; whoever made the transport closes it.
 */
public final class Registries {
  private static final String LAYOUT_PREFIX = "oci:";
  private static final String DEFAULT_TAG = "latest";

  private final HttpTransport transport;
  private final Credentials credentials;
  private final InstantSource clock;
  private final Map<String, RegistryConnection> connections = new ConcurrentHashMap<>();

  /**
   * @param clock tells when tokens are to be renewed
   */
  public Registries(HttpTransport transport, Credentials credentials, InstantSource clock) {
    this.transport = transport;
    this.credentials = credentials;
    this.clock = clock;
  }

  /**
   * Returns where a name leads; nothing is asked there yet.
   *
   * @param name {@code oci:DIR[:TAG]}, or an image name as Docker's tools take it: {@code app},
   *     {@code host:port/team/app:tag}, {@code app@sha256:…}; the tag {@code latest} if none is
   *     given
   * @throws RegistryException.InvalidName when it is neither
   */
  public ImageLocation open(String name) throws RegistryException.InvalidName {
    return name.startsWith(LAYOUT_PREFIX) ? layout(name) : repository(name);
  }

  private ImageLocation repository(String name) throws RegistryException.InvalidName {
    ImageReference parsed;
    try {
      parsed = ImageReference.parse(name);
    } catch (InvalidImageReferenceException e) {
      throw new RegistryException.InvalidName(name, "write it as host:port/repository:tag");
    }
    if (parsed.isScratch()) {
      throw new RegistryException.InvalidName(name, "scratch is the image without layers");
    }
    RegistryConnection connection =
        connections.computeIfAbsent(
            parsed.getRegistry(),
            host -> new RegistryConnection(host, transport, credentials, clock));
    return new ImageLocation(
        new RegistryRepository(connection, parsed.getRepository()), parsed.getQualifier());
  }

  private static ImageLocation layout(String name) throws RegistryException.InvalidName {
    String directory = name.substring(LAYOUT_PREFIX.length());
    String tag = DEFAULT_TAG;
    int colon = directory.lastIndexOf(':');
    if (colon >= 0 && ImageReference.isValidTag(directory.substring(colon + 1))) {
      tag = directory.substring(colon + 1);
      directory = directory.substring(0, colon);
    }
    if (directory.isEmpty()) {
      throw new RegistryException.InvalidName(name, "write it as oci:DIRECTORY:TAG");
    }
    try {
      return new ImageLocation(new OciLayout(Path.of(directory)), tag);
    } catch (InvalidPathException e) {
      throw new RegistryException.InvalidName(name, "no directory can have that name");
    }
  }
}
