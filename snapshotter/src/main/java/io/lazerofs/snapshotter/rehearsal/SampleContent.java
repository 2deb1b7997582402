package io.lazerofs.snapshotter.rehearsal;

import io.grpc.stub.StreamObserver;
import io.lazerofs.snapshotter.proto.content.ContentGrpc;
import io.lazerofs.snapshotter.proto.content.WriteContentRequest;
import io.lazerofs.snapshotter.proto.content.WriteContentResponse;

/** containerd's content store, as a writer sees it who is never refused. */
final class SampleContent extends ContentGrpc.ContentImplBase {
  @Override
  public StreamObserver<WriteContentRequest> write(StreamObserver<WriteContentResponse> responses) {
    return new StreamObserver<>() {
      @Override
      public void onNext(WriteContentRequest request) {
        responses.onNext(
            WriteContentResponse.newBuilder()
                .setOffset(request.getOffset() + request.getData().size())
                .build());
      }

      @Override
      public void onError(Throwable failure) {
        // The writer went away; nothing was kept.
      }

      @Override
      public void onCompleted() {
        responses.onCompleted();
      }
    };
  }
}
