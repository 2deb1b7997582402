@NullMarked
package io.lazerofs.snapshotter.convert;

import org.jspecify.annotations.NullMarked;
