package io.lazerofs.fetcher.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemFileTest {
  private static final HeldCertificate RSA = new HeldCertificate.Builder().rsa2048().build();
  private static final HeldCertificate EC = new HeldCertificate.Builder().ecdsa256().build();

  @TempDir private Path directory;

  private PemFile pem(String text) throws Exception {
    return PemFile.read(Files.writeString(directory.resolve("x.pem"), text));
  }

  @Test
  void certificatesAreReadInOrderAmongOtherThings() throws Exception {
    PemFile file =
        pem(
            "subject=/CN=a\n"
                + EC.certificatePem()
                + EC.privateKeyPkcs8Pem()
                + RSA.certificatePem());
    assertThat(file.certificates()).containsExactly(EC.certificate(), RSA.certificate());
  }

  @Test
  void keysAreReadInTheirNewForm() throws Exception {
    for (HeldCertificate held : new HeldCertificate[] {RSA, EC}) {
      PublicKey partner = held.certificate().getPublicKey();
      assertThat(pem(held.privateKeyPkcs8Pem()).privateKey(partner).getEncoded())
          .isEqualTo(held.keyPair().getPrivate().getEncoded());
    }
  }

  @Test
  void keysAreReadInTheirOldFormsToo() throws Exception {
    assertThat(pem(RSA.privateKeyPkcs1Pem()).privateKey(RSA.certificate().getPublicKey()))
        .isEqualTo(RSA.keyPair().getPrivate());

    Path key = directory.resolve("ec.key");
    Process openssl =
        new ProcessBuilder("openssl", "ec", "-out", key.toString())
            .redirectErrorStream(true)
            .start();
    try (var input = openssl.outputWriter()) {
      input.write(EC.privateKeyPkcs8Pem());
    }
    assertThat(openssl.waitFor()).as("%s", openssl.inputReader().readAllAsString()).isZero();
    assertThat(Files.readString(key)).contains("BEGIN EC PRIVATE KEY");
    ECPrivateKey read =
        (ECPrivateKey) PemFile.read(key).privateKey(EC.certificate().getPublicKey());
    assertThat(read.getS()).isEqualTo(((ECPrivateKey) EC.keyPair().getPrivate()).getS());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nothing",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nczNjcmV0\n-----END PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nczNjcmV0\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nczNjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n",
      })
  void whatCannotBeReadIsNamedWithoutItsContent(String text) {
    PublicKey partner = EC.certificate().getPublicKey();
    assertThatThrownBy(() -> pem(text).certificates()).isInstanceOf(HostsException.class);
    assertThatThrownBy(() -> pem(text).privateKey(partner))
        .isInstanceOf(HostsException.class)
        .hasMessageContaining("x.pem")
        .hasMessageNotContaining("czNjcmV0")
        .hasMessageNotContaining("s3cret")
        .hasNoCause();
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> PemFile.read(directory.resolve("missing.pem")))
        .isInstanceOf(HostsException.class)
        .hasMessageContaining("missing.pem");
  }
}
