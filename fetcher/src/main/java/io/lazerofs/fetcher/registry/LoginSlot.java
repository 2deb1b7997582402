package io.lazerofs.fetcher.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The login for one scope, and the one attempt at a time to get another. Safe for use by many
 * threads at once; nothing waits under its lock.
 */
final class LoginSlot {
  private Optional<Login> login = Optional.empty();
  private @Nullable Flight flight;

  /** An attempt that is under way, and the credentials that it does not try. */
  private record Flight(
      Set<Optional<Credential>> without, CompletableFuture<Optional<Login>> result) {}

  /** A way to another login; it returns empty when there is none to be had. */
  @FunctionalInterface
  interface Attempt {
    Optional<Login> run() throws IOException;
  }

  synchronized Optional<Login> login() {
    return login;
  }

  /** Puts another login in the place of {@code old}, if nobody has done so. */
  synchronized void replace(Login old, Optional<Login> other) {
    if (login.equals(Optional.of(old))) {
      login = other;
    }
  }

  /**
   * Returns another login than the one that was refused or is over: one that somebody else got
   * meanwhile, or what one attempt brings that all who wait share.
   *
   * @param tried credentials whose login would be of no use
   * @return empty when no login is left to try
   * @throws IOException what the attempt failed with
   */
  Optional<Login> next(Optional<Login> refused, Set<Optional<Credential>> tried, Attempt attempt)
      throws IOException {
    while (true) {
      Flight mine = new Flight(Set.copyOf(tried), new CompletableFuture<>());
      Flight other;
      synchronized (this) {
        if (login.isPresent()
            && !login.equals(refused)
            && !tried.contains(login.get().credential())) {
          return login;
        }
        other = flight;
        if (other == null) {
          flight = mine;
        }
      }
      if (other == null) {
        return lead(mine, attempt);
      }
      if (ended(other, mine.without())) {
        return Optional.empty();
      }
    }
  }

  private Optional<Login> lead(Flight mine, Attempt attempt) throws IOException {
    try {
      Optional<Login> next = attempt.run();
      synchronized (this) {
        login = next.isPresent() ? next : login;
        flight = null;
      }
      mine.result().complete(next);
      return next;
    } catch (IOException | RuntimeException | Error e) {
      synchronized (this) {
        flight = null;
      }
      mine.result().completeExceptionally(e);
      throw e;
    }
  }

  /**
   * Waits for the attempt of another thread.
   *
   * @return whether it tells that there is no login for this one either
   * @throws IOException what it failed with, if an attempt of this thread's own would too
   */
  private static boolean ended(Flight other, Set<Optional<Credential>> tried) throws IOException {
    boolean same = other.without().equals(tried);
    try {
      return other.result().get().isEmpty() && same;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (InterruptedIOException)
          new InterruptedIOException("interrupted while another logs in").initCause(e);
    } catch (ExecutionException e) {
      return switch (e.getCause()) {
        case InterruptedIOException interrupted -> false;
        case RegistryException.Unauthorized refusal when !same -> false;
        case IOException failure -> throw failure;
        case null, default -> throw new IllegalStateException(e.getCause());
      };
    }
  }
}
