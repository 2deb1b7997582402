package io.lazerofs.snapshotter.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of this build, as Maven wrote it into the jar. */
final class Version implements IVersionProvider {
  private static final String RECORD = "/META-INF/maven/io.lazerofs/snapshotter/pom.properties";

  @Override
  public String[] getVersion() throws IOException {
    return new String[] {"lazerofs " + number()};
  }

  /** Returns the version's number alone. */
  static String number() throws IOException {
    Properties properties = new Properties();
    try (InputStream record = Version.class.getResourceAsStream(RECORD)) {
      if (record != null) {
        properties.load(record);
      }
    }
    return properties.getProperty("version", "(not packaged)");
  }
}
