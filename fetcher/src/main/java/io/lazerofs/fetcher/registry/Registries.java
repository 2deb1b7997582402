package io.lazerofs.fetcher.registry;

import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import io.lazerofs.fetcher.hosts.HostsDirectory;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.lazy.RangeReader;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All registries and layouts, by the names that users write. Keeps one set of logins a host. Safe
 * for use by many threads at once; whoever made the transport closes it.
 */
public final class Registries {
  private static final String LAYOUT_PREFIX = "oci:";
  private static final String DEFAULT_TAG = "latest";

  private final HttpTransport transport;
  private final Credentials credentials;
  private final InstantSource clock;
  private final Optional<HostsDirectory> hosts;
  private final Map<String, RegistryHosts> registries = new ConcurrentHashMap<>();
  private final Map<String, HostHealth> healths = new ConcurrentHashMap<>();

  /** Makes registries without mirrors. */
  public Registries(HttpTransport transport, Credentials credentials, InstantSource clock) {
    this(transport, credentials, clock, Optional.empty());
  }

  /**
   * @param clock tells when tokens are to be renewed, and when a host that failed is asked again
   * @param hosts what is configured of the hosts of registries
   */
  public Registries(
      HttpTransport transport,
      Credentials credentials,
      InstantSource clock,
      Optional<HostsDirectory> hosts) {
    this.transport = transport;
    this.credentials = credentials;
    this.clock = clock;
    this.hosts = hosts;
  }

  /**
   * Returns a reader of ranges of a blob that several repositories have; where one cannot give them
   * another goes on. With none every read fails.
   *
   * @param repositories the preferred ones first
   */
  public static RangeReader reader(List<RegistryRepository> repositories, Descriptor blob) {
    return new RemoteBlob(repositories, blob);
  }

  /**
   * Returns how each host answers that was asked so far, as {@code ok} or {@code failing: …}, by
   * its name with its port; and likewise for files about hosts that cannot be used, as {@code hosts
   * of REGISTRY}. In one line each, and without secrets.
   */
  public Map<String, String> sources() {
    Map<String, String> sources = new TreeMap<>();
    healths.forEach((host, health) ->
        sources.put(host, health.problem().map(Registries::failing).orElse("ok")));
    hosts.ifPresent(directory ->
        directory
            .problems()
            .forEach((registry, text) -> sources.put("hosts of " + registry, failing(text))));
    return sources;
  }

  /**
   * Returns how many bytes of blobs came from each host that was asked so far, by its name with its
   * port; those of a storage that a host redirects to are the host's.
   */
  public Map<String, Long> blobBytes() {
    Map<String, Long> bytes = new TreeMap<>();
    healths.forEach((host, health) -> bytes.put(host, health.blobBytes()));
    return bytes;
  }

  private static String failing(String problem) {
    return "failing: " + problem;
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
    RegistryHosts registry =
        registries.computeIfAbsent(
            parsed.getRegistry(),
            host -> new RegistryHosts(host, hosts, transport, credentials, clock, this::healthOf));
    return new ImageLocation(
        new RegistryRepository(registry, parsed.getRepository()), parsed.getQualifier());
  }

  private HostHealth healthOf(String host) {
    return healths.computeIfAbsent(host, name -> new HostHealth(name, clock));
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
