package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.faults.FaultKind;
import io.lazerofs.it.faults.FaultRuns;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whatever a registry does wrong, a read is right; it fails only when every source was down for as
 * long as a client tries, and is right again afterwards. {@code ./bench.sh faults} tries more.
 */
final class FaultsIT {
  private static final long SEED = 20_261_121L;
  private static final int RUNS = 200;

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;

  @BeforeAll
  static void start() throws IOException {
    registry = Registry.start(stage);
  }

  @Test
  void readsAreRightWhateverTheRegistryDoes() throws IOException, InterruptedException {
    System.out.println("seeds from " + SEED);
    var runs =
        FaultRuns.run(
            registry.address(), SEED, RUNS, Files.createTempDirectory(stage.dir(), "faults"));
    System.out.println(runs.summary());
    assertThat(runs.problems()).isEmpty();
    assertThat(runs.faults()).containsOnlyKeys(FaultKind.values());
    assertThat(runs.failedReads()).as("some outages are longer than the deadline").isPositive();
  }
}
