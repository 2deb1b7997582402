package io.lazerofs.snapshotter.daemon;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be closed in the end, the last first. One that fails does not spare the others. */
final class Resources implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Resources.class);

  private record Resource(String name, AutoCloseable closing) {}

  private final Deque<Resource> open = new ArrayDeque<>();

  /** Adds something that is open now, and returns it. */
  <T extends AutoCloseable> T add(String name, T resource) {
    open.push(new Resource(name, resource));
    return resource;
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      Resource resource = open.pop();
      try {
        resource.closing.close();
      } catch (Exception e) {
        log.warn("{} was not closed cleanly", resource.name, e);
      }
    }
  }
}
