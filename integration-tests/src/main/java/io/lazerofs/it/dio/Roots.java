package io.lazerofs.it.dio;

/**
 * Where the same files are.
 *
 * @param plain a mount of an image
 * @param overlay an overlayfs above it
 */
record Roots(String plain, String overlay) {

  String path(ReadCall call) {
    return (call.overlay() ? overlay : plain) + call.file().path();
  }
}
