package io.lazerofs.it.proxy;

import java.util.Optional;

/**
 * One request and its answer, as the proxy saw them.
 *
 * @param method the request's method
 * @param path the request's path, with its query
 * @param range the Range header, if there was one
 * @param status the answer's status, 0 when there was no answer
 * @param bytes length of the answer's body, as far as it was sent
 */
public record Exchange(
    String method, String path, Optional<String> range, int status, long bytes) {}
