/**
 * What undoes and makes the compressed data of EROFS: one stream of LZ4, LZMA, DEFLATE or Zstandard
 * in each physical cluster (pcluster), and nothing of where pclusters lie in an image.
 *
 * <pre>{@code
 * an image's pcluster        ┌─────────┬───────────────────────────┐
 *                            │ 0 0 0 0 │ stream                    │   source[start, end)
 *                            └─────────┴───────────────────────────┘
 *       Decoder.decode  │                                    ▲  Encoder.fit
 *                       ▼                                    │
 * a file's content           ┌──────────────────────────────────────────────┐
 *                            │ up to 12 MiB in one stream                   │
 *                            └──────────────────────────────────────────────┘
 * }</pre>
 *
 * <p>A {@link io.lazerofs.erofs.codec.Decoder} gives as many bytes as it is asked for and never
 * more, however far a stream would expand. An {@link io.lazerofs.erofs.codec.Encoder} works the
 * other way round than most: the compressed size is given, and it finds how much content fits.
 * {@link io.lazerofs.erofs.codec.Compression} is a user's choice of an encoder.
 *
 * <p>The forms of the streams are those that the Linux kernel reads, fs/erofs/decompressor*.c:
 *
 * <ul>
 *   <li>LZ4: one raw block, <a
 *       href="https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md">lz4_Block_format.md</a>;
 *   <li>MicroLZMA: raw LZMA without an end marker, whose first byte, which is always 0, gives place
 *       to the inverted properties (lib/xz, XZ_DEC_MICROLZMA);
 *   <li>DEFLATE: the raw format of <a href="https://www.rfc-editor.org/rfc/rfc1951">RFC 1951</a>;
 *   <li>Zstandard: one frame of <a href="https://www.rfc-editor.org/rfc/rfc8878">RFC 8878</a> with
 *       a window of at most 1 MiB and no dictionary.
 * </ul>
 */
@NullMarked
package io.lazerofs.erofs.codec;

import org.jspecify.annotations.NullMarked;
