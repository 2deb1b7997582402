package io.lazerofs.snapshotter.cri;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.lazerofs.fetcher.registry.Credential;
import io.lazerofs.fetcher.registry.PulledCredentials;
import io.lazerofs.snapshotter.proto.cri.AuthConfig;
import io.lazerofs.snapshotter.proto.cri.ImageSpec;
import io.lazerofs.snapshotter.proto.cri.PullImageRequest;
import io.lazerofs.snapshotter.service.SocketServer;
import io.lazerofs.snapshotter.service.TestSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The passage to a containerd that answers with what a test says, over real sockets. */
class ImageServiceTest {
  private static final Credential LOGIN = new Credential("user", "pass");
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("of-the-test", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir private Path directory;
  private final PulledCredentials logins = new PulledCredentials(10);
  private final Fake fake = new Fake();
  private ImageService service;
  private TestSocket client;

  /** A server that has every method: it sends the question back as often as is asked. */
  private static final class Fake extends HandlerRegistry {
    volatile Status status = Status.OK;
    volatile int answers = 1;
    volatile String method = "";
    volatile @Nullable String header;
    volatile Runnable during = () -> {};
    final CountDownLatch cancelled = new CountDownLatch(1);

    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
      return ServerMethodDefinition.create(
          descriptor(name),
          (call, headers) -> {
            method = name;
            header = headers.get(HEADER);
            call.request(1);
            return new Answering(call);
          });
    }

    private final class Answering extends ServerCall.Listener<byte[]> {
      private final ServerCall<byte[], byte[]> call;

      Answering(ServerCall<byte[], byte[]> call) {
        this.call = call;
      }

      @Override
      public void onMessage(byte[] message) {
        during.run();
        if (answers < 0) {
          return;
        }
        if (status.isOk()) {
          call.sendHeaders(new Metadata());
          for (int i = 0; i < answers; i++) {
            call.sendMessage(message);
          }
        }
        Metadata trailers = new Metadata();
        trailers.put(HEADER, "trailer");
        call.close(status, trailers);
      }

      @Override
      public void onCancel() {
        cancelled.countDown();
      }
    }
  }

