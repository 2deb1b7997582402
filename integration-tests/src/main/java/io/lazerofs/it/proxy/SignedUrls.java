package io.lazerofs.it.proxy;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Addresses that serve a bounded number of requests, as the signed ones of object stores serve for
 * a bounded time. Safe for use by many threads.
 */
final class SignedUrls {
  private static final Pattern SIGNED = Pattern.compile("(.*)[?&]signature=(\\d+)");

  private final AtomicLong last = new AtomicLong();
  private final ConcurrentMap<Long, AtomicLong> usesLeft = new ConcurrentHashMap<>();

  /** Returns an address for what {@code target} names. */
  String sign(String target, int uses) {
    long signature = last.incrementAndGet();
    usesLeft.put(signature, new AtomicLong(uses));
    return target + (target.contains("?") ? "&" : "?") + "signature=" + signature;
  }

  static boolean isSigned(String target) {
    return SIGNED.matcher(target).matches();
  }

  /** Uses a signed address once: returns what was signed, or empty when it has expired. */
  Optional<String> redeem(String signed) {
    Matcher matcher = SIGNED.matcher(signed);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not signed: " + signed);
    }
    AtomicLong left = usesLeft.get(Long.parseLong(matcher.group(2)));
    return left != null && left.getAndDecrement() > 0
        ? Optional.of(matcher.group(1))
        : Optional.empty();
  }
}
