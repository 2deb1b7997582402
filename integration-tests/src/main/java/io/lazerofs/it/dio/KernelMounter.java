package io.lazerofs.it.dio;

import io.lazerofs.it.conformance.Program;
import io.lazerofs.it.tree.RawFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The kernel's EROFS over loop devices. */
record KernelMounter(ImageFiles image) implements Side.Mounter {
  private static final long READ_ONLY = 1;

  @Override
  public Path mount(Path directory, Closing closing) throws IOException, InterruptedException {
    List<String> loops = new ArrayList<>();
    for (Path device : image.devices()) {
      String loop =
          Program.run("losetup", "--read-only", "--find", "--show", device.toString()).strip();
      closing.add(() -> Program.run("losetup", "--detach", loop));
      loops.add(loop);
    }
    String others =
        loops.stream().skip(1).map(loop -> "device=" + loop).collect(Collectors.joining(","));
    RawFiles.mount(loops.getFirst(), directory.toString(), "erofs", READ_ONLY, others);
    closing.add(() -> RawFiles.unmount(directory.toString()));
    return directory;
  }
}
