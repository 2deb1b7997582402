package io.lazerofs.it.fuzz;

import io.lazerofs.source.ByteSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * A copy of an original that can be changed, and changed back at the cost of the changes. Used by
 * one thread.
 */
final class Workpiece {
  private final Original original;
  private final List<byte[]> devices = new ArrayList<>();
  private final int[] lengths;
  private final Deque<Mutant.Edit> done = new ArrayDeque<>();

  Workpiece(Original original) {
    this.original = original;
    original.devices().forEach(device -> devices.add(device.clone()));
    this.lengths = new int[devices.size()];
    restore();
  }

  byte[] device(int index) {
    return devices.get(index);
  }

  int count() {
    return devices.size();
  }

  /** Puts bytes at a place, as many of them as fit. */
  void put(int device, int offset, byte[] bytes) {
    byte[] target = devices.get(device);
    int length = Math.min(bytes.length, target.length - offset);
    done.push(new Mutant.Edit(device, offset, Arrays.copyOfRange(target, offset, offset + length)));
    System.arraycopy(bytes, 0, target, offset, length);
  }

  void cut(int device, int length) {
    lengths[device] = length;
  }

  /** Makes it the original again. */
  void restore() {
    while (!done.isEmpty()) {
      Mutant.Edit edit = done.pop();
      byte[] bytes = edit.bytes();
      System.arraycopy(bytes, 0, devices.get(edit.device()), edit.offset(), bytes.length);
    }
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = devices.get(i).length;
    }
  }

  /** Returns the devices as they are, the primary one first. */
  List<ByteSource> sources(boolean views) {
    List<ByteSource> sources = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      sources.add(new GuardedSource(devices.get(i), lengths[i], views));
    }
    return sources;
  }

  /** Makes it a mutant of its original. */
  void become(Mutant mutant) {
    restore();
    mutant.edits().forEach(edit -> put(edit.device(), edit.offset(), edit.bytes()));
    for (int i = 0; i < lengths.length; i++) {
      cut(i, mutant.lengths().get(i));
    }
  }

  /** Returns what it is. */
  Mutant mutant(boolean views) {
    List<Mutant.Edit> edits = new ArrayList<>();
    for (Mutant.Edit old : done.reversed()) {
      int end = old.offset() + old.bytes().length;
      byte[] now = Arrays.copyOfRange(devices.get(old.device()), old.offset(), end);
      edits.add(new Mutant.Edit(old.device(), old.offset(), now));
    }
    return new Mutant(original.name(), views, Arrays.stream(lengths).boxed().toList(), edits);
  }
}
