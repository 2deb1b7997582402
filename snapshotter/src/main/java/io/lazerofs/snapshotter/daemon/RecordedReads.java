package io.lazerofs.snapshotter.daemon;

import io.lazerofs.fetcher.lazy.Touch;
import io.lazerofs.fetcher.lazy.TouchRecorder;
import io.lazerofs.fetcher.trace.Trace;
import io.lazerofs.snapshotter.proto.ReadRange;
import io.lazerofs.snapshotter.proto.TraceRequest;
import io.lazerofs.snapshotter.proto.TraceResponse;
import io.lazerofs.snapshotter.service.DaemonService;
import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import io.lazerofs.source.Digest;
import java.util.ArrayList;
import java.util.List;

/** What was read first of some layers, out of a recorder. */
record RecordedReads(TouchRecorder recorder) implements DaemonService.Traces {
  @Override
  public TraceResponse of(TraceRequest request) throws InvalidArgument {
    List<Digest> layers = new ArrayList<>();
    for (String layer : request.getLayersList()) {
      try {
        layers.add(Digest.parse(layer));
      } catch (IllegalArgumentException e) {
        throw new InvalidArgument(String.valueOf(e.getMessage()));
      }
    }
    TraceResponse.Builder response = TraceResponse.newBuilder();
    for (Touch touch : recorder.touches(layers, Trace.MAX_RANGES)) {
      response.addRanges(
          ReadRange.newBuilder()
              .setLayer(layers.indexOf(touch.blob()))
              .setOffset(touch.offset())
              .setLength(touch.length()));
    }
    return response.build();
  }
}
