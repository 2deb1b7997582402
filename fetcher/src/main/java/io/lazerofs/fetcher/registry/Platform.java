package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a machine is, or what an image needs of one (image-spec, image-index.md, "platform").
 *
 * @param os as Go's GOOS names it: {@code linux}
 * @param architecture as Go's GOARCH names it: {@code amd64}
 * @param variant of the architecture, {@code v7} or {@code v8} say; empty when there is none
 * @param osFeatures what the operating system offers, or the image needs: {@code erofs}
 */
public record Platform(String os, String architecture, String variant, Set<String> osFeatures) {

  public Platform {
    osFeatures = Set.copyOf(osFeatures);
  }

  /**
   * Returns the Linux platform of a Java {@code os.arch}, without features.
   *
   * @param osArch the value of that system property: {@code amd64}, {@code aarch64}, …
   */
  public static Platform linux(String osArch) {
    return switch (osArch.toLowerCase(Locale.ROOT)) {
      case "x86_64", "x64", "amd64" -> of("linux", "amd64", "");
      case "aarch64", "arm64" -> of("linux", "arm64", "v8");
      case "arm" -> of("linux", "arm", "v7");
      default -> of("linux", osArch, "");
    };
  }

  /** Returns the Linux platform of this JVM. */
  public static Platform current() {
    return linux(System.getProperty("os.arch"));
  }

  /**
   * Parses {@code os/architecture} or {@code os/architecture/variant}.
   *
   * @throws IllegalArgumentException for any other form
   */
  public static Platform parse(String text) {
    List<String> parts = List.of(text.split("/", -1));
    if (parts.size() < 2 || parts.size() > 3 || parts.contains("")) {
      throw new IllegalArgumentException("not a platform as in linux/arm64/v8: " + text);
    }
    return of(parts.get(0), parts.get(1), parts.size() == 3 ? parts.get(2) : "");
  }

  static Platform of(JsonNode json) throws RegistryException.Malformed {
    return new Platform(
        Json.text(json, "os").orElse(""),
        Json.text(json, "architecture").orElse(""),
        Json.text(json, "variant").orElse(""),
        Set.copyOf(new HashSet<>(Json.texts(json, "os.features"))));
  }

  /** Returns this platform with these features instead of its own. */
  public Platform withOsFeatures(Set<String> features) {
    return new Platform(os, architecture, variant, features);
  }

  /** Returns whether an image for {@code image} runs on this platform. */
  public boolean runs(Platform image) {
    return os.equals(image.os)
        && architecture.equals(image.architecture)
        && osFeatures.containsAll(image.osFeatures)
        && image.variantNumber() <= variantNumber();
  }

  /** Returns how much of this platform an image that runs on it uses: the more, the better. */
  int fit(Platform image) {
    return image.variantNumber() * 1000 + image.osFeatures.size();
  }

  /*
   * Variants are versions, each of which runs what is made for those before it. The number that an
   * architecture has when none is written follows containerd's platform normalization.
   */
  private int variantNumber() {
    if (variant.matches("v[0-9]{1,3}")) {
      return Integer.parseInt(variant.substring(1));
    }
    return switch (architecture) {
      case "arm64" -> 8;
      case "arm" -> 7;
      default -> 1;
    };
  }

  void writeTo(ObjectNode json) {
    json.put("architecture", architecture);
    json.put("os", os);
    if (variant.isEmpty()) {
      json.remove("variant");
    } else {
      json.put("variant", variant);
    }
    if (osFeatures.isEmpty()) {
      json.remove("os.features");
    } else {
      var features = json.putArray("os.features");
      osFeatures.stream().sorted().forEach(features::add);
    }
  }

  private static Platform of(String os, String architecture, String variant) {
    return new Platform(os, architecture, variant, Set.of());
  }

  /** Returns {@code os/architecture[/variant]}, and the features in brackets if there are any. */
  @Override
  public String toString() {
    String name = os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    return osFeatures.isEmpty() ? name : name + osFeatures.stream().sorted().toList();
  }
}
