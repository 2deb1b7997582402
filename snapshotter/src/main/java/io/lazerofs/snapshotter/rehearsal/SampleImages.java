package io.lazerofs.snapshotter.rehearsal;

import io.grpc.stub.StreamObserver;
import io.lazerofs.snapshotter.proto.images.CreateImageRequest;
import io.lazerofs.snapshotter.proto.images.CreateImageResponse;
import io.lazerofs.snapshotter.proto.images.ImagesGrpc;

/** containerd's image names, of which every one is free. */
final class SampleImages extends ImagesGrpc.ImagesImplBase {
  @Override
  public void create(CreateImageRequest request, StreamObserver<CreateImageResponse> response) {
    response.onNext(CreateImageResponse.newBuilder().setImage(request.getImage()).build());
    response.onCompleted();
  }
}
