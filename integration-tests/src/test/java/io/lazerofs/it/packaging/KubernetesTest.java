package io.lazerofs.it.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lazerofs.snapshotter.daemon.Configuration;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manifests for Kubernetes: what of them can be right or wrong without a cluster. */
final class KubernetesTest {
  private static final Path MANIFESTS = Path.of("../packaging/kubernetes");
  private static final YAMLMapper YAML = new YAMLMapper();

  private static FieldSchema schema;

  /** By kind: there is one of each. */
  private static final Map<String, JsonNode> objects = new HashMap<>();

  @TempDir Path directory;

  @BeforeAll
  static void read() throws IOException {
    try (InputStream fields =
        Objects.requireNonNull(
            KubernetesTest.class.getResourceAsStream("/packaging/kubernetes-fields.yaml"))) {
      schema = new FieldSchema(YAML.readTree(fields));
    }
    try (Stream<Path> files = Files.list(MANIFESTS)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile())) {
          for (JsonNode object : documents.readAll()) {
            assertThat(objects.put(object.path("kind").asText(), object)).isNull();
          }
        }
      }
    }
  }

  @Test
  void everyFieldIsOneOfItsKind() {
    assertThat(objects)
        .containsOnlyKeys("ServiceAccount", "Role", "RoleBinding", "ConfigMap", "DaemonSet");
    objects.forEach((kind, object) -> assertThat(schema.faults(object, kind)).isEmpty());
  }

  @Test
  void faultsAreFound() throws IOException {
    var wrong = YAML.readTree("{apiVersion: v2, kind: ConfigMap, data: {a: 1}, spec: {}}");
    assertThat(schema.faults(wrong, "ConfigMap"))
        .containsExactlyInAnyOrder(
            "ConfigMap.apiVersion: \"v2\" is no one:v1",
            "ConfigMap.data: {\"a\":1} is no texts",
            "ConfigMap.spec: unknown field",
            "ConfigMap.metadata: missing");
  }

  @Test
  void allLiesInOneNamespaceAndTheRoleIsThatOfThePod() {
    var namespaces = new HashSet<String>();
    objects.values().forEach(object -> namespaces.add(text(object, "/metadata/namespace")));
    assertThat(namespaces).hasSize(1);
    var account = text(object("ServiceAccount"), "/metadata/name");
    var binding = object("RoleBinding");
    assertThat(text(binding, "/roleRef/name")).isEqualTo(text(object("Role"), "/metadata/name"));
    assertThat(text(binding, "/subjects/0/name")).isEqualTo(account);
    assertThat(namespaces).contains(text(binding, "/subjects/0/namespace"));
    assertThat(text(pod(), "/serviceAccountName")).isEqualTo(account);
  }

  @Test
  void theSelectorFindsThePods() {
    var template = object("DaemonSet").at("/spec/template/metadata/labels");
    for (var label : object("DaemonSet").at("/spec/selector/matchLabels").properties()) {
      assertThat(template.get(label.getKey())).isEqualTo(label.getValue());
    }
  }

  @Test
  void everyVolumeIsOfOneKindAndMountedOnceAndEveryMountHasAVolume() {
    var names = names(pod().get("volumes"));
    assertThat(names(container().get("volumeMounts"))).containsExactlyInAnyOrderElementsOf(names);
    assertThat(names).doesNotHaveDuplicates();
    for (JsonNode volume : pod().get("volumes")) {
      assertThat(volume.size()).as("%s", volume).isEqualTo(2);
    }
    assertThat(text(volume("config"), "/configMap/name"))
        .isEqualTo(text(object("ConfigMap"), "/metadata/name"));
  }

  @Test
  void theDaemonFindsItsPlacesWhereThePodHasThem() throws IOException {
    var text = object("ConfigMap").at("/data/config.toml").asText();
    var configuration =
        Configuration.read(Files.writeString(directory.resolve("config.toml"), text));
    var root = mount(configuration.root().toString());
    assertThat(text(root, "/mountPropagation")).isEqualTo("Bidirectional");
    assertThat(container().at("/securityContext/privileged").asBoolean()).isTrue();
    // containerd of the node is told these paths.
    assertThat(text(volume(text(root, "/name")), "/hostPath/path"))
        .isEqualTo(configuration.root().toString());
    var run = parent(configuration.address());
    assertThat(text(volume(text(mount(run), "/name")), "/hostPath/path")).isEqualTo(run);
    var certs = configuration.registry().configPath().toString();
    assertThat(text(volume(text(mount(certs), "/name")), "/hostPath/path")).isEqualTo(certs);
    var logins = configuration.registry().dockerConfig().orElseThrow();
    assertThat(logins.getFileName()).hasToString(".dockerconfigjson");
    assertThat(volume(text(mount(parent(logins)), "/name")).has("secret")).isTrue();
    var config = text(container(), "/args/2");
    assertThat(config).isEqualTo(text(mount("/etc/lazerofs"), "/mountPath") + "/config.toml");
  }

  @Test
  void theProbesAskWhereTheMetricsAre() {
    var metrics = container().at("/ports/0");
    assertThat(object("ConfigMap").at("/data/config.toml").asText())
        .contains("[metrics]\naddress = \"127.0.0.1:" + metrics.get("containerPort") + "\"");
    assertThat(metrics.get("hostPort")).isEqualTo(metrics.get("containerPort"));
    assertThat(pod().get("hostNetwork").asBoolean()).isTrue();
    for (var probe : List.of("livenessProbe", "readinessProbe")) {
      var get = container().path(probe).path("httpGet");
      assertThat(get.path("port")).isEqualTo(metrics.get("name"));
      assertThat(text(get, "/host")).isEqualTo("127.0.0.1");
    }
    assertThat(text(container(), "/livenessProbe/httpGet/path")).isEqualTo("/healthz");
    assertThat(text(container(), "/readinessProbe/httpGet/path")).isEqualTo("/readyz");
  }

  @Test
  void nothingOfTheClusterIsAskedFor() {
    assertThat(object("Role").get("rules")).isEmpty();
    assertThat(pod().get("automountServiceAccountToken").asBoolean()).isFalse();
  }

  private static JsonNode object(String kind) {
    return Objects.requireNonNull(objects.get(kind), kind);
  }

  private static JsonNode pod() {
    return object("DaemonSet").at("/spec/template/spec");
  }

  private static JsonNode container() {
    return pod().at("/containers/0");
  }

  private static JsonNode volume(String name) {
    return only(pod().get("volumes"), "name", name);
  }

  private static JsonNode mount(String path) {
    return only(container().get("volumeMounts"), "mountPath", path);
  }

  private static JsonNode only(JsonNode list, String field, String value) {
    var found = new ArrayList<JsonNode>();
    list.forEach(element -> {
      if (element.path(field).asText().equals(value)) {
        found.add(element);
      }
    });
    assertThat(found).as("%s %s", field, value).hasSize(1);
    return found.getFirst();
  }

  private static List<String> names(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .map(element -> text(element, "/name"))
        .toList();
  }

  private static String parent(Path path) {
    return Objects.requireNonNull(path.getParent()).toString();
  }

  private static String text(JsonNode node, String pointer) {
    assertThat(node.at(pointer).isTextual()).as("%s of %s", pointer, node).isTrue();
    return node.at(pointer).textValue();
  }
}
