package io.lazerofs.it.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.source.Digest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

/** Blobs that are pushed to a repository one by one, without an image that names them. */
public final class RegistryBlobs implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final String registry;
  private final String repository;

  /**
   * A blob in a registry.
   *
   * @param image a reference that leads to its repository
   */
  public record Blob(Digest digest, String image) {}

  public RegistryBlobs(Registry registry, String repository) {
    this.registry = registry.address();
    this.repository = repository;
  }

  /** Pushes a file. */
  public Blob push(Path file) throws IOException, InterruptedException {
    var bytes = Files.readAllBytes(file);
    var digest = Digest.of(bytes);
    var uploads = URI.create("http://" + registry + "/v2/" + repository + "/blobs/uploads/");
    var begun = send(HttpRequest.newBuilder(uploads).POST(BodyPublishers.noBody()).build(), 202);
    var place = uploads.resolve(begun.headers().firstValue("Location").orElseThrow());
    var end = URI.create(place + (place.getQuery() == null ? "?" : "&") + "digest=" + digest);
    send(HttpRequest.newBuilder(end).PUT(BodyPublishers.ofByteArray(bytes)).build(), 201);
    return new Blob(digest, registry + "/" + repository + ":latest");
  }

  private HttpResponse<String> send(HttpRequest request, int status)
      throws IOException, InterruptedException {
    var answer = http.send(request, BodyHandlers.ofString());
    assertThat(answer.statusCode()).as("%s: %s", request, answer.body()).isEqualTo(status);
    return answer;
  }

  @Override
  public void close() {
    http.close();
  }
}
