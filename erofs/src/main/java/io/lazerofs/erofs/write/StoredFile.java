package io.lazerofs.erofs.write;

import java.util.Optional;

/**
 * The content of a regular file that an {@link ImageWriter} was given. Where it lies is known when
 * all content is written.
 */
final class StoredFile {
  private Optional<Content> content = Optional.empty();

  /** Returns content that is in the image already. */
  static StoredFile of(Content content) {
    StoredFile file = new StoredFile();
    file.complete(content);
    return file;
  }

  /** Returns where the content lies. */
  Content content() {
    return content.orElseThrow(() -> new IllegalStateException("not all content is written"));
  }

  void complete(Content written) {
    content = Optional.of(written);
  }
}
