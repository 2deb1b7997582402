/**
 * Images in registries and in OCI layouts: names, manifests, blobs, logins, push.
 *
 * <p>{@link io.lazerofs.fetcher.registry.Registries#open} turns what a user wrote into a store and
 * a reference in it; from there on a registry and a directory are the same:
 *
 * <pre>{@code
 * ImageLocation image = registries.open("localhost:5000/app:1");   // or "oci:/srv/app:1"
 * Document document = image.resolve();
 * if (document.isIndex()) {
 *   Descriptor one = Index.parse(document).choose(Platform.current()).orElseThrow();
 *   document = image.store().resolve(one.digest().toString());
 * }
 * for (Descriptor layer : Manifest.parse(document).layers()) {
 *   RangeReader ranges = image.store().reader(layer);              // or openBlob: whole, verified
 * }
 * }</pre>
 *
 * <p>Documents are kept as the trees they came as: a rewritten manifest has all the fields of the
 * first, also those that this package does not know.
 *
 * <p>{@link io.lazerofs.fetcher.registry.Credentials} has the logins, one host at a time; {@link
 * io.lazerofs.fetcher.registry.DockerCredentials} reads Docker's and Kubernetes' files. A registry
 * gets a login only after it asked for one, and nobody else does.
 *
 * <p>The protocol is the OCI distribution specification 1.1 (spec.md, "Pull" and "Push") with
 * Docker's token authentication; the documents are those of the OCI image specification 1.1, and
 * Docker's version 2 schema 2.
 */
@NullMarked
package io.lazerofs.fetcher.registry;

import org.jspecify.annotations.NullMarked;
