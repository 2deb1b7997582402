package io.lazerofs.snapshotter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * The log as JSON, an object a line:
 *
 * <pre>{@code
 * {"time":"2025-01-01T00:00:00.123Z","level":"warn","logger":"Fetch","message":"…","layer":"sha256:…","image":"…"}
 * }</pre>
 *
 * <p>What a line is about has keys of its own: {@code snapshot}, {@code layer}, {@code image}. A
 * stack trace is in {@code stack}.
 */
final class JsonLines extends EncoderBase<ILoggingEvent> {
  private static final byte[] NOTHING = {};
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    String logger = event.getLoggerName();
    ObjectNode line =
        MAPPER
            .createObjectNode()
            .put("time", event.getInstant().toString())
            .put("level", event.getLevel().toString().toLowerCase(Locale.ROOT))
            .put("logger", logger.substring(logger.lastIndexOf('.') + 1))
            .put("message", event.getFormattedMessage());
    event.getMDCPropertyMap().forEach(line::put);
    if (event.getThrowableProxy() != null) {
      line.put("stack", ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    try {
      return (MAPPER.writeValueAsString(line) + "\n").getBytes(UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("text that is no JSON", e);
    }
  }
}
