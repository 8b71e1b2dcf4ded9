package org.waymark.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.Parties;
import org.waymark.bench.data.Parts;
import org.waymark.bench.data.SampleRow;
import org.waymark.bench.load.HttpCall;
import org.waymark.bench.load.Load;
import org.waymark.bench.load.Shape;
import org.waymark.bench.measure.Contender;
import org.waymark.bench.measure.Row.Measure;
import org.waymark.bench.measure.Row.Question;
import org.waymark.bench.measure.Target;
import org.waymark.bench.peer.NginxProcess;
import org.waymark.bench.peer.NodeProcess;
import org.waymark.bench.peer.ServerProcess;
import org.waymark.node.registry.Registry;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordValue;

/** The node over HTTP next to nginx, which has a file for each of the node's answers. */
final class HttpPeers {

    private static final List<Shape> SHAPES = List.of(Shape.closed(50, 1), Shape.closed(16, 16));
    private static final Target TARGET = Target.atLeast(0.7, 1.0);
    private static final String HANDLES =
            "GET /api/handles/... on a warm cache vs nginx, static file of the same size, ";
    private static final String REDIRECT =
            "307 redirect on a warm cache vs nginx, static file, whole answer of the same size, ";

    /** As many as the node keeps made answers of, with room to spare. */
    private static final int RECORDS = 1_000;

    private static final String LINKS = "https://trace.example.com/parts/";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Run run;
    private final NodeProcess node;
    private final NginxProcess nginx;
    private final KeySequence sequence = KeySequence.uniform(RECORDS, 3);

    private HttpPeers(Run run, NodeProcess node, NginxProcess nginx) {
        this.run = run;
        this.node = node;
        this.nginx = nginx;
    }

    /** Starts both, and compares them. */
    static void run(Run run) throws Exception {
        Optional<Path> program = NginxProcess.program();
        if (program.isEmpty()) {
            for (String name : List.of(HANDLES, REDIRECT)) {
                SHAPES.forEach(shape -> run.notMeasured(name + shape, TARGET, "no nginx on this machine"));
            }
            return;
        }
        List<SampleRow> shapes =
                run.shapes.stream().map(shape -> shape.withLink(LINKS)).toList();
        Parties parties = new Parties(shapes);
        List<IdentifierRecord> records = new Parts(shapes, parties).next(RECORDS, 64);
        Path directory = run.scratch("http");
        try (Registry registry = Dataset.openWithPrefixes(directory, parties)) {
            Dataset.commit(registry, records);
        }
        try (NodeProcess node = NodeProcess.start(
                        run.checkout, directory, parties.anchor(), "1g", Map.of("protobuf.eventLoops", "1"));
                NginxProcess nginx = NginxProcess.start(program.get(), run.scratch("nginx-files"), "")) {
            HttpPeers peers = new HttpPeers(run, node, nginx);
            // First, as its answers say where they came from.
            peers.redirects(records);
            peers.handles(records);
        }
    }

    private void handles(List<IdentifierRecord> records) throws Exception {
        List<HttpCall> ours = new ArrayList<>();
        List<HttpCall> theirs = new ArrayList<>();
        for (IdentifierRecord record : records) {
            String path = "/api/handles/" + record.key().identifier();
            HttpCall.Answer answer = HttpCall.get(path, new byte[0]).ask(node.httpAddress());
            requireDocument(record, answer);
            ours.add(HttpCall.get(path, answer.body()));
            theirs.add(HttpCall.get(nginx.put("handles-" + theirs.size(), answer.body()), answer.body()));
        }
        compare(HANDLES, ours, theirs);
    }

    /** Whatever comes later has to be the same, byte for byte. */
    private static void requireDocument(IdentifierRecord record, HttpCall.Answer answer) throws IOException {
        JsonNode document = JSON.readTree(answer.body());
        boolean isRight = document.path("responseCode").asInt() == 1
                && document.path("handle").asText().equals(record.key().identifier())
                && document.path("values").size() == record.values().size();
        for (int i = 0; isRight && i < record.values().size(); i++) {
            RecordValue value = record.values().get(i);
            JsonNode shown = document.path("values").get(i);
            isRight = shown.path("index").asLong() == value.index()
                    && shown.path("type").asText().equals(value.type())
                    && shown.at("/data/value").asText().equals(value.data().toStringUtf8());
        }
        if (!isRight) {
            throw new IllegalStateException("not the document of " + record.key() + ": " + answer.head());
        }
    }

    private void redirects(List<IdentifierRecord> records) throws Exception {
        List<HttpCall> ours = new ArrayList<>();
        List<HttpCall> theirs = new ArrayList<>();
        for (IdentifierRecord record : records) {
            String link = record.values().stream()
                    .filter(value -> value.type().equals(SampleRow.LINK))
                    .map(value -> value.data().toStringUtf8())
                    .findFirst()
                    .orElseThrow();
            HttpCall call = HttpCall.redirect("/" + record.key().identifier(), link);
            call.ask(node.httpAddress());
            HttpCall.Answer answer = call.ask(node.httpAddress());
            if (!answer.field("Waymark-Source").equals(Optional.of("near-cache"))) {
                throw new IllegalStateException("not from the near cache: " + answer.head());
            }
            ours.add(call);
            theirs.add(file("redirect-" + theirs.size(), answer.head().length()));
        }
        compare(REDIRECT, ours, theirs);
    }

    /** A file whose answer has so many bytes with its head; an empty one, where the head alone has more. */
    private HttpCall file(String name, int answerBytes) throws IOException {
        byte[] body = new byte[0];
        // The head names the file's size, so its own length depends on that.
        for (int i = 0; i < 2; i++) {
            HttpCall.Answer answer = HttpCall.get(nginx.put(name, body), body).ask(nginx.address());
            body = new byte[Math.max(0, answerBytes - answer.head().length())];
        }
        return HttpCall.get(nginx.put(name, body), body);
    }

    private void compare(String name, List<HttpCall> ours, List<HttpCall> theirs) throws Exception {
        run.work(node, load(node, ours, SHAPES.get(1)));
        run.awaitIdle(List.of(node));
        for (Shape shape : SHAPES) {
            run.compare(
                    new Question(name + shape, Measure.PER_CPU_SECOND, TARGET),
                    contender("node, HTTP face", node, ours, shape),
                    contender("nginx, sendfile, one worker", nginx, theirs, shape));
        }
    }

    private Contender contender(String name, ServerProcess server, List<HttpCall> calls, Shape shape) {
        return new Contender(name, () -> run.plan.stopwatch().measure(load(server, calls, shape), List.of(server)));
    }

    private Load load(ServerProcess server, List<HttpCall> calls, Shape shape) {
        return run.generator.http(server == node ? node.httpAddress() : server.address(), shape, calls, sequence);
    }
}
