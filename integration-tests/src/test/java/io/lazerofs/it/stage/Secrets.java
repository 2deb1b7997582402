package io.lazerofs.it.stage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Looks for secrets wherever somebody could come across one. */
public final class Secrets {
  private final Stage stage;
  private final List<String> secrets = new ArrayList<>();

  /**
   * @param tokens that were given
   */
  public Secrets(Stage stage, List<String> tokens, Registry.Login... logins) {
    this.stage = stage;
    secrets.addAll(tokens);
    for (var login : logins) {
      var both = login.user() + ":" + login.password();
      secrets.add(login.password());
      secrets.add(Base64.getEncoder().encodeToString(both.getBytes(UTF_8)));
    }
  }

  /**
   * Fails if one is in the status, on a command line, in an environment or in a file.
   *
   * @param own files and directories of the stage that the test wrote them to
   */
  public void assertNowhereBut(Daemon daemon, Path... own)
      throws IOException, InterruptedException {
    assertThat(daemon.statusJson()).doesNotContain(secrets);
    for (var process : stage.processes()) {
      for (var file : List.of("cmdline", "environ")) {
        var path = Path.of("/proc", Long.toString(process.pid()), file);
        assertThat(text(path)).as("%s", path).doesNotContain(secrets);
      }
    }
    var files = stage.run("find", stage.dir().toString(), "-xdev", "-type", "f").ok().out().lines();
    var found = new ArrayList<String>();
    files
        .map(Path::of)
        .filter(file -> List.of(own).stream().noneMatch(file::startsWith))
        .forEach(file -> {
          var text = text(file);
          secrets.stream().filter(text::contains).forEach(_ -> found.add(file.toString()));
        });
    assertThat(found).as("files with a secret").isEmpty();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      assertThat(Files.exists(file)).as("%s is there: %s", file, e).isFalse();
      return "";
    }
  }
}
