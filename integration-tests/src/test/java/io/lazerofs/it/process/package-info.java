/** The daemon as a process: what a service manager hears of it. */
@NullMarked
package io.lazerofs.it.process;

import org.jspecify.annotations.NullMarked;
