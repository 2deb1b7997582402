package io.lazerofs.fuse;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fuse.Protocol.Operation;
import io.lazerofs.sys.OpenFlag;
import java.lang.foreign.MemorySegment;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class RequestTest {
  private static final long UNIQUE = 1L << 63 | 1234;
  private static final long NODE = 0x0001_0000_0000_0042L;

  /** Returns a message with an argument of that many bytes, positioned at it. */
  private static ByteBuffer message(int operation, int argumentBytes) {
    return ByteBuffer.allocate(40 + argumentBytes)
        .order(ByteOrder.nativeOrder())
        .putInt(40 + argumentBytes)
        .putInt(operation)
        .putLong(UNIQUE)
        .putLong(NODE)
        .position(40);
  }

  private static Request decode(ByteBuffer message) throws ProtocolException {
    Message taken = new Message(MemorySegment.ofBuffer(message.rewind()));
    taken.take(message.capacity());
    return Request.decode(taken);
  }

  @Test
  void decodesARead() throws ProtocolException {
    ByteBuffer message = message(Operation.READ, 40);
    message.putLong(0).putLong(1L << 40).putInt(4096).putInt(0).putLong(0);
    message.putInt(OpenFlag.DIRECT);
    assertThat(decode(message)).isEqualTo(new Request.Read(UNIQUE, NODE, 1L << 40, 4096, true));
    message.putInt(72, 0);
    assertThat(decode(message)).isEqualTo(new Request.Read(UNIQUE, NODE, 1L << 40, 4096, false));
  }

  @Test
  void decodesOpensAndReleases() throws ProtocolException {
    ByteBuffer open = message(Operation.OPEN, 8).putInt(OpenFlag.DIRECT | 1 << 15);
    assertThat(decode(open)).isEqualTo(new Request.Open(UNIQUE, NODE, true));
    open.putInt(40, 1 << 15);
    assertThat(decode(open)).isEqualTo(new Request.Open(UNIQUE, NODE, false));
    assertThat(decode(message(Operation.RELEASE, 24))).isEqualTo(new Request.Ended(UNIQUE));
  }

  @Test
  void decodesNames() throws ProtocolException {
    ByteBuffer lookup = message(Operation.LOOKUP, 4).put("abc\0".getBytes(US_ASCII));
    assertThat((Request.Lookup) decode(lookup))
        .satisfies(request -> assertThat(request.name()).asString().isEqualTo("abc"));
    ByteBuffer xattr = message(Operation.GETXATTR, 15).putInt(100).putInt(0);
    xattr.put("user.a\0".getBytes(US_ASCII));
    assertThat((Request.GetXattr) decode(xattr))
        .satisfies(request -> {
          assertThat(request.name()).asString().isEqualTo("user.a");
          assertThat(request.length()).isEqualTo(100);
        });
  }

  @Test
  void decodesListingsAndSeeks() throws ProtocolException {
    ByteBuffer list = message(Operation.READDIRPLUS, 40).putLong(0).putLong(77).putInt(8192);
    assertThat(decode(list)).isEqualTo(new Request.ReadDirectory(UNIQUE, NODE, 77, 8192, true));
    ByteBuffer seek = message(Operation.LSEEK, 24).putLong(0).putLong(55).putInt(Request.Seek.HOLE);
    assertThat(decode(seek)).isEqualTo(new Request.Seek(UNIQUE, NODE, 55, Request.Seek.HOLE));
  }

  @Test
  void joinsTheTwoHalvesOfTheFeatures() throws ProtocolException {
    ByteBuffer init = message(Operation.INIT, 64).putInt(7).putInt(45).putInt(131072);
    init.putInt(1 << 30 | 1).putInt(1 << 7);
    assertThat(decode(init))
        .isEqualTo(new Request.Initialize(UNIQUE, 7, 45, 131072, 1L << 39 | 1L << 30 | 1));
    init.putInt(52, 1);
    assertThat(decode(init)).isEqualTo(new Request.Initialize(UNIQUE, 7, 45, 131072, 1));
  }

  @Test
  void refusesChangesAndWhatItDoesNotKnow() throws ProtocolException {
    assertThat(decode(message(Operation.MKDIR, 16)))
        .isEqualTo(new Request.Refused(UNIQUE, Errno.EROFS));
    int flush = 25;
    assertThat(decode(message(flush, 24))).isEqualTo(new Request.Refused(UNIQUE, Errno.ENOSYS));
    assertThat(decode(message(4095, 0))).isEqualTo(new Request.Refused(UNIQUE, Errno.ENOSYS));
  }

  @Test
  void forgetsAndInterruptsWantNoReply() throws ProtocolException {
    assertThat(decode(message(Operation.FORGET, 8))).isEqualTo(new Request.Silent(UNIQUE));
    assertThat(decode(message(Operation.BATCH_FORGET, 8))).isEqualTo(new Request.Silent(UNIQUE));
    assertThat(decode(message(Operation.INTERRUPT, 8))).isEqualTo(new Request.Silent(UNIQUE));
  }

  @Test
  void truncatedMessagesAreErrors() throws ProtocolException {
    for (int operation : new int[] {Operation.READ, Operation.LOOKUP, Operation.GETXATTR}) {
      assertThat(decode(message(operation, 0))).isEqualTo(new Request.Refused(UNIQUE, Errno.EIO));
    }
    Message lookup = new Message(MemorySegment.ofBuffer(message(Operation.LOOKUP, 8).rewind()));
    assertThatThrownBy(() -> lookup.take(47)).isInstanceOf(ProtocolException.class);
    assertThatThrownBy(() -> lookup.take(39)).isInstanceOf(ProtocolException.class);
  }
}
