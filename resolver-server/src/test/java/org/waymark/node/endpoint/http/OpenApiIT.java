package org.waymark.node.endpoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.identifier.Identifier;
import org.waymark.log.Checkpoint;
import org.waymark.log.NoteKey;
import org.waymark.log.SignedNote;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.metrics.Face;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.node.web.Router;
import org.waymark.node.web.WebOptions;
import org.waymark.node.web.WebServer;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.KeyFile;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;

/** The description of the HTTP face, held against what a node does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenApiIT {

    private static final Set<String> METHODS = Set.of("get", "post", "put", "delete", "patch");
    private static final String RECORD = "GET /{identifier}";
    private static final String UPLOAD = "POST /api/records";
    private static final String HANDLE = "GET /api/handles/{handle}";
    private static final String GS1_RESOLVER = "GET /.well-known/gs1resolver";
    private static final String LOG = "GET /log/{part}";
    private static final String COSIGN = "POST /log/cosignatures";
    private static final String DESCRIPTION = "GET /openapi.json";

    private final Set<String> seen = new TreeSet<>();
    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private static Path home;

    private SigningKey witness;
    private TestNode node;
    private JsonNode description;

    @BeforeAll
    void start() throws Exception {
        Path key = home.resolve("log.pem");
        KeyFile.writePrivate(key, SigningKey.generate(Suite.ED25519));
        witness = SigningKey.generate(Suite.ED25519);
        node = new TestNode(
                home,
                "http.maxUploadBytes=64KiB",
                "log.keys=" + key,
                "log.checkpointMillis=100",
                "log.witnesses="
                        + NoteKey.ofWitness("witness", witness.verifyingKey()).text());
        description = new ObjectMapper().readTree(node.get("/openapi.json").body());
    }

    @AfterAll
    void stop() {
        node.close();
    }

    /** {@code GET /{identifier} 200} and so on. */
    private Set<String> described() {
        Set<String> all = new TreeSet<>();
        description
                .get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    if (METHODS.contains(operation.getKey())) {
                        operation
                                .getValue()
                                .get("responses")
                                .properties()
                                .forEach(response -> all.add(operation.getKey().toUpperCase(Locale.ROOT) + " "
                                        + path.getKey() + " " + response.getKey()));
                    }
                }));
        return all;
    }

    private HttpResponse<byte[]> see(String operation, HttpResponse<byte[]> response) {
        seen.add(operation + " " + response.statusCode());
        return response;
    }

    @Test
    void everyRouteIsDescribedAndEveryDescribedRouteIsThere() throws Exception {
        HttpFace face = face();
        Set<String> routes = face.addTo(Router.builder()).build().routes().stream()
                .map(route -> route.method() + " "
                        + route.pattern()
                                .replace("handles/*", "handles/{handle}")
                                .replace("log/*", "log/{part}")
                                .replace("*", "{identifier}"))
                .collect(Collectors.toSet());
        face.close();
        Set<String> operations = described().stream()
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .collect(Collectors.toSet());
        assertThat(operations).isEqualTo(routes);
    }

    /** A face whose registry is away. */
    private static HttpFace face() {
        UnavailableException away = new UnavailableException("away", null);
        return new HttpFace(
                query -> CompletableFuture.failedFuture(away),
                new AwayAuthority(away),
                Set.of(),
                Optional.empty(),
                1_000,
                Clock.systemUTC());
    }

    @Test
    void everyDescribedStatusIsGivenAndNoOther() throws Exception {
        IdentifierRecord first = node.parties.maker.sign(node.parties.maker.itemDraft("described"));
        node.register(first);
        HttpResponse<byte[]> found = see(RECORD, node.get("/88.118.8/described"));
        see(
                RECORD,
                node.get(
                        "/88.118.8/described",
                        "If-None-Match",
                        found.headers().firstValue("ETag").orElseThrow()));
        see(RECORD, node.get("/88.118.8/described", "Accept", "text/html"));
        see(RECORD, node.get("/nothing"));
        see(RECORD, node.get("/88.118.8/nothing"));
        see(RECORD, node.get("/88.118.8/described", "Accept", "image/png"));
        see(RECORD, node.get("/20.500/x"));
        node.register(node.parties.maker.sign(node.parties.following(
                first, node.parties.maker.emptyItemDraft("described").revoked())));
        see(RECORD, node.get("/88.118.8/described"));

        see(UPLOAD, node.post("application/protobuf", TestNode.request(first)));
        see(UPLOAD, node.post("application/json", "{".getBytes(StandardCharsets.UTF_8)));
        see(UPLOAD, node.post("application/protobuf", new byte[0], "Accept", "image/png"));
        see(UPLOAD, node.post("application/protobuf", new byte[70_000]));
        see(UPLOAD, node.post("text/plain", new byte[0]));

        links();
        log();
        HttpResponse<byte[]> document = see(DESCRIPTION, node.get("/openapi.json"));
        see(
                DESCRIPTION,
                node.get(
                        "/openapi.json",
                        "If-None-Match",
                        document.headers().firstValue("ETag").orElseThrow()));
        whileTheRegistryIsAway();
        assertThat(seen).isEqualTo(described());
    }

    private void log() throws Exception {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> node.get("/log/checkpoint").statusCode() == 200);
        HttpResponse<byte[]> checkpoint = see(LOG, node.get("/log/checkpoint"));
        assertThat(checkpoint.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
        assertThat(checkpoint.headers().firstValue("Cache-Control")).hasValue("public, max-age=1");
        see(LOG, node.get("/log/tile/0/x999/999"));
        SignedNote note = SignedNote.parse(checkpoint.body());
        String line = Checkpoint.cosign(note, "witness", witness, 1_700_000_000).line();
        see(COSIGN, cosign(line.getBytes(StandardCharsets.UTF_8)));
        see(COSIGN, cosign("no line\n".getBytes(StandardCharsets.UTF_8)));
        see(COSIGN, cosign(new byte[20_000]));
        assertThat(SignedNote.parse(node.get("/log/checkpoint/cosigned").body()).text())
                .isEqualTo(note.text());
    }

    private HttpResponse<byte[]> cosign(byte[] lines) throws Exception {
        return node.send(node.request("/log/cosignatures").POST(HttpRequest.BodyPublishers.ofByteArray(lines)));
    }

    private void links() throws Exception {
        Identifier product = Identifier.parse("gs1:01/09521000000018");
        node.register(node.company.sign(RecordDraft.item(product, node.company.prefix())
                .value(1, "gs1:pip", "https://example.com/a")
                .value(2, "gs1:pip", "https://example.com/b")));
        see(RECORD, node.get("/01/09521000000018?linkType=gs1:pip"));
        see(RECORD, node.get("/01/09521000000018?linkType=linkset"));
        see(GS1_RESOLVER, node.get("/.well-known/gs1resolver"));

        node.register(node.parties.maker.sign(node.parties.maker.itemDraft("handle")));
        see(HANDLE, node.get("/api/handles/88.118.8/handle"));
        see(HANDLE, node.get("/api/handles/88.118.8/none"));
        see(HANDLE, node.get("/api/handles/none"));
        see(HANDLE, node.get("/api/handles/88.118.21/x"));
    }

    private void whileTheRegistryIsAway() throws Exception {
        Transport transport = Transport.open(Transport.Kind.AUTO, 1);
        HttpFace face = face();
        WebServer server = new WebServer(
                WebOptions.defaults("127.0.0.1", 0),
                transport,
                face.addTo(Router.builder()).build(),
                new HttpMetrics(new NodeMetrics(new SimpleMeterRegistry()).face(Face.HTTP)));
        server.start();
        try {
            String base = "http://127.0.0.1:" + server.address().getPort();
            HttpRequest.Builder get = HttpRequest.newBuilder(URI.create(base + "/88.118.8/x"));
            HttpRequest.Builder post = HttpRequest.newBuilder(URI.create(base + "/api/records"))
                    .header("Content-Type", "application/protobuf")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {0x0A, 1, 0}));
            HttpResponse<byte[]> answer =
                    see(RECORD, client.send(get.build(), HttpResponse.BodyHandlers.ofByteArray()));
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            HttpRequest.Builder handle = HttpRequest.newBuilder(URI.create(base + "/api/handles/88.118.8/x"));
            see(HANDLE, client.send(handle.build(), HttpResponse.BodyHandlers.ofByteArray()));
            see(UPLOAD, client.send(post.build(), HttpResponse.BodyHandlers.ofByteArray()));
            HttpRequest.Builder log = HttpRequest.newBuilder(URI.create(base + "/log/checkpoint"));
            see(LOG, client.send(log.build(), HttpResponse.BodyHandlers.ofByteArray()));
            HttpRequest.Builder cosign = HttpRequest.newBuilder(URI.create(base + "/log/cosignatures"))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {'x'}));
            see(COSIGN, client.send(cosign.build(), HttpResponse.BodyHandlers.ofByteArray()));
        } finally {
            server.stop(Duration.ZERO);
            face.close();
            transport.close();
        }
    }
}
