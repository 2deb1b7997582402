/** EROFS images and how they are served: no network, no cache, no gRPC. */
module io.lazerofs.erofs {
  requires static org.jspecify;
  requires com.github.benmanes.caffeine;
  requires com.github.luben.zstd_jni;
  requires org.apache.commons.compress;
  requires org.lz4.java;
  requires org.slf4j;
  requires org.tukaani.xz;

  exports io.lazerofs.dio;
  exports io.lazerofs.erofs;
  exports io.lazerofs.erofs.check;
  exports io.lazerofs.erofs.codec;
  exports io.lazerofs.erofs.disk;
  exports io.lazerofs.erofs.extract;
  exports io.lazerofs.erofs.summary;
  exports io.lazerofs.erofs.write;
  exports io.lazerofs.files;
  exports io.lazerofs.fuse;
  exports io.lazerofs.fuse.jnr;
  exports io.lazerofs.layers;
  exports io.lazerofs.source;
  exports io.lazerofs.sys;
  exports io.lazerofs.tar;
  exports io.lazerofs.verity;
}
