package io.lazerofs.snapshotter.cli;

import io.lazerofs.fetcher.hosts.HostsDirectory;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.registry.DockerCredentials;
import io.lazerofs.fetcher.registry.Registries;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** The options about registries, and the way to them. */
final class RegistryOptions {
  /** How long a registry that does not answer is tried again; somebody waits at the terminal. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Option(
      names = "--plain-http",
      paramLabel = "HOST[:PORT]",
      description =
          "Talk to this registry without TLS; may be given more than once. Registries on this"
              + " machine need no permission.")
  private Set<String> plainHttp = new LinkedHashSet<>();

  @Option(
      names = "--hosts-dir",
      paramLabel = "DIR",
      defaultValue = "/etc/containerd/certs.d",
      description =
          "Where each registry's hosts.toml names its mirrors and certificates, as containerd reads"
              + " it (default: /etc/containerd/certs.d, if it is there).")
  private Path hostsDirectory;

  @SuppressWarnings("NullAway.Init") // the option is set by picocli
  RegistryOptions() {}

  /** Registries with the connections to them. */
  record Connection(Registries registries, HttpTransport transport) implements AutoCloseable {
    @Override
    public void close() {
      transport.close();
    }
  }

  /** Opens the way to registries, with Docker's logins; the caller closes it. */
  Connection connect() {
    HttpTransport transport =
        HttpTransport.create(
            HttpSettings.defaults().withPlainHttpHosts(plainHttp).withDeadline(PATIENCE));
    return new Connection(
        new Registries(
            transport,
            DockerCredentials.of(System.getenv(), Path.of(System.getProperty("user.home"))),
            InstantSource.system(),
            Optional.of(new HostsDirectory(hostsDirectory))),
        transport);
  }
}
