/** Codecs. */
@NullMarked
package io.lazerofs.erofs.codec;

import org.jspecify.annotations.NullMarked;
