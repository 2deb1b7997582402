package io.lazerofs.snapshotter.mount;

import io.lazerofs.layers.Layer;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.snapshotter.store.SnapshotStore;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layers that are in the mount, or are being opened for it. Each index on record has a slot
 * from when it is first needed, and the slot has the layer once it is open:
 *
 * <pre>{@code
 *            recover, awaitServed            opened                     release
 * on record ─────────────────────▶ opening ─────────▶ in the mount ────────────────▶ retired, closed
 *      ▲                              │ failed                    no reply uses it any more
 *      ╰────────── set aside ◀────────╯
 * }</pre>
 *
 * <p>One that cannot be opened is set aside by itself, and is tried again when it is needed again.
 *
 * <p>Safe for use by many threads.
 */
final class OpenLayers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OpenLayers.class);

  /** How many layers a recovery opens at once; those that are needed meanwhile wait for none. */
  private static final int RECOVERED_AT_ONCE = 16;

  /** A change of the record, and of the mount with it. */
  @FunctionalInterface
  interface Change<T> {
    T make() throws SnapshotException, IOException;
  }

  private final SnapshotStore store;
  private final LayerSource source;
  private final LayerTable table;
  private final LayerListener listener;
  private final SetAside setAside;
  private final Executor executor;

  /** Completed with what waits until no reply of the mount uses a layer that it lost before. */
  private final CompletableFuture<Runnable> mounted = new CompletableFuture<>();

  /**
   * Held while the record and the mount change together; never while anything but the local disk is
   * waited for. Taken before the store's own.
   */
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final Map<Integer, CompletableFuture<OpenLayer>> slots = new HashMap<>();

  /**
   * @param table what the mount shows
   * @param listener is told of each layer
   * @param executor opens layers that are on record; its tasks may wait for a network
   */
  OpenLayers(
      SnapshotStore store,
      LayerSource source,
      LayerTable table,
      LayerListener listener,
      SetAside setAside,
      Executor executor) {
    this.store = store;
    this.source = source;
    this.table = table;
    this.listener = listener;
    this.setAside = setAside;
    this.executor = executor;
  }

  /** Says that the mount can be used; until then nobody is given a layer of it. */
  void mounted(Runnable quiesce) {
    mounted.complete(quiesce);
  }

  /** Makes a change while no other is made, and no layer comes into the mount or goes. */
  <T> T exclusively(Change<T> change) throws SnapshotException, IOException {
    lock.lock();
    try {
      return change.make();
    } finally {
      lock.unlock();
    }
  }

  /** Shows a layer that is new on record. Belongs in a change. */
  void show(LayerRecord layer, OpenLayer opened) {
    show(layer, opened, true);
    slots.put(layer.index(), CompletableFuture.completedFuture(opened));
  }

  /**
   * Takes a layer out of the mount that is not on record any more. Belongs in a change.
   *
   * @return what closes it, once no reply uses its memory
   */
  Runnable release(int index) {
    table.remove(index);
    Optional<CompletableFuture<OpenLayer>> slot = Optional.ofNullable(slots.remove(index));
    return () -> {
      setAside.remove(name(index));
      slot.ifPresent(released -> {
        var _ = released.thenAcceptAsync(this::retire, executor);
      });
    };
  }

  private void retire(OpenLayer layer) {
    listener.removed(layer);
    try {
      mounted.join().run();
    } catch (CompletionException e) {
      log.debug("a layer went that no mount had shown", e);
    }
    closeQuietly(layer);
  }

  /** Begins to open layers that are on record, a few at a time. */
  void recover(Collection<Integer> indexes) {
    Semaphore permits = new Semaphore(RECOVERED_AT_ONCE);
    executor.execute(() -> {
      try {
        for (int index : indexes) {
          permits.acquire();
          var _ = slot(index).whenComplete((layer, failure) -> permits.release());
        }
      } catch (InterruptedException e) {
        log.debug("not all layers are opened, the process ends");
        Thread.currentThread().interrupt();
      }
    });
  }

  /**
   * Waits until a layer on record is in the mount, and returns it.
   *
   * @throws Unavailable when it cannot be opened, or the mount cannot be used
   */
  OpenLayer awaitServed(int index) throws Unavailable {
    CompletableFuture<OpenLayer> slot = slot(index);
    try {
      mounted.join();
      return slot.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new Unavailable(
          "layer %d is not served: %s".formatted(index, cause.getMessage()), cause);
    }
  }

  /** Returns the layers that are open now. */
  List<OpenLayer> open() {
    lock.lock();
    try {
      return slots.values().stream()
          .filter(slot -> slot.isDone() && !slot.isCompletedExceptionally())
          .map(CompletableFuture::join)
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** Closes all layers. The mount must be gone. */
  @Override
  public void close() {
    mounted.completeExceptionally(new IOException("the daemon ends"));
    lock.lock();
    try {
      for (CompletableFuture<OpenLayer> slot : slots.values()) {
        slot.completeExceptionally(new IOException("the daemon ends"));
        if (!slot.isCompletedExceptionally()) {
          closeQuietly(slot.join());
        }
      }
      slots.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the slot of a layer on record; begins to open the layer when it has none. */
  private CompletableFuture<OpenLayer> slot(int index) {
    lock.lock();
    try {
      CompletableFuture<OpenLayer> slot = slots.get(index);
      if (slot == null) {
        CompletableFuture<OpenLayer> fresh = new CompletableFuture<>();
        slots.put(index, fresh);
        reopenSoon(index, fresh);
        slot = fresh;
      }
      return slot;
    } finally {
      lock.unlock();
    }
  }

  private void reopenSoon(int index, CompletableFuture<OpenLayer> slot) {
    try {
      executor.execute(() -> reopen(index, slot));
    } catch (RejectedExecutionException e) {
      slots.remove(index, slot);
      slot.completeExceptionally(new IOException("the daemon ends", e));
    }
  }

  private void reopen(int index, CompletableFuture<OpenLayer> slot) {
    try {
      LayerRecord layer =
          store
              .transact(transaction -> transaction.layers().find(index))
              .orElseThrow(() -> new NotOnRecordException(index));
      OpenLayer opened = source.reopen(layer);
      if (!fill(slot, layer, opened)) {
        opened.close();
        throw new NotOnRecordException(index);
      }
      setAside.remove(name(index));
    } catch (IOException | SnapshotException | RuntimeException e) {
      fail(index, slot, e);
    } catch (Error e) {
      // Nobody is to wait for ever, whatever this thread dies of.
      fail(index, slot, e);
      throw e;
    }
  }

  /** Gives a slot free that its layer did not come into. */
  private void fail(int index, CompletableFuture<OpenLayer> slot, Throwable failure) {
    lock.lock();
    try {
      if (slots.remove(index, slot) && !(failure instanceof NotOnRecordException)) {
        setAside.add(name(index), reason(failure));
      }
    } finally {
      lock.unlock();
    }
    slot.completeExceptionally(failure);
  }

  private static String reason(Throwable failure) {
    return failure instanceof IOException && failure.getMessage() != null
        ? failure.getMessage()
        : failure.toString();
  }

  /** Shows an opened layer, unless it was released meanwhile. */
  private boolean fill(CompletableFuture<OpenLayer> slot, LayerRecord layer, OpenLayer opened) {
    lock.lock();
    try {
      boolean wanted = !slot.isDone() && slots.replace(layer.index(), slot, slot);
      if (wanted) {
        show(layer, opened, false);
        slot.complete(opened);
      }
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  private void show(LayerRecord layer, OpenLayer opened, boolean first) {
    listener.shown(opened, first);
    table.add(
        new Layer(
            layer.index(), layer.generation(), Integer.toString(layer.index()), opened.image()));
  }

  private static String name(int index) {
    return "layer " + index;
  }

  static void closeQuietly(OpenLayer layer) {
    try {
      layer.close();
    } catch (IOException e) {
      log.warn("a blob was not closed cleanly: {}", e.getMessage());
    }
  }

  /** A layer went while it was waited for: nothing is wrong with it. */
  private static final class NotOnRecordException extends IOException {
    private static final long serialVersionUID = 1L;

    NotOnRecordException(int index) {
      super("no layer " + index + " is on record");
    }
  }
}
