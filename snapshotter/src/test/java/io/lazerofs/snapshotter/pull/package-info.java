@NullMarked
package io.lazerofs.snapshotter.pull;

import org.jspecify.annotations.NullMarked;
