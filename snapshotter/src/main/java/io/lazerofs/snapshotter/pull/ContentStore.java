package io.lazerofs.snapshotter.pull;

import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.lazerofs.snapshotter.proto.content.AbortRequest;
import io.lazerofs.snapshotter.proto.content.ContentGrpc;
import io.lazerofs.snapshotter.proto.content.Info;
import io.lazerofs.snapshotter.proto.content.InfoRequest;
import io.lazerofs.snapshotter.proto.content.UpdateRequest;
import io.lazerofs.snapshotter.proto.content.WriteAction;
import io.lazerofs.snapshotter.proto.content.WriteContentRequest;
import io.lazerofs.snapshotter.proto.content.WriteContentResponse;
import io.lazerofs.source.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * containerd's content store: blobs by digest, each with labels that say what it refers to.
 *
 * <p>A blob is written on one bidirectional stream. Each message gets an answer, so the writer
 * never runs ahead of containerd's disk:
 *
 * <pre>{@code
 * STAT   ref, total, expected  →  offset: how much of it is there already
 * WRITE  offset, data          →  offset after it      (any number of times)
 * COMMIT offset, labels        →  digest               (ALREADY_EXISTS: someone was faster)
 * }</pre>
 */
final class ContentStore {
  private static final int CHUNK_BYTES = 1 << 20;

  private final ContainerdClient client;
  private final Lease lease;

  ContentStore(ContainerdClient client, Lease lease) {
    this.client = client;
    this.lease = lease;
  }

  /** Whether the blob is in the store and in the namespace. */
  boolean contains(Digest digest) throws IOException {
    try {
      ContentGrpc.newBlockingV2Stub(lease.channel())
          .info(InfoRequest.newBuilder().setDigest(digest.toString()).build());
      return true;
    } catch (StatusException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return false;
      }
      throw client.failure("looking for " + digest, e);
    }
  }

  /**
   * Writes a blob, unless it is there, and sets {@code labels} on it. containerd checks size and
   * digest before it lets anyone see the blob.
   *
   * @param content the blob from its first byte on; left open
   * @param written told each number of bytes that were handed over
   */
  void put(
      Digest digest,
      long size,
      InputStream content,
      Map<String, String> labels,
      LongConsumer written)
      throws IOException {
    String ref = lease.id() + "-" + digest.hex();
    BlockingClientCall<WriteContentRequest, WriteContentResponse> call =
        ContentGrpc.newBlockingV2Stub(lease.channel()).write();
    boolean committed = false;
    try {
      Ingest ingest = new Ingest(call, WriteContentRequest.newBuilder().setRef(ref));
      ingest.run(digest, size, content, labels, written);
      committed = true;
    } catch (StatusException e) {
      if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
        throw client.failure("writing " + digest, e);
      }
      committed = true;
      label(digest, labels);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while writing " + digest);
    } finally {
      call.cancel("done", null);
      if (!committed) {
        abort(ref);
      }
    }
  }

  /** Sets labels on a blob that is in the store; its other labels stay. */
  void label(Digest digest, Map<String, String> labels) throws IOException {
    FieldMask.Builder mask = FieldMask.newBuilder();
    labels.keySet().forEach(key -> mask.addPaths("labels." + key));
    UpdateRequest request =
        UpdateRequest.newBuilder()
            .setInfo(Info.newBuilder().setDigest(digest.toString()).putAllLabels(labels))
            .setUpdateMask(mask)
            .build();
    try {
      ContentGrpc.newBlockingV2Stub(lease.channel()).update(request);
    } catch (StatusException e) {
      throw client.failure("labelling " + digest, e);
    }
  }

  private void abort(String ref) {
    try {
      ContentGrpc.newBlockingV2Stub(client.channel())
          .abort(AbortRequest.newBuilder().setRef(ref).build());
    } catch (StatusException e) {
      // What is left of the ingest is collected by containerd after a day.
    }
  }

  /** One blob on its way into the store. */
  private record Ingest(
      BlockingClientCall<WriteContentRequest, WriteContentResponse> call,
      WriteContentRequest.Builder request) {

    void run(
        Digest digest,
        long size,
        InputStream content,
        Map<String, String> labels,
        LongConsumer written)
        throws IOException, InterruptedException, StatusException {
      request.setTotal(size).setExpected(digest.toString());
      long offset = ask(request.setAction(WriteAction.STAT)).getOffset();
      content.skipNBytes(offset);
      while (offset < size) {
        byte[] chunk = content.readNBytes((int) Math.min(CHUNK_BYTES, size - offset));
        if (chunk.length == 0) {
          throw new EOFException(digest + " ends after " + offset + " of " + size + " bytes");
        }
        request.setOffset(offset).setData(ByteString.copyFrom(chunk));
        offset = ask(request.setAction(WriteAction.WRITE)).getOffset();
        written.accept(chunk.length);
      }
      request.setOffset(offset).clearData().putAllLabels(labels);
      ask(request.setAction(WriteAction.COMMIT));
      call.halfClose();
    }

    private WriteContentResponse ask(WriteContentRequest.Builder message)
        throws InterruptedException, StatusException, IOException {
      call.write(message.build());
      WriteContentResponse response = call.read();
      if (response == null) {
        throw new EOFException("containerd ended the stream of a write");
      }
      return response;
    }
  }
}
