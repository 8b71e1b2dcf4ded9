package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.NodeUnavailableException;
import org.waymark.client.Registration;
import org.waymark.client.RegistryClient;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Identifier;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.Suite;
import org.waymark.v1.NodeAddress;
import org.waymark.wire.TlsFiles;

/** A node that speaks TLS on its faces, and clients that do and that don't. */
class TlsIT {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Pattern HTTPS = Pattern.compile("https on 127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern CONSOLE = Pattern.compile("console at https://127\\.0\\.0\\.1:(\\d+)/");

    @RegisterExtension
    private final NodeProcesses nodes = new NodeProcesses();

    @TempDir
    private Path directory;

    private final TestParties parties = new TestParties(Suite.ED25519);
    /** Making them takes longer than a test. */
    @TempDir
    private static Path certificates;

    private static TlsAuthority authority;
    private static TlsAuthority other;
    private static TlsFiles files;
    private static TlsFiles next;

    @BeforeAll
    static void issueCertificates() throws Exception {
        authority = new TlsAuthority(certificates.resolve("authority"));
        other = new TlsAuthority(certificates.resolve("other"));
        files = authority.issue("node");
        next = authority.issue("next");
    }

    private NodeProcess serve(String... settings) {
        Path certificate = files.certificate().orElseThrow();
        Path key = files.key().orElseThrow();
        List<String> all = new ArrayList<>();
        for (String face : List.of("protobuf", "http", "operations")) {
            all.addAll(List.of(face + ".tlsCertificate=" + certificate, face + ".tlsKey=" + key));
        }
        all.addAll(List.of(settings));
        return nodes.serve(directory.resolve("data"), parties.root.anchor(), all.toArray(String[]::new));
    }

    private static NodeClientOptions.Builder options(NodeProcess node) {
        return NodeClientOptions.builder()
                .nodes("tls://127.0.0.1:" + node.port())
                .requestTimeout(PATIENCE)
                .connectTimeout(PATIENCE);
    }

    private TlsFiles trusting() {
        return TlsFiles.NONE.withAuthorities(authority.certificate());
    }

    private static void requireUnavailable(NodeClientOptions.Builder options, String part) {
        try (NodeClient client = NodeClient.create(options.connectTimeout(Duration.ofSeconds(5))
                .requestTimeout(Duration.ofSeconds(10))
                .build())) {
            assertThatThrownBy(() -> client.info().get(1, TimeUnit.MINUTES))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(NodeUnavailableException.class)
                    .hasMessageContaining(part);
        }
    }

    private HttpClient browser() throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authority.trust());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static URI uri(NodeProcess node, Pattern line, String path) {
        Matcher matcher = line.matcher(node.out());
        assertThat(matcher.find()).isTrue();
        return URI.create("https://127.0.0.1:" + matcher.group(1) + path);
    }

