package io.lazerofs.snapshotter.mount;

import io.lazerofs.source.Digest;
import java.util.Map;

/**
 * Is told of lazy layers as they come and go. Calls come from many threads and hold locks that
 * reads need: they wait for nothing.
 */
public interface LayerListener {
  /** Takes no notice. */
  LayerListener NONE =
      new LayerListener() {
        @Override
        public void requested(Map<String, String> labels) {
          // Nobody is interested.
        }

        @Override
        public void shown(OpenLayer layer, boolean first) {
          // Nobody is interested.
        }

        @Override
        public void prepared(Digest blob, Map<String, String> labels) {
          // Nobody is interested.
        }

        @Override
        public void removed(OpenLayer layer) {
          // Nobody is interested.
        }
      };

  /**
   * A layer with a hash tree is asked for, of an image that is being pulled; whether it can be
   * served lazily is not known yet, but was meant by who made the image.
   */
  void requested(Map<String, String> labels);

  /**
   * A layer is about to be shown in the mount.
   *
   * @param first whether it is new, and not shown again after a restart
   */
  void shown(OpenLayer layer, boolean first);

  /** A layer is part of an image that is being pulled; it is shown already, or will be soon. */
  void prepared(Digest blob, Map<String, String> labels);

  /** A layer is not in the mount any more, and is being closed. */
  void removed(OpenLayer layer);
}
