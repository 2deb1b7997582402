package io.lazerofs.fuse;

/**
 * A node that a lookup found.
 *
 * @param generation tells apart the nodes that had the same id at different times
 */
public record Entry(long node, long generation, Attributes attributes) {}
