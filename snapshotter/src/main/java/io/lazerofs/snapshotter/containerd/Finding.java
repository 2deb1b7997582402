package io.lazerofs.snapshotter.containerd;

/**
 * What is missing or wrong in a configuration of containerd.
 *
 * @param line where in the file; 0 when it is nowhere there
 * @param problem what, and what does not work because of it; one line
 * @param grave whether layers are not pulled lazily then, or the kubelet goes wrong; if not, it is
 *     something to look at
 */
public record Finding(int line, String problem, boolean grave) {}
