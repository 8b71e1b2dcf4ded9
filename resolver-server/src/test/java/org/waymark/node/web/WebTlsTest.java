package org.waymark.node.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
import org.waymark.node.TlsAuthority;
import org.waymark.node.endpoint.Transport;
import org.waymark.wire.TlsFiles;

class WebTlsTest {

    private final Transport transport = Transport.open(Transport.Kind.NIO, 1);

    @TempDir
    private Path directory;

    private TlsAuthority authority;
    private TlsFiles files;

    @BeforeEach
    void makeCertificate() throws Exception {
        authority = new TlsAuthority(directory.resolve("authority"));
        files = authority.issue("node");
    }

    @AfterEach
    void closeTransport() {
        transport.close();
    }

    private WebServer server(TlsFiles tls) {
        WebOptions options = WebOptions.defaults("127.0.0.1", 0).withTls(Optional.of(tls));
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
            trust.init(authority.trust());
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
        assertThatThrownBy(() -> server(TlsFiles.ofServer(files.certificate().orElseThrow(), wrong))
                        .start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("wrong.pem");
        assertThatThrownBy(() -> server(TlsFiles.ofServer(directory.resolve("none.pem"), wrong))
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
