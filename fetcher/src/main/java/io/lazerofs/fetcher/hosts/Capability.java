package io.lazerofs.fetcher.hosts;

/** What a host may be asked for. */
public enum Capability {
  /** Content by its digest, which proves it. */
  PULL,
  /** The digest behind a tag, in which the host has to be trusted. */
  RESOLVE,
  /** To take content. */
  PUSH
}
