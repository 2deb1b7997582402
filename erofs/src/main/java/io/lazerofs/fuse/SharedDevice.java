package io.lazerofs.fuse;

import io.lazerofs.fuse.sys.Transport;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A device that the last of its users closes: the number of a closed descriptor may be given to
 * another file while one of them still writes to it. Safe for use by many threads.
 */
final class SharedDevice {
  private final Transport device;
  private final AtomicInteger users;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean handedOver;

  /**
   * @param users how many there are, each of which leaves once; at least 1
   */
  SharedDevice(Transport device, int users) {
    this.device = device;
    this.users = new AtomicInteger(users);
  }

  /** Returns the device, for those who are users of it. */
  Transport device() {
    return device;
  }

  /** Makes the caller a user until it leaves, unless the last user is gone. */
  boolean enter() {
    int before;
    do {
      before = users.get();
      if (before == 0) {
        return false;
      }
    } while (!users.compareAndSet(before, before + 1));
    return true;
  }

  /** Makes workers leave, each after the request that it waits for or answers. */
  void handOver() {
    handedOver = true;
  }

  /** Whether another process serves the session from now on. */
  boolean isHandedOver() {
    return handedOver;
  }

  void leave() {
    if (users.decrementAndGet() == 0) {
      device.close();
      over.countDown();
    }
  }

  /** Returns the latch that opens when the last user is gone. */
  CountDownLatch over() {
    return over;
  }
}
