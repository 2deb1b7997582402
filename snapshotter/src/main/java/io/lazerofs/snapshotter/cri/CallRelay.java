package io.lazerofs.snapshotter.cri;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.lazerofs.snapshotter.rpc.SocketClient;

/**
 * The way of calls through this process to another server: messages as bytes, headers, trailers,
 * the status and a cancellation as they come, in both directions. A side that does not read holds
 * up the other, so no call has more than a message or two here. Safe for use by many threads.
 */
final class CallRelay {
  private final SocketClient server;

  CallRelay(SocketClient server) {
    this.server = server;
  }

  /** Is shown what is asked for. */
  @FunctionalInterface
  interface Watcher {
    /** Is called with each message of a caller, before it goes on. */
    End asked(byte[] message);
  }

  /** Is told how a call ended. */
  @FunctionalInterface
  interface End {
    End IGNORED = status -> {};

    void ended(Status status);
  }

  /** Returns how calls of a method are answered: by the other server. */
  ServerMethodDefinition<byte[], byte[]> method(String name, Watcher watcher) {
    // Whether messages are streams does not matter to their way.
    MethodDescriptor<byte[], byte[]> method =
        MethodDescriptor.newBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER)
            .setFullMethodName(name)
            .setType(MethodType.UNKNOWN)
            .build();
    return ServerMethodDefinition.create(
        method,
        (incoming, headers) -> {
          ClientCall<byte[], byte[]> outgoing = server.call(method, CallOptions.DEFAULT);
          Relayed relayed = new Relayed(incoming, outgoing, watcher);
          outgoing.start(relayed.new Answers(), headers);
          incoming.request(1);
          outgoing.request(1);
          return relayed.new Questions();
        });
  }

  /** One call: what the caller says goes out, what the server answers comes in. */
  private static final class Relayed {
    private final ServerCall<byte[], byte[]> incoming;
    private final ClientCall<byte[], byte[]> outgoing;
    private final Watcher watcher;
    private volatile End end = End.IGNORED;

    /** Whether a message waits for its receiver, who asks for the next when it is ready. */
    private boolean questionsHeld;

    private boolean answersHeld;

    Relayed(
        ServerCall<byte[], byte[]> incoming, ClientCall<byte[], byte[]> outgoing, Watcher watcher) {
      this.incoming = incoming;
      this.outgoing = outgoing;
      this.watcher = watcher;
    }

    private synchronized void nextQuestion() {
      questionsHeld = !outgoing.isReady();
      if (!questionsHeld) {
        incoming.request(1);
      }
    }

    private synchronized void questionsGoOn() {
      if (questionsHeld) {
        nextQuestion();
      }
    }

    private synchronized void nextAnswer() {
      answersHeld = !incoming.isReady();
      if (!answersHeld) {
        outgoing.request(1);
      }
    }

    private synchronized void answersGoOn() {
      if (answersHeld) {
        nextAnswer();
      }
    }

    private final class Questions extends ServerCall.Listener<byte[]> {
      @Override
      public void onMessage(byte[] message) {
        end = watcher.asked(message);
        outgoing.sendMessage(message);
        nextQuestion();
      }

      @Override
      public void onHalfClose() {
        outgoing.halfClose();
      }

      @Override
      public void onCancel() {
        outgoing.cancel("the caller gave up", null);
      }

      @Override
      public void onReady() {
        answersGoOn();
      }
    }

    private final class Answers extends ClientCall.Listener<byte[]> {
      @Override
      public void onHeaders(Metadata headers) {
        incoming.sendHeaders(headers);
      }

      @Override
      public void onMessage(byte[] message) {
        incoming.sendMessage(message);
        nextAnswer();
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        end.ended(status);
        incoming.close(status, trailers);
      }

      @Override
      public void onReady() {
        questionsGoOn();
      }
    }
  }
}
