package io.lazerofs.snapshotter.mount;

/** What is done with layers that have no hash tree, whose blocks cannot be verified one by one. */
public enum Verify {
  /** They are served lazily; the digest of the whole is checked when all of it is there. */
  WHEN_POSSIBLE,
  /** They are not served lazily. */
  REQUIRE
}
