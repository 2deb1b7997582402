/** What lazerofs is installed with: manifests for Kubernetes, held against their schema. */
@NullMarked
package io.lazerofs.it.packaging;

import org.jspecify.annotations.NullMarked;
