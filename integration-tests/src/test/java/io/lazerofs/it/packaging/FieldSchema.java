package io.lazerofs.it.packaging;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A schema of types and their fields, as {@code kubernetes-fields.yaml} explains: unknown and
 * missing fields, values of the wrong kind and words that are none are faults.
 *
 * @param types the file's content
 */
record FieldSchema(JsonNode types) {
  private static final String REQUIRED = "!";
  private static final String ONE_OF = "one:";
  private static final String QUANTITY = "[0-9]+(m|Ki|Mi|Gi|k|M|G)?";

  /** Returns what is wrong with a value, each with its place; empty when nothing is. */
  List<String> faults(JsonNode value, String type) {
    List<String> faults = new ArrayList<>();
    check(value, TextNode.valueOf(type), type, faults);
    return faults;
  }

  private void check(JsonNode value, JsonNode type, String place, List<String> faults) {
    if (type.isArray()) {
      if (!value.isArray()) {
        faults.add(place + ": no list");
      }
      for (int i = 0; i < value.size() && value.isArray(); i++) {
        check(value.get(i), type.get(0), place + "[" + i + "]", faults);
      }
    } else if (types.has(type.textValue())) {
      checkFields(value, types.get(type.textValue()), place, faults);
    } else if (!isOf(value, type.textValue())) {
      faults.add("%s: %s is no %s".formatted(place, value, type.textValue()));
    }
  }

  private void checkFields(JsonNode value, JsonNode fields, String place, List<String> faults) {
    if (!value.isObject()) {
      faults.add(place + ": no map");
      return;
    }
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      String name = field.getKey();
      JsonNode type = fields.has(name) ? fields.get(name) : fields.get(name + REQUIRED);
      if (type == null) {
        faults.add("%s.%s: unknown field".formatted(place, name));
      } else {
        check(field.getValue(), type, place + "." + name, faults);
      }
    }
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      String name = field.getKey().replace(REQUIRED, "");
      if (field.getKey().endsWith(REQUIRED) && !value.has(name)) {
        faults.add("%s.%s: missing".formatted(place, name));
      }
    }
  }

  private static boolean isOf(JsonNode value, String type) {
    if (type.startsWith(ONE_OF)) {
      return value.isTextual()
          && List.of(type.substring(ONE_OF.length()).split(",")).contains(value.textValue());
    }
    return switch (type) {
      case "string" -> value.isTextual();
      case "integer" -> value.isIntegralNumber() && value.longValue() >= 0;
      case "boolean" -> value.isBoolean();
      case "quantity" -> value.asText().matches(QUANTITY);
      case "texts" -> value.isObject() && value.valueStream().allMatch(JsonNode::isTextual);
      default -> throw new IllegalStateException("no type of the schema: " + type);
    };
  }
}
