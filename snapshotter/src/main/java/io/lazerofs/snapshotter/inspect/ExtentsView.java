package io.lazerofs.snapshotter.inspect;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.erofs.summary.Storage;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/**
 * Where the content of a file, directory or symbolic link is, extent by extent.
 *
 * @param primary the primary device that {@code image} was opened with
 * @param devices the extra devices that {@code image} was opened with
 */
public record ExtentsView(
    ErofsImage image, ByteSource primary, List<ByteSource> devices, ImagePath path)
    implements View {

  /** Takes each extent with the number of its bytes that are in the file. */
  @FunctionalInterface
  private interface Extents {
    void accept(Extent extent, long length) throws IOException;
  }

  /**
   * Where an extent is stored.
   *
   * @param device 0 for the primary one, k for slot k - 1 of the device table, {@link #METABOX} for
   *     none
   * @param offset bytes from the start of the device, or of the metabox inode's content
   */
  private record Place(int device, long offset) {
    static final int METABOX = -1;

    boolean inMetabox() {
      return device == METABOX;
    }
  }

  @Override
  public void writeText(PrintWriter out) throws IOException {
    Inode inode = find();
    out.printf(
        "%14s %12s %-8s %7s %14s %10s%n",
        "offset", "length", "storage", "device", "physical", "stored");
    forEach(inode, (extent, length) -> writeLine(out, extent, length));
  }

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    Inode inode = find();
    json.writeStartArray();
    forEach(inode, (extent, length) -> writeObject(json, extent, length));
    json.writeEndArray();
  }

  private Inode find() throws IOException {
    return path.findContent(image, FileType.REGULAR, FileType.DIRECTORY, FileType.SYMLINK);
  }

  private void forEach(Inode inode, Extents extents) throws IOException {
    for (long at = 0; at < inode.size(); ) {
      Extent extent = image.extent(inode, at);
      long end = inode.endOf(extent, at);
      extents.accept(extent, end - extent.offset());
      at = end;
    }
  }

  private void writeLine(PrintWriter out, Extent extent, long length) {
    String start = "%14d %12d %-8s".formatted(extent.offset(), length, name(Storage.of(extent)));
    out.println(
        switch (extent) {
          case Extent.Hole _ -> start;
          case Extent.Fragment fragment ->
              start + " %7s %14d".formatted("packed", fragment.packedOffset());
          case Extent.Plain plain ->
              start + stored(place(plain.source(), plain.physical()), extent);
          case Extent.Inline inline ->
              start + stored(place(inline.source(), inline.physical()), extent);
          case Extent.Compressed coded ->
              start
                  + stored(place(coded.source(), coded.physical()), extent)
                  + (isInterlaced(coded) ? " interlaced" : "")
                  + (coded.partial() ? " partial" : "");
        });
  }

  private static String stored(Place place, Extent extent) {
    return " %7s %14d %10d"
        .formatted(
            place.inMetabox() ? "metabox" : place.device,
            place.offset,
            Storage.storedBytes(extent));
  }

  private void writeObject(JsonGenerator json, Extent extent, long length) throws IOException {
    json.writeStartObject();
    json.writeNumberField("offset", extent.offset());
    json.writeNumberField("length", length);
    json.writeStringField("storage", name(Storage.of(extent)));
    switch (extent) {
      case Extent.Hole _ -> {}
      case Extent.Fragment fragment ->
          json.writeNumberField("packed_offset", fragment.packedOffset());
      case Extent.Plain plain -> writePlace(json, place(plain.source(), plain.physical()), extent);
      case Extent.Inline inline ->
          writePlace(json, place(inline.source(), inline.physical()), extent);
      case Extent.Compressed coded -> {
        writePlace(json, place(coded.source(), coded.physical()), extent);
        json.writeBooleanField("interlaced", isInterlaced(coded));
        json.writeBooleanField("partial", coded.partial());
      }
    }
    json.writeEndObject();
  }

  private static void writePlace(JsonGenerator json, Place place, Extent extent)
      throws IOException {
    if (place.inMetabox()) {
      json.writeNumberField("metabox_offset", place.offset);
    } else {
      json.writeNumberField("device", place.device);
      json.writeNumberField("physical_offset", place.offset);
    }
    json.writeNumberField("stored_bytes", Storage.storedBytes(extent));
  }

  private Place place(ByteSource source, long offset) {
    int slot = devices.indexOf(source);
    boolean metabox = slot < 0 && !source.equals(primary);
    return new Place(metabox ? Place.METABOX : slot + 1, offset);
  }

  private static boolean isInterlaced(Extent.Compressed extent) {
    return extent.encoding() instanceof Extent.Encoding.Verbatim verbatim && verbatim.interlaced();
  }

  private static String name(Storage storage) {
    return ConstantNames.of(storage);
  }
}
