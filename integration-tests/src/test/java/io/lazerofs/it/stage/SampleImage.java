package io.lazerofs.it.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The quick start's image: a Debian userland, and a 64 MiB file in a layer of its own.
 *
 * @param layout directory of the OCI layout
 * @param blobSha256 digits of the digest of its {@code /data/blob.bin}
 */
public record SampleImage(Path layout, String blobSha256) {

  /** Returns the image from the cache; it is made first if it is not there. */
  public static SampleImage find(Stage stage) throws IOException, InterruptedException {
    var out = stage.script("sample_image", "common.sh", "image.sh").ok().out();
    var dir = Path.of(out.strip());
    return new SampleImage(
        dir.resolve("layout"), Files.readString(dir.resolve("blob.sha256")).strip());
  }
}
