package io.lazerofs.fetcher.registry;

import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The logins that pulls of images were made with, in memory and nowhere else: what reads of lazy
 * layers log in with later. Safe for use by many threads at once.
 *
 * <p>Logins belong to a host and a repository there. Of one repository the last few are kept, the
 * newest first, and of all repositories those that were pulled last.
 */
public final class PulledCredentials implements Credentials {
  /** Several secrets of Kubernetes may be good for one repository; more are old ones. */
  private static final int MAX_LOGINS = 4;

  private final int maxRepositories;

  /** The least recently pulled first; guarded by this. */
  private final Map<Place, Deque<Credential>> logins = new LinkedHashMap<>();

  /** What a login is for; all names of Docker Hub are one. */
  private record Place(String host, String repository) {
    static Place of(String host, String repository) {
      String lower = host.toLowerCase(Locale.ROOT);
      return new Place(RegistryPattern.isHub(lower) ? "docker.io" : lower, repository);
    }
  }

  /** A login that was kept. */
  public final class Kept {
    private final Place place;
    private final Credential credential;
    private final boolean added;

    private Kept(Place place, Credential credential, boolean added) {
      this.place = place;
      this.credential = credential;
      this.added = added;
    }

    /** Says that the pull failed: a login that nobody had pulled with before is forgotten. */
    public void pullFailed() {
      if (added) {
        forget(place, credential);
      }
    }
  }

  /**
   * @param maxRepositories of how many repositories logins are kept
   */
  public PulledCredentials(int maxRepositories) {
    this.maxRepositories = maxRepositories;
  }

  /**
   * Keeps the login of a pull.
   *
   * @param image the image's name, as the pull gives it
   * @param server the registry that the login is for, as a host or URL; empty for the image's
   * @throws RegistryException.InvalidName when the image's name leads to no registry
   */
  public Kept keep(String image, Optional<String> server, Credential credential)
      throws RegistryException.InvalidName {
    ImageReference reference;
    try {
      reference = ImageReference.parse(image);
    } catch (InvalidImageReferenceException e) {
      throw new RegistryException.InvalidName(image, "write it as host:port/repository:tag");
    }
    String host =
        server.map(text -> RegistryPattern.of(text).host()).orElse(reference.getRegistry());
    Place place = Place.of(host, reference.getRepository());
    return new Kept(place, credential, add(place, credential));
  }

  private synchronized boolean add(Place place, Credential credential) {
    Deque<Credential> kept = logins.remove(place);
    if (kept == null) {
      kept = new ArrayDeque<>();
    }
    logins.put(place, kept);
    boolean added = !kept.remove(credential);
    kept.addFirst(credential);
    if (kept.size() > MAX_LOGINS) {
      kept.removeLast();
    }
    if (logins.size() > maxRepositories) {
      logins.remove(logins.keySet().iterator().next());
    }
    return added;
  }

  private synchronized void forget(Place place, Credential credential) {
    Deque<Credential> kept = logins.get(place);
    if (kept != null && kept.remove(credential) && kept.isEmpty()) {
      logins.remove(place);
    }
  }

  @Override
  public synchronized List<Credential> candidates(String host, String repository) {
    Deque<Credential> kept = logins.get(Place.of(host, repository));
    return kept == null ? List.of() : List.copyOf(kept);
  }
}
