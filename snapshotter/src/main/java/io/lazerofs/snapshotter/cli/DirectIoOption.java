package io.lazerofs.snapshotter.cli;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.snapshotter.daemon.DirectIoWords;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option {@code --direct-io}: how O_DIRECT reads are treated. */
final class DirectIoOption {
  @Option(
      names = "--direct-io",
      paramLabel = "KEY=VALUE",
      description =
          "How O_DIRECT reads are treated; may be given more than once: alignment=per-mapping,"
              + " strict or none; compressed=decode or reject; backing=page-cache or device. The"
              + " first of each is the default.")
  private Map<String, String> words = new LinkedHashMap<>();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @SuppressWarnings("NullAway.Init") // command is set by picocli
  DirectIoOption() {}

  /**
   * Returns the settings.
   *
   * @throws ParameterException when there is no such setting
   */
  DirectIoSettings settings() {
    DirectIoSettings settings = DirectIoSettings.DEFAULT;
    for (Map.Entry<String, String> word : words.entrySet()) {
      try {
        settings = DirectIoWords.with(settings, word.getKey(), word.getValue());
      } catch (IllegalArgumentException e) {
        boolean known = DirectIoWords.KEYS.contains(word.getKey());
        throw new ParameterException(
            command.commandLine(),
            "--direct-io %s: %s has to be %s"
                .formatted(word, known ? word.getKey() : "the key", e.getMessage()),
            e);
      }
    }
    return settings;
  }
}
