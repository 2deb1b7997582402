package io.lazerofs.fuse;

import java.io.IOException;

/** Says that the kernel's FUSE lacks something that a session cannot do without. */
public final class UnsupportedKernelException extends IOException {
  private static final long serialVersionUID = 1L;

  UnsupportedKernelException(Request.Initialize offer) {
    super(
        "the kernel speaks FUSE %d.%d with features %#x; version 7.%d (Linux 5.4) or later is needed"
            .formatted(offer.major(), offer.minor(), offer.features(), Protocol.OLDEST_MINOR));
  }
}
