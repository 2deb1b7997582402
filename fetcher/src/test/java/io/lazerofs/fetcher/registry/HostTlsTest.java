package io.lazerofs.fetcher.registry;

import static io.lazerofs.fetcher.registry.TwoHosts.expected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import mockwebserver3.RecordedRequest;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with each host by its own certificates. */
class HostTlsTest {
  private static final HeldCertificate AUTHORITY =
      new HeldCertificate.Builder().certificateAuthority(0).commonName("lab").build();
  private static final HeldCertificate SERVER =
      new HeldCertificate.Builder()
          .signedBy(AUTHORITY)
          .addSubjectAlternativeName("localhost")
          .build();
  private static final HeldCertificate CLIENT =
      new HeldCertificate.Builder().signedBy(AUTHORITY).commonName("node").build();

  @TempDir private Path directory;
  private TwoHosts two;

  @BeforeEach
  void start() throws Exception {
    Files.writeString(directory.resolve("ca.pem"), AUTHORITY.certificatePem());
    Files.writeString(directory.resolve("client.cert"), CLIENT.certificatePem());
    Files.writeString(directory.resolve("client.key"), CLIENT.privateKeyPkcs8Pem());
    two = new TwoHosts(directory);
  }

  @AfterEach
  void stop() {
    two.close();
  }

  private void mirrorSpeaksTls(HeldCertificate certificate) throws Exception {
    two.mirror.useHttps(
        new HandshakeCertificates.Builder()
            .heldCertificate(certificate)
            .addTrustedCertificate(AUTHORITY.certificate())
            .build()
            .sslSocketFactory());
    two.mirror.start();
  }

  private void hosts(String settings) throws Exception {
    two.hosts("[host.\"" + two.mirrorUrl() + "\"]\n" + settings);
  }

  private String file(String name) {
    return directory.resolve(name).toString();
  }

  @Test
  void aMirrorWithACertificateOfItsOwnAuthorityIsTrusted() throws Exception {
    mirrorSpeaksTls(SERVER);
    hosts("ca = \"" + file("ca.pem") + "\"\n");
    assertThat(two.read(0, 1000)).isEqualTo(expected(0, 1000));
    assertThat(two.mirror.takeRequest().getVersion()).isEqualTo("HTTP/2");
    assertThat(two.origin.getRequestCount()).isZero();
  }

  @Test
  void aMirrorThatIsNotTrustedIsPassedOver() throws Exception {
    mirrorSpeaksTls(SERVER);
    hosts("");
    assertThat(two.read(0, 1000)).isEqualTo(expected(0, 1000));
    assertThat(two.mirror.getRequestCount()).isZero();
    assertThat(two.registries.sources().get(two.mirrorName())).startsWith("failing: ");
  }

  @Test
  void skippingVerificationTakesAnyCertificateForAnyName() throws Exception {
    mirrorSpeaksTls(
        new HeldCertificate.Builder().addSubjectAlternativeName("elsewhere.example").build());
    hosts("skip_verify = true\n");
    assertThat(two.read(0, 1000)).isEqualTo(expected(0, 1000));
    assertThat(two.origin.getRequestCount()).isZero();
  }

  @Test
  void aClientShowsItsCertificateWhereItIsAskedFor() throws Exception {
    two.mirror.requireClientAuth();
    mirrorSpeaksTls(SERVER);
    hosts("ca = \"%s\"\n".formatted(file("ca.pem")));
    two.read(0, 10);
    assertThat(two.origin.getRequestCount()).as("without a certificate").isEqualTo(1);

    hosts(
        "ca = \"%s\"\nclient = [[\"%s\", \"%s\"]]\n"
            .formatted(file("ca.pem"), file("client.cert"), file("client.key")));
    two.clock.advance(Duration.ofSeconds(11));
    assertThat(two.read(0, 1000)).isEqualTo(expected(0, 1000));
    assertThat(two.origin.getRequestCount()).isEqualTo(1);
    assertThat(two.mirror.takeRequest())
        .extracting("handshake")
        .asString()
        .contains("peerCertificates=[CN=node]");
  }

  @Test
  void aHostWhoseFilesCannotBeReadIsPassedOverAndNamed() throws Exception {
    mirrorSpeaksTls(SERVER);
    hosts("ca = \"missing.pem\"\n");
    assertThat(two.read(0, 1000)).isEqualTo(expected(0, 1000));
    assertThat(two.registries.sources().get(two.mirrorName())).contains("missing.pem");

    two.hosts("server = \"" + two.mirrorUrl() + "\"\nca = \"missing.pem\"\n");
    assertThatThrownBy(() -> two.read(0, 10)).isInstanceOf(RegistryException.NoSource.class);
  }

  @Test
  void manyReadsAtOnceShareOneConnection() throws Exception {
    mirrorSpeaksTls(SERVER);
    hosts("ca = \"" + file("ca.pem") + "\"\n");
    two.read(0, 10);
    try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<byte[]>> reads = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        int offset = i * 1000;
        reads.add(readers.submit(() -> two.read(offset, 5000)));
      }
      for (int i = 0; i < 30; i++) {
        assertThat(reads.get(i).get()).isEqualTo(expected(i * 1000, 5000));
      }
    }
    assertThat(TwoHosts.requests(two.mirror))
        .hasSize(31)
        .extracting(RecordedRequest::getConnectionIndex)
        .containsOnly(0);
  }
}
