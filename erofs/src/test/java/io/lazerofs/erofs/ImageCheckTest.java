package io.lazerofs.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.check.CheckSummary;
import io.lazerofs.erofs.check.Fault;
import io.lazerofs.erofs.check.ImageCheck;
import io.lazerofs.erofs.check.TreeSink;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A check finds nothing in good images, and in bad ones everything with its place. */
class ImageCheckTest {
  private static final int FILE = 0100644;
  private static final int DIRECTORY = 040755;

  private final List<Fault> faults = new ArrayList<>();

  private CheckSummary check(ByteSource primary, ByteSource... devices) throws IOException {
    return ImageCheck.check(primary, List.of(devices), TreeSink.NONE, faults::add, bytes -> {});
  }

  @ParameterizedTest
  @MethodSource("io.lazerofs.erofs.Fixture#all")
  void imagesOfMkfsAreClean(Fixture fixture) throws IOException {
    List<ByteSource> devices = new ArrayList<>();
    for (byte[] device : fixture.deviceBytes()) {
      devices.add(new ArraySource(device, true));
    }
    CheckSummary summary =
        check(new ArraySource(fixture.imageBytes(), true), devices.toArray(ByteSource[]::new));
    assertThat(faults).isEmpty();
    assertThat(summary.clean()).isTrue();
    assertThat(summary.inodes()).isPositive();
  }
}
