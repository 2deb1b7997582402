package io.lazerofs.snapshotter.rehearsal;

import com.google.protobuf.Empty;
import io.grpc.stub.StreamObserver;
import io.lazerofs.snapshotter.proto.leases.CreateRequest;
import io.lazerofs.snapshotter.proto.leases.CreateResponse;
import io.lazerofs.snapshotter.proto.leases.DeleteRequest;
import io.lazerofs.snapshotter.proto.leases.Lease;
import io.lazerofs.snapshotter.proto.leases.LeasesGrpc;

/** containerd's leases, given to whoever asks and forgotten. */
final class SampleLeases extends LeasesGrpc.LeasesImplBase {
  @Override
  public void create(CreateRequest request, StreamObserver<CreateResponse> response) {
    response.onNext(
        CreateResponse.newBuilder().setLease(Lease.newBuilder().setId(request.getId())).build());
    response.onCompleted();
  }

  @Override
  public void delete(DeleteRequest request, StreamObserver<Empty> response) {
    response.onNext(Empty.getDefaultInstance());
    response.onCompleted();
  }
}
