package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.cache.WrongBytesException;
import io.lazerofs.fetcher.http.HttpException;
import io.lazerofs.fetcher.http.Retry;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thing that is asked of its sources in turn, until one gives it. For one thread at a time.
 *
 * <p>Sources are asked in order, those that fail of late last. When all have failed there is a
 * pause, and another round. It ends when the deadline is over without progress, or when no source
 * is left that a later round may change: each refused, could not agree on TLS, or gave the same
 * wrong bytes twice.
 */
final class Failover {
  private static final Logger LOG = LoggerFactory.getLogger(Failover.class);

  private final String what;
  private final List<HostRepository> sources;
  private final Retry.Attempts attempts;
  private final Patience patience;
  private String latest = "no host may be asked yet";
  private final Set<HostRepository> asked = new HashSet<>();
  private final Set<HostRepository> ended = new HashSet<>();
  private final Map<HostRepository, Integer> refusals = new HashMap<>();
  private final Map<HostRepository, IOException> failures = new HashMap<>();
  private final Map<HostRepository, WrongBytesException> wrong = new HashMap<>();

  /** How often a source that refuses is asked. */
  enum Patience {
    /** A user waits to be told, and what is refused or malformed once is so for good. */
    ONE_LOOK(1),
    /** A reader that is told sees an I/O error: a refusal has to be repeated to be believed. */
    TWO_LOOKS(2);

    private final int looks;

    Patience(int looks) {
      this.looks = looks;
    }
  }

  /**
   * @param what names what is asked for in messages
   * @param sources the preferred ones first
   */
  Failover(String what, List<HostRepository> sources, Retry retry, Patience patience) {
    this.what = what;
    this.sources = List.copyOf(sources);
    this.attempts = retry.begin();
    this.patience = patience;
  }

  /**
   * Returns the source to ask next, when it is time to.
   *
   * @throws IOException why none is to be asked any more
   * @throws java.io.InterruptedIOException when the thread is interrupted, which it stays
   */
  HostRepository next() throws IOException {
    while (true) {
      List<HostRepository> left = sources.stream().filter(s -> !ended.contains(s)).toList();
      if (left.isEmpty()) {
        throw failure();
      }
      Optional<HostRepository> chosen = choose(left);
      if (chosen.isPresent()) {
        if (!failures.isEmpty()) {
          attempts.retried();
        }
        asked.add(chosen.get());
        return chosen.get();
      }
      if (!attempts.pause(what + ": " + latest, notBefore(left))) {
        throw failure();
      }
      asked.clear();
    }
  }

  private Optional<HostRepository> choose(List<HostRepository> left) {
    List<HostRepository> open = left.stream().filter(s -> !asked.contains(s)).toList();
    return open.stream()
        .filter(source -> source.host().health().mayTry())
        .findFirst()
        .or(() -> open.stream().filter(this::mayBeDisturbed).findFirst());
  }

  private boolean mayBeDisturbed(HostRepository source) {
    return attempts.isLast() || source.host().health().notBefore().isEmpty();
  }

  /** Returns when the first source wants to be asked, or empty when one has no such wish. */
  private static Optional<Instant> notBefore(List<HostRepository> left) {
    List<Optional<Instant>> wishes =
        left.stream().map(source -> source.host().health().notBefore()).toList();
    return wishes.stream().allMatch(Optional::isPresent)
        ? wishes.stream().flatMap(Optional::stream).min(Instant::compareTo)
        : Optional.empty();
  }

  /** Tells that the source gave all that was asked for. */
  void succeeded(HostRepository source) {
    source.host().health().succeeded();
  }

  /** Tells that bytes came that had not come before: the deadline begins anew. */
  void progressed() {
    attempts.progressed();
    refusals.clear();
  }

  /**
   * Tells that the source failed.
   *
   * @throws IOException {@code failure}, when it is not the source's
   */
  void failed(HostRepository source, IOException failure) throws IOException {
    HostHealth health = source.host().health();
    switch (failure) {
      case HttpException e -> {
        if (!isRefusal(e)) {
          health.failed(e.getMessage(), e.retryAfter());
        }
        if (patience == Patience.ONE_LOOK ? !e.isTransient() : isRefusal(e) || isTls(e)) {
          refused(source);
        }
      }
      case RegistryException.Unauthorized _ -> refused(source);
      case RegistryException.LoginUnavailable _ -> {
        // It is no fault of the host's.
        if (patience == Patience.ONE_LOOK) {
          refused(source);
        }
      }
      case RegistryException e -> {
        health.failed(String.valueOf(e.getMessage()), Optional.empty());
        if (patience == Patience.ONE_LOOK) {
          refused(source);
        }
      }
      case WrongBytesException e -> {
        LOG.warn("{} gave wrong bytes: {}", source.host().host(), e.getMessage());
        health.failed(String.valueOf(e.getMessage()), Optional.empty());
        if (isTheSame(e, wrong.put(source, e))) {
          ended.add(source);
        }
      }
      default -> throw failure;
    }
    failures.put(source, failure);
    latest = String.valueOf(failure.getMessage());
  }

  private void refused(HostRepository source) {
    if (refusals.merge(source, 1, Integer::sum) >= patience.looks) {
      ended.add(source);
    }
  }

  /** Returns whether the host answers, and does not give this. */
  private static boolean isRefusal(HttpException e) {
    return e instanceof HttpException.Status && !e.isTransient();
  }

  private static boolean isTls(HttpException e) {
    return e instanceof HttpException.Connection connection && connection.isTlsFailure();
  }

  private static boolean isTheSame(WrongBytesException now, @Nullable WrongBytesException before) {
    return before != null
        && before.offset() == now.offset()
        && Objects.equals(before.actual(), now.actual());
  }

  /** Returns the failure of the last source in order, the registry's own, with the others. */
  private IOException failure() {
    List<IOException> all = new ArrayList<>();
    for (HostRepository source : sources) {
      IOException failure = failures.get(source);
      if (failure != null) {
        all.add(failure instanceof HttpException e ? source.translate(what, e) : failure);
      }
    }
    if (all.isEmpty()) {
      return new RegistryException.NoSource(
          what,
          sources.isEmpty()
              ? "no host is configured that may be asked"
              : "no host may be asked yet");
    }
    IOException last = all.removeLast();
    all.stream().filter(other -> other != last).forEach(last::addSuppressed);
    return last;
  }
}
