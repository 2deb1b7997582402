package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fields of JSON documents that came from elsewhere, checked as they are read.
 *
 * <p>A field that is missing or {@code null} is absent; one of another type than asked for makes
 * the document malformed.
 */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(Limits.NESTING)
                          .maxNumberLength(Limits.NUMBER_CHARACTERS)
                          .build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // Numbers are written as they were read.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Json() {}

  static ObjectNode parseObject(byte[] bytes, String what) throws RegistryException.Malformed {
    try {
      if (MAPPER.readTree(bytes) instanceof ObjectNode object) {
        return object;
      }
    } catch (StreamConstraintsException e) {
      throw malformed(what, "nested too deeply, or with a number that is too long");
    } catch (JsonProcessingException e) {
      // Its message quotes the document, which may be a token; the place is enough.
      throw malformed(what, "not JSON at byte " + e.getLocation().getByteOffset());
    } catch (IOException e) {
      throw new RegistryException.Malformed(what, "not JSON", e);
    }
    throw malformed(what, "not a JSON object");
  }

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static ArrayNode array(List<? extends JsonNode> elements) {
    return MAPPER.createArrayNode().addAll(elements);
  }

  static Optional<String> text(JsonNode node, String field) throws RegistryException.Malformed {
    JsonNode value = node.path(field);
    if (absent(value)) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw malformed("field '" + field + "'", "not a string");
    }
    return Optional.of(value.textValue());
  }

  static String requiredText(JsonNode node, String field) throws RegistryException.Malformed {
    return text(node, field).orElseThrow(() -> malformed("field '" + field + "'", "missing"));
  }

  static long requiredSize(JsonNode node, String field) throws RegistryException.Malformed {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < 0
        || value.longValue() > Limits.SIZE) {
      throw malformed("field '" + field + "'", "not a number of bytes from 0 to " + Limits.SIZE);
    }
    return value.longValue();
  }

  static Digest digest(String text) throws RegistryException.Malformed {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new RegistryException.Malformed("digest '" + text + "'", "only sha256 is known", e);
    }
  }

  static List<JsonNode> elements(JsonNode node, String field) throws RegistryException.Malformed {
    JsonNode value = node.path(field);
    if (absent(value)) {
      return List.of();
    }
    if (!value.isArray()) {
      throw malformed("field '" + field + "'", "not an array");
    }
    List<JsonNode> elements = new ArrayList<>(value.size());
    value.forEach(elements::add);
    return List.copyOf(elements);
  }

  /** As the other, and refuses an array of more than {@code most} elements. */
  static List<JsonNode> elements(JsonNode node, String field, int most)
      throws RegistryException.Malformed {
    List<JsonNode> elements = elements(node, field);
    if (elements.size() > most) {
      throw malformed(
          "field '" + field + "'", "%d elements, more than %d".formatted(elements.size(), most));
    }
    return elements;
  }

  static List<String> texts(JsonNode node, String field) throws RegistryException.Malformed {
    List<String> texts = new ArrayList<>();
    for (JsonNode element : elements(node, field)) {
      if (!element.isTextual()) {
        throw malformed("field '" + field + "'", "not an array of strings");
      }
      texts.add(element.textValue());
    }
    return List.copyOf(texts);
  }

  static Map<String, String> textMap(JsonNode node, String field)
      throws RegistryException.Malformed {
    JsonNode value = node.path(field);
    if (absent(value)) {
      return Map.of();
    }
    if (!value.isObject()) {
      throw malformed("field '" + field + "'", "not an object");
    }
    if (value.size() > Limits.ANNOTATIONS) {
      throw malformed(
          "field '" + field + "'",
          "%d entries, more than %d".formatted(value.size(), Limits.ANNOTATIONS));
    }
    Map<String, String> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      if (!entry.getValue().isTextual()) {
        throw malformed("field '" + field + "'", "not an object of strings");
      }
      map.put(entry.getKey(), entry.getValue().textValue());
    }
    return Map.copyOf(map);
  }

  private static boolean absent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private static RegistryException.Malformed malformed(String what, String reason) {
    return new RegistryException.Malformed(what, reason);
  }
}
