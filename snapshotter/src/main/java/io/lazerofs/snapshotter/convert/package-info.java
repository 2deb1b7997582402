/**
 * Conversion of an OCI image into one whose layers are EROFS images.
 *
 * <pre>{@code
 * index ─┬─ manifest linux/amd64 ─┬─ config   diff ids ──▶ the digests of the new layers,
 *        │                        │           os.features ──▶ "erofs" added
 *        │                        ├─ layer    tar+gzip ──▶ EROFS (two platforms' same layer: once),
 *        │                        │                       with a hash tree, which annotations name
 *        │                        └─ layer    EROFS already ──▶ kept
 *        ├─ manifest linux/arm64    …
 *        └─ attestation             carried through as it is
 * }</pre>
 *
 * <p>Everything that is read is checked: a layer's bytes against its descriptor, its tar stream
 * against the diff id in the configuration. An uncompressed EROFS layer's diff id is its own
 * digest, since there is nothing to unpack. The parts are written bottom up and the tag last, so a
 * conversion that fails leaves no image that lacks a part.
 *
 * <p>Documents follow the OCI image specification (manifest.md, config.md, image-index.md); fields
 * that it does not define are kept. The same image and options give the same documents, byte for
 * byte.
 */
@NullMarked
package io.lazerofs.snapshotter.convert;

import org.jspecify.annotations.NullMarked;
