package io.lazerofs.it.fuzz;

import java.util.List;

/**
 * An image to be changed.
 *
 * @param name of the image, as its file is called
 * @param devices its bytes, the primary device first; never changed
 */
public record Original(String name, List<byte[]> devices) {}
