package io.lazerofs.fuse;

/** A node that a lookup found, and what it looks like. */
public record Entry(long node, Attributes attributes) {}
