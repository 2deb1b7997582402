@NullMarked
package io.lazerofs.snapshotter.cli;

import org.jspecify.annotations.NullMarked;
