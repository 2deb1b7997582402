package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpException;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.source.Digest;
import java.io.IOException;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * A repository at one of the hosts that have it.
 *
 * @param name the repository without the registry
 */
record HostRepository(RegistryConnection host, String name) {

  /** Returns an address in this repository; {@code path} is relative and needs no encoding. */
  HttpUrl url(String path) {
    return host.url(name + "/" + path);
  }

  HttpUrl blobUrl(Digest digest) {
    return url("blobs/" + digest);
  }

  Answer send(Request request, Scope scope) throws IOException {
    return host.send(request, scope);
  }

  /** Returns whether an address is the host's own, where its logins may be sent. */
  boolean owns(HttpUrl url) {
    return HttpTransport.sameOrigin(url, host.base());
  }

  /**
   * Returns the word of a registry for a failure of HTTP.
   *
   * @param what names what is read or written in messages
   */
  RegistryException translate(String what, HttpException e) {
    HttpUrl url = e.url();
    return switch (e) {
      case HttpException.Status status when owns(url) && status.code() == 404 ->
          new RegistryException.NotFound(what, "check the name, and the tag or digest");
      case HttpException.Status status
          when owns(url) && (status.code() == 401 || status.code() == 403) ->
          new RegistryException.Unauthorized(host.host(), name, status.code());
      case HttpException.Status status ->
          new RegistryException.Unexpected(what, status.code(), url.toString(), e);
      case HttpException.Connection connectionFailure ->
          new RegistryException.Unreachable(
              url.host() + ":" + url.port(), e.problem(), advice(connectionFailure), e);
      case HttpException.Protocol protocol ->
          new RegistryException.Malformed(what, protocol.getMessage(), e);
    };
  }

  private static String advice(HttpException.Connection failure) {
    return failure.isTlsFailure()
        ? "TLS failed; if it speaks plain http, name it among the plain http hosts"
        : "check the name, the port and the network";
  }
}
