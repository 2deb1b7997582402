package io.lazerofs.it.faults;

import io.lazerofs.fetcher.lazy.FetchPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * What one run does, all of it drawn from its seed.
 *
 * @param image which of the images, from 0
 * @param percent how many of a hundred requests meet a fault
 * @param mirrored whether the registry has a mirror, which is asked first and fails likewise
 * @param mounted whether the layers are read through a FUSE mount, or in this process
 */
record Scenario(
    long seed,
    int image,
    FetchPolicy policy,
    List<FaultKind> kinds,
    int percent,
    Optional<Outage> outage,
    int threads,
    int readsPerThread,
    boolean mirrored,
    boolean mounted) {
  private static final FetchPolicy SMALL = new FetchPolicy(16 << 10, 64 << 10, 64 << 10, 128 << 10);

  /**
   * Returns the scenario of a seed.
   *
   * @param deadline how long a client tries
   */
  static Scenario draw(long seed, int images, Duration deadline) {
    Random random = FaultRun.random(seed, 0);
    boolean mirrored = random.nextBoolean();
    Optional<Outage> outage =
        random.nextInt(5) == 0 ? Optional.of(outage(random, mirrored, deadline)) : Optional.empty();
    return new Scenario(
        seed,
        random.nextInt(images),
        random.nextInt(3) == 0 ? FetchPolicy.DEFAULT : SMALL,
        some(random),
        outage.isPresent() ? random.nextInt(8) : 5 + random.nextInt(26),
        outage,
        1 + random.nextInt(4),
        10 + random.nextInt(30),
        mirrored,
        random.nextInt(8) == 0);
  }

  private static Outage outage(Random random, boolean mirrored, Duration deadline) {
    Outage.How[] hows = Outage.How.values();
    boolean ofAll = !mirrored || random.nextBoolean();
    boolean tooLong = random.nextInt(4) == 0;
    // A short one leaves what it interrupted half of the deadline to come back.
    Duration length =
        tooLong
            ? deadline.multipliedBy(5).dividedBy(4)
            : deadline.multipliedBy(1 + random.nextInt(50)).dividedBy(100);
    return new Outage(hows[random.nextInt(hows.length)], ofAll, random.nextInt(6), length);
  }

  /** One kind alone, some, or all of them. */
  private static List<FaultKind> some(Random random) {
    List<FaultKind> shuffled = new ArrayList<>(List.of(FaultKind.values()));
    Collections.shuffle(shuffled, random);
    int count =
        switch (random.nextInt(4)) {
          case 0, 1 -> 1;
          case 2 -> 2 + random.nextInt(3);
          default -> shuffled.size();
        };
    return List.copyOf(shuffled.subList(0, Math.min(count, shuffled.size())));
  }
}
