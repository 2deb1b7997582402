package io.lazerofs.snapshotter.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fuse.SessionState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionRecordTest {
  private static final SessionRecord RECORD =
      new SessionRecord(
          new ProcessIdentity(4711, 883412),
          3,
          "0:45",
          new SessionState(40, 131072, 554117242881L, 256));

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("session");
  }

  @Test
  void whatIsWrittenIsReadAndOnlyItsOwnerCan() throws IOException {
    RECORD.write(file());
    assertThat(SessionRecord.read(file())).contains(RECORD);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    RECORD.write(file());
    assertThat(directory.toFile().list()).containsExactly("session");
  }

  @Test
  void theFirstLineIsWhatTheKeeperReads() throws IOException {
    RECORD.write(file());
    assertThat(Files.readAllLines(file()).getFirst()).isEqualTo("keeper 4711 883412 3");
  }

  @Test
  void nothingIsOnRecordBeforeTheFirstMount() throws IOException {
    assertThat(SessionRecord.read(file())).isEmpty();
  }

  @Test
  void anotherVersionIsRefusedByItsNumber() throws IOException {
    RECORD.write(file());
    Files.writeString(file(), Files.readString(file()).replace("session 1 ", "session 2 "));
    assertThatThrownBy(() -> SessionRecord.read(file()))
        .hasMessageContaining("version 2")
        .hasMessageContaining("1");
  }

  @Test
  void aDamagedRecordIsRefused() throws IOException {
    for (String damaged : new String[] {"", "keeper 1 2 3", "keeper 1 2 3\nsession x", "a\nb\n"}) {
      Files.writeString(file(), damaged);
      assertThatThrownBy(() -> SessionRecord.read(file())).hasMessageContaining("is damaged");
    }
  }

  @Test
  void aProcessIsKnownByItsStartToo() {
    ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
    assertThat(self.isAlive()).isTrue();
    assertThat(new ProcessIdentity(self.pid(), self.start() + 1).isAlive()).isFalse();
  }
}
