/**
 * The commands of lazerofs.
 *
 * <pre>{@code
 * lazerofs mkfs | mount | umount      a file system, without containerd
 *          dump | fsck                what is in an image, and whether it is whole
 *          convert                    an image in a registry or layout, into one of EROFS layers
 *          snapshotter | status       the daemon that containerd asks
 *          pull                       an image into containerd, lazily
 *          config containerd          what containerd has to be told of it
 * }</pre>
 *
 * <p>A command parses its arguments, puts the parts together and tells what came of it; all else is
 * in the packages that it uses. Failures are one line on standard error that says what, where and
 * what to do; the exit status is 0, 1 for a failure and 2 for wrong usage.
 *
 * <p>Options follow POSIX's utility conventions with long options (Base Definitions, chapter 12);
 * names are those of erofs-utils, mount(8) and ctr where these have them.
 */
@NullMarked
package io.lazerofs.snapshotter.cli;

import org.jspecify.annotations.NullMarked;
