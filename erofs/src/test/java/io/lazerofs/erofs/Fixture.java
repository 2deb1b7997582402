package io.lazerofs.erofs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.source.ByteSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;

/**
 * An image that mkfs.erofs 1.9 made, and the listing of the tree that it was made from.
 *
 * @param name what is special about it
 */
record Fixture(String name, String image, List<String> devices, String listing) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Fixture> all() {
    try (InputStream in = resource("index.json")) {
      List<Fixture> fixtures = new ArrayList<>();
      for (JsonNode entry : JSON.readTree(in)) {
        fixtures.add(
            new Fixture(
                entry.get("name").textValue(),
                entry.get("image").textValue(),
                StreamSupport.stream(entry.get("devices").spliterator(), false)
                    .map(JsonNode::textValue)
                    .toList(),
                entry.get("listing").textValue()));
      }
      return fixtures.stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Fixture named(String name) {
    return all().filter(fixture -> fixture.name.equals(name)).findAny().orElseThrow();
  }

  byte[] imageBytes() throws IOException {
    return unpack(image);
  }

  List<byte[]> deviceBytes() throws IOException {
    List<byte[]> bytes = new ArrayList<>();
    for (String device : devices) {
      bytes.add(unpack(device));
    }
    return bytes;
  }

  ErofsImage open() throws IOException {
    return open(true);
  }

  ErofsImage open(boolean views) throws IOException {
    List<ByteSource> sources = new ArrayList<>();
    for (byte[] device : deviceBytes()) {
      sources.add(new ArraySource(device, views));
    }
    return ErofsImage.open(new ArraySource(imageBytes(), views), sources);
  }

  List<ListedFile> files() throws IOException {
    List<ListedFile> files = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(resource(listing)), StandardCharsets.UTF_8))) {
      for (String line : lines.lines().toList()) {
        files.add(ListedFile.parse(JSON.readTree(line)));
      }
    }
    return files;
  }

  static byte[] unpack(String resource) throws IOException {
    try (InputStream in = new GZIPInputStream(resource(resource))) {
      return in.readAllBytes();
    }
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(
        Fixture.class.getResourceAsStream("/erofs/" + name), () -> "no resource " + name);
  }

  @Override
  public String toString() {
    return name;
  }
}
