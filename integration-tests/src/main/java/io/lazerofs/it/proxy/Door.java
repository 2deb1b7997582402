package io.lazerofs.it.proxy;

/** How the proxy meets those who connect. */
public enum Door {
  /** It takes and serves connections. */
  OPEN,
  /** It takes connections and ends them at once. */
  SLAMMED,
  /** Nothing listens on its port: the kernel refuses connections. */
  SHUT
}
