package io.lazerofs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fuse.Protocol.Feature;
import org.junit.jupiter.api.Test;

class SessionStateTest {
  private static final long NEEDED = Feature.NO_OPEN_SUPPORT | Feature.NO_OPENDIR_SUPPORT;

  private static Request.Initialize offer(int major, int minor, long features) {
    return new Request.Initialize(1, major, minor, 131072, features);
  }

  private static SessionState negotiate(Request.Initialize offer) throws Exception {
    return SessionState.negotiate(offer, SessionState.WANTED);
  }

  @Test
  void takesNoMoreThanIsOfferedAndNoMoreThanIsWanted() throws Exception {
    SessionState all = negotiate(offer(7, 45, -1));
    assertThat(all.features() & Feature.HAS_RESEND).isNotZero();
    long posixAcl = 1L << 20;
    assertThat(all.features() & posixAcl).isZero();
    assertThat(negotiate(offer(7, 45, NEEDED)).features()).isEqualTo(NEEDED);
  }

  @Test
  void takesEachFeatureThatTheSessionReliesOn() throws Exception {
    long features = negotiate(offer(7, 45, -1)).features();
    assertThat(features)
        .isEqualTo(
            Feature.ASYNC_READ
                | Feature.ASYNC_DIO
                | Feature.PARALLEL_DIROPS
                | Feature.DO_READDIRPLUS
                | Feature.READDIRPLUS_AUTO
                | Feature.MAX_PAGES
                | Feature.CACHE_SYMLINKS
                | Feature.NO_OPEN_SUPPORT
                | Feature.NO_OPENDIR_SUPPORT
                | Feature.EXPLICIT_INVAL_DATA
                | Feature.INIT_EXT
                | Feature.HAS_RESEND
                | Feature.ALLOW_IDMAP);
    assertThat(Feature.ASYNC_DIO).isEqualTo(1L << 15);
    assertThat(Feature.INIT_EXT).isEqualTo(1L << 30);
    assertThat(Feature.HAS_RESEND).isEqualTo(1L << 39);
    assertThat(Feature.ALLOW_IDMAP).isEqualTo(1L << 40);
  }

  @Test
  void clampsTheMinorVersion() throws Exception {
    assertThat(negotiate(offer(7, 45, NEEDED)).minor()).isEqualTo(Protocol.NEWEST_MINOR);
    assertThat(negotiate(offer(7, 33, NEEDED)).minor()).isEqualTo(33);
  }

  @Test
  void repliesOfOneMebibyteNeedMaxPages() throws Exception {
    assertThat(negotiate(offer(7, 45, NEEDED)).maxDataBytes()).isEqualTo(128 << 10);
    assertThat(negotiate(offer(7, 45, NEEDED | Feature.MAX_PAGES)).maxDataBytes())
        .isEqualTo(1 << 20);
  }

  @Test
  void refusesKernelsThatCannotDoWithoutOpen() {
    assertThatThrownBy(() -> negotiate(offer(7, 45, Feature.NO_OPEN_SUPPORT)))
        .isInstanceOf(UnsupportedKernelException.class);
    assertThatThrownBy(() -> negotiate(offer(7, 30, NEEDED)))
        .isInstanceOf(UnsupportedKernelException.class)
        .hasMessageContaining("7.30");
  }
}
