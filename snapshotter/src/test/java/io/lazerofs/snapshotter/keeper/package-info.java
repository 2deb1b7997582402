@NullMarked
package io.lazerofs.snapshotter.keeper;

import org.jspecify.annotations.NullMarked;
