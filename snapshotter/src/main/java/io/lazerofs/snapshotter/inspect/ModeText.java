package io.lazerofs.snapshotter.inspect;

import io.lazerofs.erofs.Inode;

/** The mode of a file as {@code ls -l} shows it. */
final class ModeText {
  private static final int SET_USER = 04000;
  private static final int SET_GROUP = 02000;
  private static final int STICKY = 01000;

  private ModeText() {}

  static String of(Inode inode) {
    int mode = inode.mode();
    char type =
        switch (inode.type()) {
          case REGULAR -> '-';
          case DIRECTORY -> 'd';
          case CHARACTER_DEVICE -> 'c';
          case BLOCK_DEVICE -> 'b';
          case FIFO -> 'p';
          case SOCKET -> 's';
          case SYMLINK -> 'l';
          case UNKNOWN -> '?';
        };
    return type
        + triple(mode >> 6, (mode & SET_USER) != 0, 's')
        + triple(mode >> 3, (mode & SET_GROUP) != 0, 's')
        + triple(mode, (mode & STICKY) != 0, 't');
  }

  /** Three bits, the last with a special one beside it that shows in its place. */
  private static String triple(int bits, boolean special, char letter) {
    boolean execute = (bits & 1) != 0;
    char plain = execute ? 'x' : '-';
    char last = special ? (execute ? letter : Character.toUpperCase(letter)) : plain;
    return "" + ((bits & 4) != 0 ? 'r' : '-') + ((bits & 2) != 0 ? 'w' : '-') + last;
  }
}
