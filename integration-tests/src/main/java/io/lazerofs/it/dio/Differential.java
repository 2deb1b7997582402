package io.lazerofs.it.dio;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.it.conformance.Program;
import io.lazerofs.it.fuzz.Original;
import io.lazerofs.it.tree.SystemCallFailure;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.MappedSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Random reads of many images, each image mounted by the kernel and by us. Needs root. */
public final class Differential {
  private final DirectIoSettings settings;
  private final long seed;
  private final int threads;
  private final Path directory;
  private final Tally tally = new Tally();

  private Differential(DirectIoSettings settings, long seed, int threads, Path directory) {
    this.settings = settings;
    this.seed = seed;
    this.threads = threads;
    this.directory = directory;
  }

  /**
   * Compares.
   *
   * @param settings how we serve the images
   * @param calls how many, of all images together; each image gets the same number
   * @param directory an empty directory on a disk, empty again at the end
   */
  public static Tally run(
      List<Original> images,
      DirectIoSettings settings,
      long seed,
      long calls,
      int threads,
      Path directory)
      throws IOException, InterruptedException {
    Differential differential = new Differential(settings, seed, threads, directory);
    for (int i = 0; i < images.size(); i++) {
      long first = calls * i / images.size();
      differential.compare(images.get(i), first, calls * (i + 1) / images.size());
    }
    return differential.tally;
  }

  private void compare(Original original, long first, long end)
      throws IOException, InterruptedException {
    Path place = Files.createDirectory(directory.resolve(original.name()));
    List<ByteSource> sources = new ArrayList<>();
    try {
      ImageFiles files = ImageFiles.write(original, place);
      Optional<Side> kernel = kernel(files, place.resolve("kernel"));
      if (kernel.isEmpty()) {
        tally.refused(original.name());
        return;
      }
      try (Side theirs = kernel.get()) {
        for (Path device : files.devices()) {
          sources.add(MappedSource.open(device));
        }
        ErofsImage image = ErofsImage.open(sources.getFirst(), sources.subList(1, sources.size()));
        try (Side ours =
            Side.mount(place.resolve("lazerofs"), LazerofsMounter.of(image, settings))) {
          CallDraw draw = new CallDraw(TestFiles.of(image));
          compare(original.name(), draw, theirs.roots(), ours.roots(), first, end);
        }
      }
      tally.image();
    } finally {
      for (ByteSource source : sources) {
        source.close();
      }
      Program.run("rm", "-r", "--one-file-system", place.toString());
    }
  }

  private static Optional<Side> kernel(ImageFiles files, Path directory)
      throws IOException, InterruptedException {
    try {
      return Optional.of(Side.mount(directory, new KernelMounter(files)));
    } catch (SystemCallFailure e) {
      return Optional.empty();
    }
  }

  private void compare(String name, CallDraw draw, Roots kernel, Roots ours, long first, long end)
      throws IOException, InterruptedException {
    AtomicLong next = new AtomicLong(first);
    Threads.run(
        threads,
        () -> {
          Random random = new Random();
          try (Comparison comparison = new Comparison(kernel, ours)) {
            for (long n = next.getAndIncrement(); n < end; n = next.getAndIncrement()) {
              // Neighbouring seeds would begin with much the same numbers.
              random.setSeed((seed + n) * 0x9E3779B97F4A7C15L);
              ReadCall call = draw.draw(random);
              tally.add(name + ", seed " + seed + ", call " + n, call, comparison.check(call));
            }
          }
        });
  }
}
