package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.io.InterruptedIOException;

/** A range that a reader waits for, until it is closed. */
public final class AwaitedRange implements AutoCloseable {
  private final HeldBlocks held;
  private final Regions.Pin pin;
  private final int heldBytes;

  private AwaitedRange(HeldBlocks held, Regions.Pin pin, int heldBytes) {
    this.held = held;
    this.pin = pin;
    this.heldBytes = heldBytes;
  }

  /**
   * @param passesThrough whether what comes is held in memory, for which readers queue up
   */
  static AwaitedRange begin(HeldBlocks held, Regions.Pin pin, long length, boolean passesThrough)
      throws IOException {
    try {
      if (passesThrough && length > HeldBlocks.AWAITED_BYTES) {
        throw new IOException(
            "a read of %d bytes cannot pass through a cache whose disk fails: at most %d can"
                .formatted(length, HeldBlocks.AWAITED_BYTES));
      }
      int heldBytes = passesThrough ? (int) length : 0;
      held.await(heldBytes);
      return new AwaitedRange(held, pin, heldBytes);
    } catch (InterruptedException e) {
      pin.close();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to pass through");
    } catch (IOException e) {
      pin.close();
      throw e;
    }
  }

  @Override
  public void close() {
    pin.close();
    held.arrived(heldBytes);
  }
}