    private static HttpResponse<String> get(HttpClient browser, URI uri) throws Exception {
        return browser.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void recordsAreRegisteredAndResolvedOverTls() throws Exception {
        NodeProcess node = serve();
        IdentifierRecord record = parties.maker.sign(parties.maker.itemDraft("S1"));
        try (NodeClient client = NodeClient.create(options(node).tls(trusting()).build())) {
            RegistryClient registry = new RegistryClient(client);
            assertThat(registry.register(parties.prefixRecords()).get(1, TimeUnit.MINUTES))
                    .allMatch(Registration::isStored);
            assertThat(registry.register(record).get(1, TimeUnit.MINUTES).isStored())
                    .isTrue();
        }
        Identifier identifier = Identifier.parse(record.scheme(), record.key().identifier());
        try (ResolverClient resolver = ResolverClient.builder()
                .tlsNode("localhost", node.port())
                .tls(trusting())
                .anchor(parties.root.anchor())
                .connectTimeout(PATIENCE)
                .requestTimeout(PATIENCE)
                .build()) {
            assertThat(resolver.blocking().resolve(identifier)).isInstanceOf(Resolution.Found.class);
        }
        HttpClient browser = browser();
        assertThat(get(browser, uri(node, HTTPS, "/" + identifier.canonical() + "?info"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(get(browser, uri(node, CONSOLE, "/metrics")).body()).contains("waymark_");
    }

    @Test
    void whoDoesNotBelieveTheCertificateOrSpeaksNoTlsIsNotServed() throws Exception {
        NodeProcess node = serve();
        requireUnavailable(
                options(node).tls(TlsFiles.NONE.withAuthorities(other.certificate())),
                "tls://127.0.0.1:" + node.port());
        requireUnavailable(options(node), "leads to no authority that this client believes");
        requireUnavailable(NodeClientOptions.builder().node("127.0.0.1", node.port()), "perhaps it wants TLS");
        try (NodeClient client = NodeClient.create(options(node).tls(trusting()).build())) {
            assertThat(client.info().get(1, TimeUnit.MINUTES).getSoftware()).contains("waymark");
        }
    }

    @Test
    void aNodeThatAsksForCertificatesServesThoseWhoShowOne() throws Exception {
        NodeProcess node = serve("protobuf.tlsClientAuthorities=" + authority.certificate());
        requireUnavailable(options(node).tls(trusting()), "it wants a certificate of this client");
        requireUnavailable(
                options(node).tls(other.issue("stranger").withAuthorities(authority.certificate())),
                "tls://127.0.0.1:" + node.port());
        TlsFiles own = authority.issue("client").withAuthorities(authority.certificate());
        try (NodeClient client = NodeClient.create(options(node).tls(own).build())) {
            assertThat(client.info().get(1, TimeUnit.MINUTES).getSoftware()).contains("waymark");
        }
    }

    @Test
    void aCertificateThatIsReplacedIsShownToNewConnections() throws Exception {
        Path certificate = Files.copy(files.certificate().orElseThrow(), directory.resolve("certificate.pem"));
        Path key = Files.copy(files.key().orElseThrow(), directory.resolve("key.pem"));
        NodeProcess node = serve("http.tlsCertificate=" + certificate, "http.tlsKey=" + key);
        X509Certificate first = shown(node);
        // Half of the pair, for as long as it takes to be looked at: the former one stays in use.
        replace(next.certificate().orElseThrow(), certificate);
        await().atMost(PATIENCE).until(() -> node.err().contains("the former stay in use"));
        assertThat(shown(node)).isEqualTo(first);
        replace(next.key().orElseThrow(), key);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(shown(node).getSubjectX500Principal().getName())
                                .isEqualTo("CN=next"));
    }

    @Test
    void aReferralLeadsToANodeThatSpeaksTls() throws Exception {
        NodeProcess home = serve("node.homes=88.118.8");
        NodeAddress address = NodeAddress.newBuilder()
                .setFace("waymark-tls")
                .setHost("127.0.0.1")
                .setPort(home.port())
                .build();
        IdentifierRecord rootRecord = parties.root.sign(parties.root.prefixDraft(parties.root));
        IdentifierRecord makerRecord =
                parties.root.sign(parties.maker.prefixDraft(parties.root, parties.maker.keys(), List.of(address)));
        IdentifierRecord item = parties.maker.sign(parties.maker.itemDraft("S1"));
        NodeProcess above = nodes.serve(directory.resolve("above"), parties.root.anchor());
        try (NodeClient toHome = NodeClient.create(options(home).tls(trusting()).build());
                NodeClient toAbove = above.client()) {
            for (NodeClient client : List.of(toHome, toAbove)) {
                assertThat(new RegistryClient(client)
                                .register(List.of(rootRecord, makerRecord))
                                .get(1, TimeUnit.MINUTES))
                        .allMatch(Registration::isStored);
            }
            assertThat(new RegistryClient(toHome)
                            .register(item)
                            .get(1, TimeUnit.MINUTES)
                            .isStored())
                    .isTrue();
        }
        try (ResolverClient resolver = ResolverClient.builder()
                .node("127.0.0.1", above.port())
                .tls(trusting())
                .anchor(parties.root.anchor())
                .connectTimeout(PATIENCE)
                .requestTimeout(PATIENCE)
                .build()) {
            Identifier identifier = Identifier.parse(item.scheme(), item.key().identifier());
            assertThat(resolver.blocking().resolve(identifier)).isInstanceOf(Resolution.Found.class);
        }
    }

    private X509Certificate shown(NodeProcess node) throws Exception {
        HttpResponse<String> response = get(browser(), uri(node, HTTPS, "/openapi.json"));
        return (X509Certificate) response.sslSession().orElseThrow().getPeerCertificates()[0];
    }

    private static void replace(Path by, Path file) throws Exception {
        Path beside = file.resolveSibling("replacing");
        Files.copy(by, beside, StandardCopyOption.REPLACE_EXISTING);
        Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aKeyThatDoesNotBelongToItsCertificateIsRefusedAtTheStart() throws Exception {
        List<String> arguments = new ArrayList<>(List.of("serve"));
        arguments.addAll(List.of(NodeProcesses.arguments(
                directory.resolve("data"),
                parties.root.anchor(),
                "protobuf.port=0",
                "protobuf.tlsCertificate=" + files.certificate().orElseThrow(),
                "protobuf.tlsKey=" + next.key().orElseThrow())));
        NodeProcess node = nodes.run(NodeProcess.QUICK_JVM, arguments.toArray(String[]::new));
        assertThat(node.awaitExit()).isNotZero();
        assertThat(node.err()).contains("next-key.pem does not belong to the first certificate");
    }
}
