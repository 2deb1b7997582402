package io.lazerofs.fetcher.hosts;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What TLS with one host is done with: the system's trust and more, or none, and the certificates
 * to show.
 */
public final class TlsContext {
  private static final char[] NO_PASSWORD = new char[0];

  private final SSLSocketFactory sockets;
  private final X509TrustManager trust;

  private TlsContext(SSLSocketFactory sockets, X509TrustManager trust) {
    this.sockets = sockets;
    this.trust = trust;
  }

  /**
   * Reads files.
   *
   * @throws HostsException when one cannot be used; the message names it
   */
  public static TlsContext of(TlsFiles files) throws IOException {
    try {
      X509TrustManager trust = files.skipVerify() ? new TrustAll() : trust(files.ca());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(files.client()), new TrustManager[] {trust}, null);
      return new TlsContext(context.getSocketFactory(), trust);
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private static X509TrustManager trust(List<Path> ca)
      throws GeneralSecurityException, IOException {
    X509TrustManager system = trustManager(null);
    if (ca.isEmpty()) {
      return system;
    }
    KeyStore store = emptyStore();
    int number = 0;
    for (X509Certificate issuer : system.getAcceptedIssuers()) {
      store.setCertificateEntry("system" + number++, issuer);
    }
    for (Path file : ca) {
      for (X509Certificate certificate : PemFile.read(file).certificates()) {
        store.setCertificateEntry("ca" + number++, certificate);
      }
    }
    return trustManager(store);
  }

  private static X509TrustManager trustManager(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return Arrays.stream(factory.getTrustManagers())
        .filter(X509TrustManager.class::isInstance)
        .map(X509TrustManager.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private static KeyManager[] keys(List<TlsFiles.Pair> pairs)
      throws GeneralSecurityException, IOException {
    KeyStore store = emptyStore();
    for (TlsFiles.Pair pair : pairs) {
      List<X509Certificate> chain = PemFile.read(pair.certificate()).certificates();
      store.setKeyEntry(
          "client" + store.size(),
          PemFile.read(pair.key()).privateKey(chain.getFirst().getPublicKey()),
          NO_PASSWORD,
          chain.toArray(Certificate[]::new));
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    return store;
  }

  /** Returns what makes the connections. */
  public SSLSocketFactory sockets() {
    return sockets;
  }

  /** Returns what judges the host's certificate. */
  public X509TrustManager trust() {
    return trust;
  }

  /** Takes any certificate, for {@code skip_verify}. */
  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("no server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
