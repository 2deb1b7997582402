package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A program {@code docker-credential-NAME} that has logins (docker-credential-helpers' protocol):
 * it is called with {@code get}, reads the server's name and prints {@code {"Username": …,
 * "Secret": …}}.
 *
 * <p>It gets the name on its standard input, so that nothing shows on a command line, and a time
 * limit. What it prints is kept nowhere but in the login, and what it complains of is dropped,
 * since both may be secrets. Immutable; each call is a process of its own.
 */
final class CredentialHelper {
  private static final String UNKNOWN = "credentials not found in native keychain";
  private static final int MAX_OUTPUT_BYTES = 1 << 20;

  private final String name;
  private final Map<String, String> environment;
  private final Duration limit;

  /**
   * @param name what follows {@code docker-credential-}
   * @param environment of the helper, in whose {@code PATH} it is
   */
  CredentialHelper(String name, Map<String, String> environment, Duration limit) {
    this.name = name;
    this.environment = Map.copyOf(environment);
    this.limit = limit;
  }

  /**
   * Returns the login for a server, or empty when the helper has none.
   *
   * @throws RegistryException.LoginUnavailable when it is not there, fails, prints something else
   *     or takes too long, after which it is killed
   */
  Optional<Credential> get(String server) throws IOException {
    Process process = start(server);
    try {
      CompletableFuture<byte[]> output = output(process);
      tell(process, server);
      byte[] bytes = output.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimeoutException();
      }
      return process.exitValue() == 0
          ? Optional.of(parse(bytes, server))
          : refusal(bytes, process.exitValue(), server);
    } catch (TimeoutException e) {
      throw unavailable(server, "did not end in " + limit.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw unavailable(server, "broke off");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (InterruptedIOException)
          new InterruptedIOException("interrupted while a credential helper runs").initCause(e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Process start(String server) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(program(server).toString(), "get");
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw unavailable(server, "cannot be started");
    }
  }

  private Path program(String server) throws IOException {
    String file = "docker-credential-" + name;
    if (!name.isEmpty() && !name.contains("/")) {
      for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
        try {
          Path program = Path.of(directory, file);
          if (program.isAbsolute() && Files.isRegularFile(program) && Files.isExecutable(program)) {
            return program;
          }
        } catch (InvalidPathException e) {
          // No directory has such a name, and so no helper.
        }
      }
    }
    throw unavailable(server, "is not in the PATH");
  }

  /** Reads in a thread of its own, since reading a pipe knows no time limit. */
  private static CompletableFuture<byte[]> output(Process process) {
    CompletableFuture<byte[]> output = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("credential-helper")
        .start(() -> {
          try (InputStream stream = process.getInputStream()) {
            output.complete(stream.readNBytes(MAX_OUTPUT_BYTES));
          } catch (IOException e) {
            output.completeExceptionally(e);
          }
        });
    return output;
  }

  private static void tell(Process process, String server) {
    try (OutputStream input = process.getOutputStream()) {
      input.write(server.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended without a look at the name; its status tells why.
    }
  }

  private Credential parse(byte[] bytes, String server) throws IOException {
    try {
      ObjectNode json = Json.parseObject(bytes, "login");
      String username = Json.requiredText(json, "Username");
      String secret = Json.requiredText(json, "Secret");
      if (!username.isEmpty() && !secret.isEmpty()) {
        return new Credential(username, secret);
      }
    } catch (RegistryException.Malformed e) {
      // Told below; where exactly it is no login is of no use.
    }
    throw unavailable(server, "printed no login");
  }

  private Optional<Credential> refusal(byte[] bytes, int status, String server) throws IOException {
    if (new String(bytes, StandardCharsets.UTF_8).contains(UNKNOWN)) {
      return Optional.empty();
    }
    throw unavailable(server, "failed with status " + status);
  }

  private RegistryException.LoginUnavailable unavailable(String server, String problem) {
    return new RegistryException.LoginUnavailable(
        server, "the credential helper docker-credential-" + name + " " + problem);
  }
}
