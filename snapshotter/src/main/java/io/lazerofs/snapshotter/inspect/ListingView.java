package io.lazerofs.snapshotter.inspect;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lazerofs.erofs.DirectoryVisitor;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.FileType;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The files of a directory, "." and ".." left out, or one file that is no directory; the fields are
 * those of {@code ls -lin}.
 */
public record ListingView(ErofsImage image, ImagePath path) implements View {

  /** Takes each file with its name. */
  @FunctionalInterface
  private interface Files {
    void accept(byte[] name, Inode inode) throws IOException;
  }

  @Override
  public void writeText(PrintWriter out) throws IOException {
    forEach((name, inode) -> writeLine(out, name, inode));
  }

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartArray();
    forEach((name, inode) -> writeObject(json, name, inode));
    json.writeEndArray();
  }

  private void forEach(Files files) throws IOException {
    Inode inode = path.find(image);
    if (!inode.isDirectory()) {
      files.accept(path.lastName(), inode);
      return;
    }
    DirectoryVisitor visitor =
        (name, nid, type, next) -> {
          byte[] bytes = name.toArray(ValueLayout.JAVA_BYTE);
          boolean dots = Arrays.equals(bytes, new byte[] {'.'}) || isDotDot(bytes);
          if (!dots) {
            files.accept(bytes, image.inode(nid));
          }
          return true;
        };
    image.list(inode, 0, visitor);
  }

  private static boolean isDotDot(byte[] name) {
    return Arrays.equals(name, new byte[] {'.', '.'});
  }

  private void writeLine(PrintWriter out, byte[] name, Inode inode) throws IOException {
    String size =
        isDevice(inode)
            ? inode.deviceMajor() + ", " + inode.deviceMinor()
            : Long.toString(inode.size());
    out.printf(
        "%8d %s %3s %5s %5s %10s %s %s%s%n",
        inode.nid(),
        ModeText.of(inode),
        Integer.toUnsignedString(inode.links()),
        Integer.toUnsignedString(inode.uid()),
        Integer.toUnsignedString(inode.gid()),
        size,
        TimeText.of(inode.seconds(), inode.nanoseconds()),
        NameText.of(name),
        inode.type() == FileType.SYMLINK ? " -> " + NameText.of(image.readLink(inode)) : "");
  }

  private void writeObject(JsonGenerator json, byte[] name, Inode inode) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", NameText.of(name));
    json.writeNumberField("nid", inode.nid());
    json.writeStringField("type", ConstantNames.of(inode.type()));
    json.writeStringField("mode", "%04o".formatted(inode.mode() & Inode.PERMISSIONS));
    json.writeNumberField("links", Integer.toUnsignedLong(inode.links()));
    json.writeNumberField("uid", Integer.toUnsignedLong(inode.uid()));
    json.writeNumberField("gid", Integer.toUnsignedLong(inode.gid()));
    json.writeNumberField("size", inode.size());
    if (isDevice(inode)) {
      json.writeNumberField("major", inode.deviceMajor());
      json.writeNumberField("minor", inode.deviceMinor());
    }
    json.writeStringField("mtime", TimeText.of(inode.seconds(), inode.nanoseconds()));
    if (inode.type() == FileType.SYMLINK) {
      json.writeStringField("target", NameText.of(image.readLink(inode)));
    }
    json.writeEndObject();
  }

  private static boolean isDevice(Inode inode) {
    return inode.type() == FileType.CHARACTER_DEVICE || inode.type() == FileType.BLOCK_DEVICE;
  }
}
