package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.source.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The configuration of an image: its platform, the digests of its unpacked layers, and how it was
 * made (image-spec, config.md). Immutable; fields that are not known here are kept in copies.
 */
public final class ImageConfig {
  private final ObjectNode json;
  private final Platform platform;
  private final List<Digest> diffIds;
  private final List<History> history;

  /**
   * One step of how the image was made.
   *
   * @param createdBy the command, empty when it is not told
   * @param emptyLayer whether the step made no layer; the others match the layers one by one
   */
  public record History(String createdBy, boolean emptyLayer) {}

  private ImageConfig(ObjectNode json) throws RegistryException.Malformed {
    this.json = json;
    this.platform = Platform.of(json);
    List<Digest> digests = new ArrayList<>();
    JsonNode rootfs = json.path("rootfs");
    Json.elements(rootfs, "diff_ids", Limits.LAYERS);
    for (String text : Json.texts(rootfs, "diff_ids")) {
      digests.add(Json.digest(text));
    }
    this.diffIds = List.copyOf(digests);
    List<History> steps = new ArrayList<>();
    for (JsonNode step : Json.elements(json, "history")) {
      steps.add(
          new History(
              Json.text(step, "created_by").orElse(""), step.path("empty_layer").asBoolean()));
    }
    this.history = List.copyOf(steps);
  }

  /**
   * Reads a configuration, as {@link ImageStore#readBlob} gives it.
   *
   * @throws RegistryException.Malformed when it breaks the specification
   */
  public static ImageConfig parse(byte[] bytes) throws RegistryException.Malformed {
    return new ImageConfig(Json.parseObject(bytes, "image configuration " + Digest.of(bytes)));
  }

  /** Returns what the image needs, with {@code os.features}. */
  public Platform platform() {
    return platform;
  }

  /** Returns the digests of the unpacked layers, the base first; unmodifiable. */
  public List<Digest> diffIds() {
    return diffIds;
  }

  /** Returns the steps, the oldest first; unmodifiable and possibly empty. */
  public List<History> history() {
    return history;
  }

  /** Returns this configuration of other layers. */
  public ImageConfig withDiffIds(List<Digest> others) {
    ObjectNode copy = json.deepCopy();
    var ids = copy.withObjectProperty("rootfs").putArray("diff_ids");
    others.forEach(digest -> ids.add(digest.toString()));
    return trusted(copy);
  }

  /** Returns this configuration with one feature more in {@code os.features}. */
  public ImageConfig withOsFeature(String feature) {
    var features = new TreeSet<>(platform.osFeatures());
    features.add(feature);
    ObjectNode copy = json.deepCopy();
    var array = copy.putArray("os.features");
    features.forEach(array::add);
    return trusted(copy);
  }

  /** Returns the bytes of this configuration: the same for the same configuration. */
  public byte[] bytes() {
    return Json.bytes(json);
  }

  private static ImageConfig trusted(ObjectNode json) {
    try {
      return new ImageConfig(json);
    } catch (RegistryException.Malformed e) {
      throw new IllegalArgumentException(e);
    }
  }
}
