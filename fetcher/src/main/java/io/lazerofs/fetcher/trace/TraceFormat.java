package io.lazerofs.fetcher.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The JSON of a {@link Trace}, version 1, of the media type {@link #MEDIA_TYPE}.
 *
 * <pre>{@code
 * {"version": 1,
 *  "image":  "sha256:5f…",                 the digest of the image's manifest
 *  "layers": ["sha256:0a…", "sha256:c3…"], the digests of its layers, the base first
 *  "ranges": [[1, 0, 4096],                what was read, in the order of time: the index of the
 *             [0, 1048576, 131072]]}       layer, the offset of the first byte, the number of bytes
 * }</pre>
 *
 * <p>Fields that are not known are passed over; another version is refused.
 */
public final class TraceFormat {
  public static final String MEDIA_TYPE = "application/vnd.lazerofs.trace.v1+json";

  private static final int VERSION = 1;
  private static final int RANGE_FIELDS = 3;

  /** A trace needs 3, and fields that are not known may hold some more. */
  private static final int MOST_NESTING = 64;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MOST_NESTING).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private TraceFormat() {}

  /** Returns the JSON of a trace, compact. */
  public static byte[] encode(Trace trace) {
    ObjectNode json =
        MAPPER.createObjectNode().put("version", VERSION).put("image", trace.image().toString());
    ArrayNode layers = json.putArray("layers");
    trace.layers().forEach(layer -> layers.add(layer.toString()));
    ArrayNode ranges = json.putArray("ranges");
    for (Trace.Range range : trace.ranges()) {
      ranges.addArray().add(range.layer()).add(range.offset()).add(range.length());
    }
    try {
      return MAPPER.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads a trace out of JSON that came from anywhere.
   *
   * @throws InvalidTraceException when it is none, of another version, or larger than a trace may
   *     be
   */
  public static Trace decode(byte[] bytes) throws InvalidTraceException {
    JsonNode json;
    try {
      json = MAPPER.readTree(bytes);
    } catch (StreamConstraintsException e) {
      throw new InvalidTraceException("nested too deeply, or with a value that is too long", null);
    } catch (JsonProcessingException e) {
      throw new InvalidTraceException("not JSON at byte " + e.getLocation().getByteOffset(), null);
    } catch (IOException e) {
      throw new InvalidTraceException("not JSON", e);
    }
    if (number(json.path("version")) != VERSION) {
      throw new InvalidTraceException(
          "version " + json.path("version") + ", and only " + VERSION + " is known", null);
    }
    try {
      return new Trace(
          Digest.parse(json.path("image").asText()),
          layers(json.path("layers")),
          ranges(json.path("ranges")));
    } catch (IllegalArgumentException e) {
      throw new InvalidTraceException(String.valueOf(e.getMessage()), e);
    }
  }

  private static List<Digest> layers(JsonNode json) throws InvalidTraceException {
    requireArray(json, "layers", Trace.MAX_LAYERS);
    List<Digest> layers = new ArrayList<>(json.size());
    for (JsonNode layer : json) {
      layers.add(Digest.parse(layer.asText()));
    }
    return layers;
  }

  private static List<Trace.Range> ranges(JsonNode json) throws InvalidTraceException {
    requireArray(json, "ranges", Trace.MAX_RANGES);
    List<Trace.Range> ranges = new ArrayList<>(json.size());
    for (JsonNode range : json) {
      requireArray(range, "a range", RANGE_FIELDS);
      long layer = number(range.path(0));
      if (layer >= Trace.MAX_LAYERS) {
        throw new InvalidTraceException("a range of layer " + layer, null);
      }
      ranges.add(new Trace.Range((int) layer, number(range.path(1)), number(range.path(2))));
    }
    return ranges;
  }

  private static void requireArray(JsonNode json, String what, int most)
      throws InvalidTraceException {
    if (!json.isArray() || json.size() > most) {
      throw new InvalidTraceException(what + ": no array of at most " + most, null);
    }
  }

  private static long number(JsonNode json) throws InvalidTraceException {
    if (!json.isIntegralNumber() || !json.canConvertToLong() || json.longValue() < 0) {
      throw new InvalidTraceException("a number is missing or cannot be one", null);
    }
    return json.longValue();
  }
}
