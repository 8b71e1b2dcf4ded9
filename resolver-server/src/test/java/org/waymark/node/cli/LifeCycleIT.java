package org.waymark.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.cli.WaymarkCommand;
import org.waymark.node.NodeProcess;
import org.waymark.node.NodeProcesses;
import org.waymark.ops.redis.RedisServer;
import org.waymark.ops.redis.RedisSource;

/** A prefix from its application to its end, by the commands alone, with nodes that are killed and nodes beside each other. */
class LifeCycleIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern ANCHOR = Pattern.compile("(?m)^anchor +(vaa:88\\.118#[0-9a-f]{64})$");
    private static final Pattern HTTP = Pattern.compile("http on (\\S+)");
    private static final String PREFIX = "88.118.9";
    private static final String ITEM = PREFIX + "/PUMP-1";
    private static final String CODE = "91430100MAXYWM088M";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    private final NodeProcesses nodes = new NodeProcesses();

    @TempDir
    private Path directory;

    private String anchor;
    private String server;

    private record Ran(int code, String out, String err) {

        Ran exits(int expected) {
            assertThat(code).as("exit code; out: %s err: %s", out, err).isEqualTo(expected);
            return this;
        }

        Ran says(String... parts) {
            assertThat(out).contains(parts);
            return this;
        }

        Ran complains(String... parts) {
            assertThat(err).contains(parts);
            assertThat(err.lines()).hasSize(1);
            return this;
        }

        JsonNode json() throws IOException {
            return JSON.readTree(out);
        }
    }

    private interface Command {
        int run(PrintWriter out, PrintWriter err);
    }

    private static Ran run(Command command) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = command.run(new PrintWriter(out, true), new PrintWriter(err, true));
        return new Ran(code, out.toString(), err.toString());
    }

    private static Ran waymarkNode(String... arguments) {
        return run((out, err) -> NodeCommand.run(out, err, Map.of(), arguments));
    }

    private Ran waymark(String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of(command, "--server", server, "--timeout", "30"));
        all.addAll(List.of(arguments));
        return run((out, err) -> WaymarkCommand.run(out, err, all.toArray(String[]::new)));
    }

    /** The operator, signing with this key. */
    private Ran office(Path signer, String... arguments) {
        List<String> all = new ArrayList<>(List.of("prefixes"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--config", home().resolve("waymark.yaml").toString(), "--server", server));
        all.addAll(List.of("--signer", signer.toString()));
        return waymarkNode(all.toArray(String[]::new));
    }

    private Ran office(String... arguments) {
        return office(home().resolve("keys/delegate.pem"), arguments);
    }

    private Ran resolve() {
        return waymark("resolve", "--anchor", anchor, ITEM);
    }

    private Path home() {
        return directory.resolve("node");
    }

    private Path key() {
        return directory.resolve("enterprise.pem");
    }

    private void setUp() {
        Ran init = waymarkNode("init", home().toString(), "--prefix", "88.118", "--name", "A node for tests")
                .exits(0);
        Matcher matcher = ANCHOR.matcher(init.out());
        assertThat(matcher.find()).as(init.out()).isTrue();
        anchor = matcher.group(1);
        run((out, err) -> WaymarkCommand.run(out, err, "keygen", key().toString()))
                .exits(0);
    }

    private NodeProcess serve(String... settings) {
        List<String> all = new ArrayList<>(
                List.of("--config", home().resolve("waymark.yaml").toString()));
        for (String setting : settings) {
            all.addAll(List.of("--set", setting));
        }
        NodeProcess node = nodes.serve(all.toArray(String[]::new));
        server = node.server();
        return node;
    }

    private Ran apply(String... more) {
        List<String> all = new ArrayList<>(List.of("--key", key().toString(), "--name", "湖南示例工程机械有限公司"));
        all.addAll(List.of("--code", CODE, "--contact", "Li, 0731-0000000"));
        all.addAll(List.of(more));
        return waymark("apply", all.toArray(String[]::new));
    }

    private Ran status(String number) throws IOException {
        return waymark("apply", "--status", number, "--anchor", anchor);
    }

    @Test
    void nothingOfAPrefixsLifeIsLostThoughTheNodeIsKilledAfterEachStep() throws Exception {
        setUp();
        NodeProcess node = serve();
        String number = apply(PREFIX, "--json").exits(0).json().get("number").asText();
        node.kill();

        node = serve();
        status(number).exits(0).says("awaiting review", "; verified");
        office("list", "--state", "awaiting-review").exits(0).says(number, "湖南示例工程机械有限公司");
        office("review", PREFIX, "--reason", "code checked").exits(0).says("in review");
        node.kill();

        node = serve();
        status(number).exits(0).says("in review", "code checked");
        office("approve", number).exits(0).says("enabled");
        node.kill();

        node = serve();
        waymark("register", ITEM, "--key", key().toString(), "--value", "model=ZE60")
                .exits(0);
        resolve().exits(0).says("FOUND", "ZE60");
        office("disable", PREFIX, "--reason", "inspection").exits(0).says("disabled");
        node.kill();

        node = serve();
        resolve().exits(1).says("REVOKED");
        waymark("register", ITEM, "--key", key().toString(), "--value", "model=ZE61")
                .exits(4);
        office("enable", PREFIX).exits(0).says("enabled");
        node.kill();

        node = serve();
        resolve().exits(0).says("FOUND", "ZE60");
        office("delete", PREFIX, "--reason", "moved").exits(0).says("deleting");
        node.kill();

        serve();
        resolve().exits(1).says("REVOKED");
        office("enable", PREFIX).exits(1).complains("deleting", "it is final");
        Ran shown = office("show", PREFIX).exits(0).says("Li, 0731-0000000", "; verified");
        assertThat(shown.out()).containsSubsequence("review", "approve", "disable", "enable", "delete");
        status(number).exits(0).says("deleting", "inspection", "; verified");
        assertThat(status(number).out()).doesNotContain("0731");
    }

    @Test
    void whatCannotBeIsRefusedWithTheReason() throws Exception {
        setUp();
        serve();
        Path saved = directory.resolve("application");
        String number = apply(PREFIX, "--save", saved.toString(), "--json")
                .exits(0)
                .json()
                .get("number")
                .asText();
        Ran again = waymark("apply", "--save", saved.toString(), "--json").exits(0);
        assertThat(again.json().get("number").asText()).isEqualTo(number);

        office("approve", number).exits(1).complains("awaiting review", "allowed: review, reject");
        office(key(), "review", number).exits(1).complains("no key of vaa:88.118");
        office(key(), "list").exits(1).complains("no key of vaa:88.118");
        office("reject", number, "--reason", "no such company").exits(0).says("rejected");
        status(number).exits(0).says("rejected", "no such company");
        office("review", number).exits(1).complains("rejected", "it is final");
        String unknown = number.substring(0, 64) + (number.endsWith("00") ? "11" : "00");
        waymark("apply", "--status", unknown).exits(1).complains("there is no case " + unknown);
        waymark("apply", "--status", "7").exits(2).complains("66 hexadecimal digits");
        office("show", "88.118.4444").exits(1).complains("there is no case vaa:88.118.4444");
        waymark(
                        "apply",
                        "--under",
                        "88.118",
                        "--key",
                        key().toString(),
                        "--name",
                        "b",
                        "--code",
                        "91430100MAXYWM088K",
                        "--contact",
                        "c")
                .exits(2)
                .complains("'K' as character 18", "it would be 'M'");
        String any = waymark(
                        "apply",
                        "--under",
                        "88.118",
                        "--key",
                        key().toString(),
                        "--name",
                        "b",
                        "--code",
                        CODE,
                        "--contact",
                        "c",
                        "--node-address",
                        "127.0.0.1:1",
                        "--json")
                .exits(0)
                .json()
                .get("number")
                .asText();
        office("review", any).exits(0);
        office("approve", any).exits(1).complains("any prefix is wished");
        office("approve", any, "--prefix", "88.118.77").exits(0).says("88.118.77", "enabled");
        waymark("resolve", "--anchor", anchor, "88.118.77/x").exits(5).complains("vaa:88.118.77 at 127.0.0.1:1");
    }

    @Test
    void aPrefixThatIsDisabledStopsResolvingOnEveryNode() throws Exception {
        setUp();
        try (RedisServer redis = RedisSource.ownProcess()) {
            NodeProcess holder = serve("redis.uri=" + redis.uri());
            NodeProcess second = nodes.serve(
                    "--set", "node.dataDir=" + directory.resolve("second"),
                    "--set", "redis.uri=" + redis.uri(),
                    "--set", "http.enabled=true",
                    "--set", "registry.kind=remote",
                    "--set", "registry.nodes=" + holder.server());
            // All through the second node: it passes on what it has no registry for.
            server = second.server();
            apply(PREFIX).exits(0);
            office("review", PREFIX).exits(0);
            office("approve", PREFIX).exits(0).says("enabled");
            waymark("register", ITEM, "--key", key().toString(), "--value", "model=ZE60")
                    .exits(0);
            resolve().exits(0).says("FOUND");
            resolve().exits(0).says("FOUND");
            assertThat(second.out()).containsPattern(HTTP);
            Matcher http = HTTP.matcher(second.out());
            assertThat(http.find()).isTrue();
            HttpRequest question = HttpRequest.newBuilder(URI.create("http://" + http.group(1) + "/" + ITEM))
                    .header("Accept", "application/json")
                    .build();
            HttpResponse<String> answer =
                    HttpClient.newHttpClient().send(question, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Cache-Control"))
                    .hasValueSatisfying(value -> assertThat(value).matches("public, max-age=(300|2[0-9]{2})"));

            server = holder.server();
            office("disable", PREFIX).exits(0);
            resolve().exits(1).says("REVOKED");
            server = second.server();
            await().atMost(PATIENCE).untilAsserted(() -> resolve().exits(1).says("REVOKED"));

            office("enable", PREFIX).exits(0);
            resolve().exits(0).says("FOUND");
            server = holder.server();
            await().atMost(PATIENCE).untilAsserted(() -> resolve().exits(0).says("FOUND"));
            assertThat(Files.exists(directory.resolve("second").resolve("registry")))
                    .isFalse();
        }
    }
}
