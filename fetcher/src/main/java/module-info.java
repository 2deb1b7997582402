/** Bytes from a registry, once: registry client, cache, lazily loaded blobs. */
module io.lazerofs.fetcher {
  requires static org.jspecify;
  requires transitive io.lazerofs.erofs;
  requires transitive com.fasterxml.jackson.databind;
  requires com.github.benmanes.caffeine;
  requires com.google.cloud.tools.jib;
  requires transitive okhttp3;
  requires okio;
  requires org.slf4j;
  requires org.tomlj;

  exports io.lazerofs.fetcher.cache;
  exports io.lazerofs.fetcher.hosts;
  exports io.lazerofs.fetcher.http;
  exports io.lazerofs.fetcher.lazy;
  exports io.lazerofs.fetcher.logging;
  exports io.lazerofs.fetcher.registry;
  exports io.lazerofs.fetcher.trace;
}
