package io.lazerofs.it.stage;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Debian's docker-registry on a free loopback port, with its blobs in the stage's directory. */
public final class Registry {
  private static final Pattern LISTENING = Pattern.compile("listening on ([0-9.]+:\\d+)");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, String>> ANNOTATIONS = new TypeReference<>() {};

  private final Stage stage;
  private final Service service;
  private final String address;
  private final Optional<Login> login;

  /** A user's name and password. */
  public record Login(String user, String password) {}

  /** A layer's descriptor: its media type, digest, size in bytes, and annotations. */
  public record Layer(
      String mediaType, Digest digest, long size, Map<String, String> annotations) {}

  private Registry(Stage stage, Service service, Optional<Login> login) {
    this.stage = stage;
    this.service = service;
    this.address = service.awaitLog(LISTENING).group(1);
    this.login = login;
  }

  /** Starts a registry that anybody may read and write; the stage closes it. */
  public static Registry start(Stage stage) throws IOException {
    return start(stage, "", Optional.empty());
  }

  /**
   * Starts a registry that asks for basic authentication; the stage closes it.
   *
   * @param htpasswd a line {@code user:bcrypt-hash} for {@code login}
   */
  public static Registry start(Stage stage, Login login, String htpasswd) throws IOException {
    var file =
        Files.writeString(Files.createTempFile(stage.dir(), "htpasswd", ""), htpasswd + "\n");
    return start(
        stage, "auth: { htpasswd: { realm: test, path: " + file + " } }\n", Optional.of(login));
  }

  /** Starts a registry that takes the tokens of a service; the stage closes it. */
  public static Registry start(Stage stage, TokenServer tokens) throws IOException {
    return start(stage, tokens.registrySettings(), Optional.of(tokens.login()));
  }

  private static Registry start(Stage stage, String auth, Optional<Login> login)
      throws IOException {
    var blobs = Files.createTempDirectory(stage.dir(), "registry");
    var configuration =
        Files.writeString(
            blobs.resolveSibling(blobs.getFileName() + ".yml"),
            """
            version: 0.1
            log: { accesslog: { disabled: true } }
            storage: { filesystem: { rootdirectory: %s }, delete: { enabled: true } }
            http: { addr: "127.0.0.1:0", relativeurls: true }
            """
                    .formatted(blobs)
                + auth);
    var service = stage.start("registry", "docker-registry", "serve", configuration.toString());
    stage.keep(service);
    return new Registry(stage, service, login);
  }

  /** Makes it accept connections and never answer, until {@link #thaw}. */
  public void freeze() throws IOException, InterruptedException {
    signal("-STOP");
  }

  public void thaw() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    stage.run("kill", name, Long.toString(service.process().pid())).ok();
  }

  /** Host and port. */
  public String address() {
    return address;
  }

  /**
   * Copies an OCI layout's image to the registry as it is.
   *
   * @param name repository and tag
   * @return the image's reference
   */
  public String push(Path layout, String name) throws IOException, InterruptedException {
    var reference = address + "/" + name;
    var credentials = login.map(l -> "--dest-creds=" + l.user() + ":" + l.password());
    stage
        .run(
            "skopeo",
            "copy",
            "--quiet",
            "--dest-tls-verify=false",
            credentials.orElse("--dest-no-creds"),
            "oci:" + layout + ":latest",
            "docker://" + reference)
        .ok();
    return reference;
  }

  /**
   * The layers of an image in this registry, as its manifest describes them.
   *
   * @param name repository and tag
   */
  public List<Layer> layers(String name) throws IOException, InterruptedException {
    var raw =
        stage
            .run(
                "skopeo",
                "inspect",
                "--raw",
                "--tls-verify=false",
                login.map(l -> "--creds=" + l.user() + ":" + l.password()).orElse("--no-creds"),
                "docker://" + address + "/" + name)
            .ok()
            .out();
    var layers = new ArrayList<Layer>();
    for (var layer : JSON.readTree(raw).required("layers")) {
      layers.add(
          new Layer(
              layer.required("mediaType").textValue(),
              Digest.parse(layer.required("digest").textValue()),
              layer.required("size").longValue(),
              JSON.convertValue(layer.path("annotations"), ANNOTATIONS)));
    }
    return layers;
  }
}
