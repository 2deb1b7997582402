package io.lazerofs.fetcher.hosts;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The certificates and keys of a PEM file (RFC 7468): keys as PKCS #8, and as RSA and EC wrote them
 * before (PKCS #1, SEC 1). No message holds a part of a file.
 */
final class PemFile {
  private static final long MAX_BYTES = 4 << 20;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  private final Path file;
  private final List<Block> blocks;

  private record Block(String label, byte[] der) {}

  private PemFile(Path file, List<Block> blocks) {
    this.file = file;
    this.blocks = blocks;
  }

  static PemFile read(Path file) throws HostsException {
    String text;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new HostsException(file, "larger than " + MAX_BYTES + " bytes");
      }
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (HostsException e) {
      throw e;
    } catch (IOException e) {
      throw new HostsException(file, "cannot be read (" + e.getClass().getSimpleName() + ")");
    }
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      try {
        byte[] der = Base64.getMimeDecoder().decode(matcher.group(2));
        blocks.add(new Block(matcher.group(1), der));
      } catch (IllegalArgumentException e) {
        throw new HostsException(file, "holds a PEM block that is no base64");
      }
    }
    return new PemFile(file, blocks);
  }

  /** Returns the certificates in file order, at least one. */
  List<X509Certificate> certificates() throws HostsException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks) {
      if (block.label().equals("CERTIFICATE")) {
        try {
          certificates.add(
              (X509Certificate)
                  CertificateFactory.getInstance("X.509")
                      .generateCertificate(new ByteArrayInputStream(block.der())));
        } catch (CertificateException e) {
          throw new HostsException(file, "holds a certificate that cannot be read");
        }
      }
    }
    if (certificates.isEmpty()) {
      throw new HostsException(file, "holds no certificate in PEM");
    }
    return certificates;
  }

  /** Returns the first key of the file, which has to be of the kind of {@code partner}. */
  PrivateKey privateKey(PublicKey partner) throws HostsException {
    for (Block block : blocks) {
      byte[] pkcs8 =
          switch (block.label()) {
            case "PRIVATE KEY" -> block.der();
            case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> pkcs8(block.der(), partner);
            case "ENCRYPTED PRIVATE KEY" ->
                throw new HostsException(file, "holds a key with a password; store it without");
            default -> new byte[0];
          };
      if (pkcs8.length > 0) {
        try {
          return KeyFactory.getInstance(partner.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
          throw new HostsException(
              file, "holds no %s key that fits the certificate".formatted(partner.getAlgorithm()));
        }
      }
    }
    throw new HostsException(file, "holds no private key in PEM");
  }

  /*
   * PrivateKeyInfo ::= SEQUENCE { version 0, algorithm, OCTET STRING key } (RFC 5208, section 5).
   * The older forms lack the algorithm; the certificate's public key begins with the same one
   * (RFC 5280, SubjectPublicKeyInfo).
   */
  private static byte[] pkcs8(byte[] key, PublicKey partner) {
    byte[] info = partner.getEncoded();
    int start = 1 + lengthBytes(info, 1);
    int length = 1 + lengthBytes(info, start + 1) + contentLength(info, start + 1);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(new byte[] {2, 1, 0});
    body.write(info, start, length);
    body.writeBytes(element(4, key));
    return element(0x30, body.toByteArray());
  }

  private static int lengthBytes(byte[] der, int at) {
    return der[at] >= 0 ? 1 : 1 + (der[at] & 0x7f);
  }

  private static int contentLength(byte[] der, int at) {
    int length = der[at] & 0x7f;
    if (der[at] < 0) {
      int bytes = length;
      length = 0;
      for (int i = 1; i <= bytes; i++) {
        length = length << 8 | der[at + i] & 0xff;
      }
    }
    return length;
  }

  private static byte[] element(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    byte[] length = BigInteger.valueOf(content.length).toByteArray();
    boolean signed = length[0] == 0 && length.length > 1;
    if (content.length >= 0x80) {
      out.write(0x80 | (signed ? length.length - 1 : length.length));
    }
    out.write(length, signed ? 1 : 0, length.length - (signed ? 1 : 0));
    out.writeBytes(content);
    return out.toByteArray();
  }
}
