package io.lazerofs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.CorruptImageException;
import io.lazerofs.erofs.UnsupportedFeatureException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ErrnoTest {

  @Test
  void namesWhatIsWrongWithANode() {
    assertThat(Errno.of(new NodeException.Stale(1))).isEqualTo(Errno.ESTALE);
    assertThat(Errno.of(new NodeException.NotDirectory(1))).isEqualTo(Errno.ENOTDIR);
    assertThat(Errno.of(new NodeException.IsDirectory(1))).isEqualTo(Errno.EISDIR);
    assertThat(Errno.of(new NodeException.WrongType("link", 1))).isEqualTo(Errno.EINVAL);
  }

  @Test
  void tellsCorruptionFromReadErrors() {
    assertThat(Errno.of(new CorruptImageException(0, "magic", "this", "that")))
        .isEqualTo(Errno.EUCLEAN);
    assertThat(Errno.of(new UnsupportedFeatureException("new", 1))).isEqualTo(Errno.EOPNOTSUPP);
    assertThat(Errno.of(new IOException("any other"))).isEqualTo(Errno.EIO);
  }
}
