/** Tests on real mounts, against the kernel and with real parts of the field. */
@NullMarked
package io.lazerofs.it;

import org.jspecify.annotations.NullMarked;
