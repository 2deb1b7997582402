/**
 * The FUSE protocol: a server for the kernel's {@code /dev/fuse} and the file system that it
 * drives.
 */
@NullMarked
package io.lazerofs.fuse;

import org.jspecify.annotations.NullMarked;
