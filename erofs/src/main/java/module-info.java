/** EROFS images and how they are served: no network, no cache, no gRPC. */
module io.lazerofs.erofs {
  requires static org.jspecify;
  requires org.slf4j;

  exports io.lazerofs.erofs;
  exports io.lazerofs.erofs.disk;
  exports io.lazerofs.fuse;
  exports io.lazerofs.source;
}
