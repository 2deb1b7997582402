/** x. */
@NullMarked
package io.lazerofs.dio;

import org.jspecify.annotations.NullMarked;
