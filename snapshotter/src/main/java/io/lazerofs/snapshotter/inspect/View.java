package io.lazerofs.snapshotter.inspect;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;

/** Something about an image, for people or for programs. */
public interface View {

  /** Writes lines of text. */
  void writeText(PrintWriter out) throws IOException;

  /** Writes one JSON value. */
  void writeJson(JsonGenerator json) throws IOException;
}
