package io.lazerofs.snapshotter.mount;

import java.util.List;

/**
 * A mount that somebody else is to make, in the words of mount(8).
 *
 * @param type the type of file system, or "bind"
 * @param source what is mounted: a directory, or any word for a type that needs none
 */
public record Mount(String type, String source, List<String> options) {
  public Mount {
    options = List.copyOf(options);
  }
}
