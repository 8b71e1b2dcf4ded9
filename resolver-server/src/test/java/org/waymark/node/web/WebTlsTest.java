package org.waymark.node.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.node.endpoint.Transport;

class WebTlsTest {

    private static final String PASSWORD = "secret";
    private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private final Transport transport = Transport.open(Transport.Kind.NIO, 1);

    @TempDir
    private Path directory;

    private KeyStore keys;
    private TlsFiles files;

    @BeforeEach
    void makeCertificate() throws Exception {
        Path store = directory.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "node",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        files = new TlsFiles(
                pem("CERTIFICATE", keys.getCertificate("node").getEncoded()),
                pem("PRIVATE KEY", keys.getKey("node", PASSWORD.toCharArray()).getEncoded()));
    }

    private Path pem(String name, byte[] bytes) throws IOException {
        String text = "-----BEGIN " + name + "-----\n" + PEM.encodeToString(bytes) + "\n-----END " + name + "-----\n";
        return Files.writeString(directory.resolve(name.replace(' ', '-') + ".pem"), text);
    }

    @AfterEach
    void closeTransport() {
        transport.close();
    }

    private WebServer server(TlsFiles tls) {
        WebOptions plain = WebOptions.defaults("127.0.0.1", 0);
        WebOptions options = new WebOptions(
                plain.host(),
                plain.port(),
                Optional.of(tls),
                plain.maxConnections(),
                plain.maxPipelined(),
                plain.maxRequestLineBytes(),
                plain.maxHeaderBytes(),
                plain.maxUnsentBytes(),
                plain.headerTimeout(),
                plain.bodyTimeout(),
                plain.idleTimeout());
        Router routes = Router.builder()
                .get(
                        "/secure",
                        request -> WebResponse.text(200, Boolean.toString(request.isSecure()))
                                .now())
                .get(
                        "/long",
                        request -> WebResponse.of(200, Headers.NONE, new byte[1_000_000])
                                .now())
                .build();
        return new WebServer(options, transport, routes, WebEvents.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aClientIsServedOverTls(String protocol) throws Exception {
        WebServer server = server(files);
        server.start();
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("node", keys.getCertificate("node"));
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            SSLParameters parameters = new SSLParameters();
            parameters.setProtocols(new String[] {protocol});
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(context)
                    .sslParameters(parameters)
                    .build();
            String base = "https://127.0.0.1:" + server.address().getPort();
            for (int i = 0; i < 3; i++) {
                HttpRequest request =
                        HttpRequest.newBuilder(URI.create(base + "/secure")).build();
                HttpResponse<String> response =
                        client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
                assertThat(response.body()).isEqualTo("true");
                assertThat(response.sslSession().orElseThrow().getProtocol()).isEqualTo(protocol);
            }
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(base + "/long")).build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofByteArray())
                            .body())
                    .hasSize(1_000_000);
        } finally {
            server.stop(Duration.ZERO);
        }
    }

    @Test
    void filesThatCannotBeUsedAreNamed() throws Exception {
        Path wrong = Files.writeString(directory.resolve("wrong.pem"), "no key");
        assertThatThrownBy(
                        () -> server(new TlsFiles(files.certificate(), wrong)).start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("wrong.pem");
        assertThatThrownBy(() -> server(new TlsFiles(directory.resolve("none.pem"), wrong))
                        .start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.pem");
    }

    @Test
    void aClientThatSpeaksNoTlsIsNotAnswered() throws Exception {
        WebServer server = server(files);
        server.start();
        try (RawClient client = new RawClient(server.address())) {
            client.get("/secure");
            CompletableFuture<Boolean> closed = CompletableFuture.supplyAsync(() -> {
                try {
                    client.line();
                    return false;
                } catch (IOException e) {
                    return true;
                }
            });
            assertThat(closed.get(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            server.stop(Duration.ZERO);
        }
    }
}