  private static MethodDescriptor<byte[], byte[]> descriptor(String name) {
    return MethodDescriptor.newBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER)
        .setFullMethodName(name)
        .setType(MethodType.SERVER_STREAMING)
        .build();
  }

  @BeforeEach
  void start() throws IOException {
    service = ImageService.start(directory.resolve("own"), directory.resolve("cd"), logins);
    client = new TestSocket(directory.resolve("own"));
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    service.close();
  }

  private SocketServer containerd() throws IOException {
    return SocketServer.start(directory.resolve("cd"), List.of(), Optional.of(fake));
  }

  private Iterator<byte[]> call(String method, byte[] question) {
    return ClientCalls.blockingServerStreamingCall(
        client.channel(), descriptor(method), CallOptions.DEFAULT, question);
  }

  private byte[] pull(Credential login) {
    byte[] request =
        PullImageRequest.newBuilder()
            .setImage(ImageSpec.newBuilder().setImage("registry.example/app:1"))
            .setAuth(
                AuthConfig.newBuilder().setUsername(login.username()).setPassword(login.secret()))
            .build()
            .toByteArray();
    return call("runtime.v1.ImageService/PullImage", request).next();
  }

  private List<Credential> kept() {
    return logins.candidates("registry.example", "app");
  }

  @Test
  void whatIsNotKnownOfAMessageArrives() throws Exception {
    try (SocketServer _ = containerd()) {
      byte[] strange = "no protobuf at all, \0 and all".getBytes(UTF_8);

      assertThat(call("runtime.v1.ImageService/NewMethod", strange).next()).isEqualTo(strange);
      assertThat(fake.method).isEqualTo("runtime.v1.ImageService/NewMethod");
      assertThat(call("runtime.v1.ImageService/PullImage", strange).next()).isEqualTo(strange);
    }
  }

  @Test
  void aStreamOfManyAnswersArrivesWhole() throws Exception {
    try (SocketServer _ = containerd()) {
      fake.answers = 200;
      byte[] question = new byte[100_000];
      List<byte[]> answers = new ArrayList<>();
      call("runtime.v1.ImageService/StreamImages", question).forEachRemaining(answers::add);

      assertThat(answers).hasSize(200).allMatch(answer -> answer.length == question.length);
    }
  }

  @Test
  void headersTrailersAndTheStatusArrive() throws Exception {
    try (SocketServer _ = containerd()) {
      fake.status = Status.PERMISSION_DENIED.withDescription("not for you");
      Metadata headers = new Metadata();
      headers.put(HEADER, "header");
      var channel =
          ClientInterceptors.intercept(
              client.channel(), MetadataUtils.newAttachHeadersInterceptor(headers));

      assertThatThrownBy(() ->
              ClientCalls.blockingServerStreamingCall(
                      channel,
                      descriptor("runtime.v1.ImageService/ImageStatus"),
                      CallOptions.DEFAULT,
                      new byte[0])
                  .hasNext())
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
                assertThat(e.getStatus().getDescription()).isEqualTo("not for you");
                assertThat(requireNonNull(e.getTrailers()).get(HEADER)).isEqualTo("trailer");
              });
      assertThat(fake.header).isEqualTo("header");
    }
  }

  @Test
  void aLoginIsThereDuringItsPullAndStays() throws Exception {
    try (SocketServer _ = containerd()) {
      List<Credential> during = new ArrayList<>();
      fake.during = () -> during.addAll(kept());
      pull(LOGIN);

      assertThat(during).containsExactly(LOGIN);
      assertThat(kept()).containsExactly(LOGIN);
    }
  }

  @Test
  void theLoginOfAPullThatFailsIsForgotten() throws Exception {
    try (SocketServer _ = containerd()) {
      pull(LOGIN);
      fake.status = Status.UNKNOWN;
      assertThatThrownBy(() -> pull(new Credential("user", "wrong")))
          .isInstanceOf(StatusRuntimeException.class);
      assertThatThrownBy(() -> pull(LOGIN)).isInstanceOf(StatusRuntimeException.class);

      assertThat(kept()).containsExactly(LOGIN);
    }
  }

  @Test
  void onlyCallsAboutImagesGoThrough() throws Exception {
    try (SocketServer _ = containerd()) {
      assertThatThrownBy(() -> call("runtime.v1.RuntimeService/Version", new byte[0]).next())
          .hasMessageContaining("UNIMPLEMENTED");
      assertThatThrownBy(
              () -> call("containerd.services.content.v1.Content/List", new byte[0]).next())
          .hasMessageContaining("UNIMPLEMENTED");
      assertThat(fake.method).isEmpty();
    }
  }

  @Test
  void aCallThatIsGivenUpIsGivenUpThere() throws Exception {
    try (SocketServer _ = containerd()) {
      fake.answers = -1;
      ClientCall<byte[], byte[]> call =
          client
              .channel()
              .newCall(descriptor("runtime.v1.ImageService/PullImage"), CallOptions.DEFAULT);
      call.start(new ClientCall.Listener<>() {}, new Metadata());
      call.sendMessage(new byte[0]);
      call.halfClose();
      await().until(() -> !fake.method.isEmpty());
      call.cancel("enough", null);

      assertThat(fake.cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void withoutContainerdCallsFailAndOnceItIsThereTheyDoNot() throws Exception {
    byte[] question = "?".getBytes(UTF_8);
    for (int round = 0; round < 3; round++) {
      assertThatThrownBy(() -> call("runtime.v1.ImageService/ListImages", question).next())
          .hasMessageContaining("UNAVAILABLE");
      try (SocketServer _ = containerd()) {
        await("the next call to connect")
            .ignoreExceptions()
            .untilAsserted(() ->
                assertThat(call("runtime.v1.ImageService/ListImages", question).next())
                    .isEqualTo(question));
      }
    }
  }
}
