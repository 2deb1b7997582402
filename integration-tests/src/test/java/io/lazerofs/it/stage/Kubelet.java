package io.lazerofs.it.stage;

import io.grpc.stub.AbstractBlockingStub;
import io.lazerofs.it.cri.AuthConfig;
import io.lazerofs.it.cri.ContainerConfig;
import io.lazerofs.it.cri.ContainerMetadata;
import io.lazerofs.it.cri.CreateContainerRequest;
import io.lazerofs.it.cri.ExecSyncRequest;
import io.lazerofs.it.cri.ExecSyncResponse;
import io.lazerofs.it.cri.Image;
import io.lazerofs.it.cri.ImageFsInfoRequest;
import io.lazerofs.it.cri.ImageServiceGrpc;
import io.lazerofs.it.cri.ImageSpec;
import io.lazerofs.it.cri.ImageStatusRequest;
import io.lazerofs.it.cri.LinuxContainerConfig;
import io.lazerofs.it.cri.LinuxContainerSecurityContext;
import io.lazerofs.it.cri.LinuxPodSandboxConfig;
import io.lazerofs.it.cri.LinuxSandboxSecurityContext;
import io.lazerofs.it.cri.ListImagesRequest;
import io.lazerofs.it.cri.NamespaceMode;
import io.lazerofs.it.cri.NamespaceOption;
import io.lazerofs.it.cri.PodSandboxConfig;
import io.lazerofs.it.cri.PodSandboxMetadata;
import io.lazerofs.it.cri.PullImageRequest;
import io.lazerofs.it.cri.RemoveContainerRequest;
import io.lazerofs.it.cri.RemoveImageRequest;
import io.lazerofs.it.cri.RemovePodSandboxRequest;
import io.lazerofs.it.cri.RunPodSandboxRequest;
import io.lazerofs.it.cri.RuntimeServiceGrpc;
import io.lazerofs.it.cri.StartContainerRequest;
import io.lazerofs.it.cri.StopContainerRequest;
import io.lazerofs.it.cri.StopPodSandboxRequest;
import io.lazerofs.snapshotter.rpc.SocketClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A kubelet's calls to containerd's CRI, for pods in the host's network. A call that fails throws
 * {@link io.grpc.StatusRuntimeException}.
 */
public final class Kubelet implements AutoCloseable {
  private static final NamespaceOption HOST_NETWORK =
      NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE).build();

  private final SocketClient runtime;
  private final SocketClient images;

  private Kubelet(SocketClient runtime, SocketClient images) {
    this.runtime = runtime;
    this.images = images;
  }

  /**
   * Returns a kubelet; the caller closes it.
   *
   * @param runtime the socket for calls about pods and containers
   * @param images the socket for calls about images, {@code --image-service-endpoint}
   */
  public static Kubelet of(Path runtime, Path images) throws IOException {
    return new Kubelet(
        SocketClient.of("the CRI", runtime), SocketClient.of("the image service", images));
  }

  /** Pulls an image and returns its reference by digest. */
  public String pull(String image, AuthConfig auth) {
    return images()
        .pullImage(PullImageRequest.newBuilder().setImage(spec(image)).setAuth(auth).build())
        .getImageRef();
  }

  /** The image, if containerd has it. */
  public Optional<Image> image(String image) {
    var answer =
        images().imageStatus(ImageStatusRequest.newBuilder().setImage(spec(image)).build());
    return answer.hasImage() ? Optional.of(answer.getImage()) : Optional.empty();
  }

  /** All images that containerd has. */
  public List<Image> imageList() {
    return images().listImages(ListImagesRequest.getDefaultInstance()).getImagesList();
  }

  public void removeImage(String image) {
    var _ = images().removeImage(RemoveImageRequest.newBuilder().setImage(spec(image)).build());
  }

  /** Where the kubelet looks for the disk that images take. */
  public List<String> imageFileSystems() {
    return images()
        .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
        .getImageFilesystemsList()
        .stream()
        .map(usage -> usage.getFsId().getMountpoint())
        .toList();
  }

  /**
   * Runs a pod.
   *
   * @param logs the directory of its containers' logs
   */
  public Pod run(String name, Path logs) {
    var config =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder()
                    .setName(name)
                    .setNamespace("it")
                    .setUid("uid-" + name))
            .setLogDirectory(logs.toString())
            .setLinux(
                LinuxPodSandboxConfig.newBuilder()
                    .setSecurityContext(
                        LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(HOST_NETWORK)))
            .build();
    var answer =
        runtime().runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build());
    return new Pod(answer.getPodSandboxId(), config);
  }

  @Override
  public void close() {
    images.close();
    runtime.close();
  }

  private static ImageSpec spec(String image) {
    return ImageSpec.newBuilder().setImage(image).build();
  }

  private RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime() {
    return soon(RuntimeServiceGrpc.newBlockingStub(runtime.channel()));
  }

  private ImageServiceGrpc.ImageServiceBlockingStub images() {
    return soon(ImageServiceGrpc.newBlockingStub(images.channel()));
  }

  private static <T extends AbstractBlockingStub<T>> T soon(T stub) {
    return stub.withDeadlineAfter(2, TimeUnit.MINUTES);
  }

  /** A pod that runs. */
  public final class Pod {
    private final String id;
    private final PodSandboxConfig config;

    private Pod(String id, PodSandboxConfig config) {
      this.id = id;
      this.config = config;
    }

    /** Makes a container and starts it; what it prints goes to {@code name.log}. */
    public Container start(String name, String image, String... command) {
      var container =
          ContainerConfig.newBuilder()
              .setMetadata(ContainerMetadata.newBuilder().setName(name))
              .setImage(spec(image))
              .addAllCommand(List.of(command))
              .setLogPath(name + ".log")
              .setLinux(
                  LinuxContainerConfig.newBuilder()
                      .setSecurityContext(
                          LinuxContainerSecurityContext.newBuilder()
                              .setNamespaceOptions(HOST_NETWORK)))
              .build();
      var made =
          runtime()
              .createContainer(
                  CreateContainerRequest.newBuilder()
                      .setPodSandboxId(id)
                      .setConfig(container)
                      .setSandboxConfig(config)
                      .build());
      var _ =
          runtime()
              .startContainer(
                  StartContainerRequest.newBuilder().setContainerId(made.getContainerId()).build());
      return new Container(made.getContainerId());
    }

    /** Stops the pod and removes it. */
    public void remove() {
      var _ =
          runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
      var _ =
          runtime()
              .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }
  }

  /** A container that runs. */
  public final class Container {
    private final String id;

    private Container(String id) {
      this.id = id;
    }

    /** Runs a command in it to its end. */
    public ExecSyncResponse exec(String... command) {
      return runtime()
          .execSync(
              ExecSyncRequest.newBuilder()
                  .setContainerId(id)
                  .addAllCmd(List.of(command))
                  .setTimeout(60)
                  .build());
    }

    /** Stops it, with ten seconds until it is killed, and removes it. */
    public void remove() {
      var _ =
          runtime()
              .stopContainer(
                  StopContainerRequest.newBuilder().setContainerId(id).setTimeout(10).build());
      var _ =
          runtime().removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
    }
  }
}
