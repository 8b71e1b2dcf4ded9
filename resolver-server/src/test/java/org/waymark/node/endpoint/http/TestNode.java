package org.waymark.node.endpoint.http;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.waymark.node.Node;
import org.waymark.node.NodeConfigLoader;
import org.waymark.node.TestParties;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.Suite;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.RegisterRequest;

/** A node of its own with the test parties' prefixes, spoken to over HTTP. */
final class TestNode implements AutoCloseable {

    final TestParties parties = new TestParties(Suite.ED25519);
    /** Served by another node, which has an HTTP face. */
    final TestParties.Party elsewhere = TestParties.Party.withNewKeys(Suite.ED25519, "88.118.21");
    /** Served by another node, which has none. */
    final TestParties.Party withoutHttp = TestParties.Party.withNewKeys(Suite.ED25519, "88.118.22");

    /** A company with GS1 keys, which trusts itself. */
    final TestParties.Party company = TestParties.Party.withNewKeys(Suite.ED25519, "gs1:9521000");

    final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .build();
    private final Node node;

    TestNode(Path dataDir, String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "node.dataDir=" + dataDir,
                "node.roots=" + parties.root.anchor() + "," + company.anchor(),
                "protobuf.port=0",
                "operations.port=0",
                "http.port=0",
                "nearCache.maxBytes=16MiB"));
        all.addAll(List.of(settings));
        node = Node.start(NodeConfigLoader.load(Optional.empty(), Map.of(), all).config(), meters);
        List<IdentifierRecord> prefixes = new ArrayList<>(parties.prefixRecords());
        prefixes.add(company.sign(company.prefixDraft(company)));
        prefixes.add(delegated(elsewhere, address("waymark", 2640), address("https", 443)));
        prefixes.add(delegated(withoutHttp, address("waymark", 2640)));
        register(prefixes.toArray(IdentifierRecord[]::new));
    }

    private IdentifierRecord delegated(TestParties.Party party, NodeAddress... addresses) {
        return parties.root.sign(party.prefixDraft(parties.root, party.keys(), List.of(addresses)));
    }

    private static NodeAddress address(String face, int port) {
        return NodeAddress.newBuilder()
                .setFace(face)
                .setHost("node.example.com")
                .setPort(port)
                .build();
    }

    Node node() {
        return node;
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + node.httpAddress().orElseThrow().getPort() + target);
    }

    HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(uri(target)).timeout(Duration.ofSeconds(30));
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> get(String target, String... headers) throws Exception {
        HttpRequest.Builder request = request(target);
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    HttpResponse<byte[]> post(String contentType, byte[] body, String... headers) throws Exception {
        HttpRequest.Builder request = request("/api/records")
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    /** Registers records, all of which are new. */
    void register(IdentifierRecord... records) throws Exception {
        HttpResponse<byte[]> response = post("application/protobuf", request(records));
        String results = new String(response.body(), java.nio.charset.StandardCharsets.UTF_8);
        if (response.statusCode() != 200 || results.split("\"(CREATED|UPDATED)\"", -1).length != records.length + 1) {
            throw new AssertionError(results);
        }
    }

    static byte[] request(IdentifierRecord... records) {
        RegisterRequest.Builder request = RegisterRequest.newBuilder();
        for (IdentifierRecord record : records) {
            request.addRecords(record.encoded());
        }
        return request.build().toByteArray();
    }

    @Override
    public void close() {
        node.close();
    }
}
