package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.NodeClient;
import org.waymark.client.Registration;
import org.waymark.client.RegistryClient;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Identifier;
import org.waymark.node.cli.NodeCommand;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.Suite;

/** Backups of a node that runs, and what becomes of them. */
class BackupIT {

    private static final Pattern COPIED =
            Pattern.compile("; ([\\d,]+) bytes in [\\d,]+ files, ([\\d,]+) of them copied");

    @RegisterExtension
    private final NodeProcesses nodes = new NodeProcesses();

    @TempDir
    private Path directory;

    private final TestParties parties = new TestParties(Suite.ED25519);
    private final List<IdentifierRecord> acknowledged = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean stopping;

    /** What a command came to. */
    private record Ran(int code, String out, String err) {

        Ran exits(int expected) {
            assertThat(code).as("exit code; out: %s err: %s", out, err).isEqualTo(expected);
            return this;
        }
    }

    private static Ran waymarkNode(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = NodeCommand.run(new PrintWriter(out, true), new PrintWriter(err, true), Map.of(), arguments);
        return new Ran(code, out.toString(), err.toString());
    }

    private Ran waymarkNode(String name, List<String> more, String... settings) {
        List<String> all = new ArrayList<>(List.of(name));
        all.addAll(more);
        all.addAll(List.of(NodeProcesses.arguments(directory.resolve("data"), parties.root.anchor(), settings)));
        return waymarkNode(all.toArray(String[]::new));
    }

    /** Below the ports from which connections are made. */
    private static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException e) {
                // Taken: another one.
            }
        }
    }

    private void register(RegistryClient registry, String name, int items) throws Exception {
        List<RecordDraft> drafts = new ArrayList<>();
        for (int i = 0; i < items; i++) {
            drafts.add(parties.maker.itemDraft(name + "-" + i).build());
        }
        List<IdentifierRecord> records = new RecordSigner(parties.maker.workingKey()).signAll(drafts);
        assertThat(registry.register(records).get(1, TimeUnit.MINUTES)).allMatch(Registration::isStored);
        acknowledged.addAll(records);
    }

    private static long[] bytesAndCopied(String out) {
        Matcher matcher = COPIED.matcher(out);
        assertThat(matcher.find()).as(out).isTrue();
        return new long[] {
            Long.parseLong(matcher.group(1).replace(",", "")),
            Long.parseLong(matcher.group(2).replace(",", ""))
        };
    }

    private void requireAll(NodeProcess node, List<IdentifierRecord> records) {
        try (ResolverClient resolver = node.resolver(parties.root.anchor())) {
            List<CompletableFuture<Resolution>> answers = resolver.resolveAll(records.stream()
                    .map(record ->
                            Identifier.parse(record.scheme(), record.key().identifier()))
                    .toList());
            for (int i = 0; i < records.size(); i++) {
                Resolution answer = answers.get(i).join();
                assertThat(answer).as("the answer for %s", records.get(i)).isInstanceOf(Resolution.Found.class);
                assertThat(((Resolution.Found) answer).record().encoded())
                        .isEqualTo(records.get(i).encoded());
            }
        }
    }

    @Test
    void whatWasAcknowledgedBeforeABackupUnderLoadIsThereAfterAKillAndARestore() throws Exception {
        Path backups = directory.resolve("backups");
        String[] settings = {"operations.port=" + freePort(), "backup.directory=" + backups};
        NodeProcess node = nodes.serve(directory.resolve("data"), parties.root.anchor(), settings);
        ExecutorService threads = Executors.newSingleThreadExecutor();
        List<IdentifierRecord> beforeFirst;
        List<IdentifierRecord> beforeSecond;
        Ran second;
        try (NodeClient client = node.client()) {
            RegistryClient registry = new RegistryClient(client);
            assertThat(registry.register(parties.prefixRecords()).get(1, TimeUnit.MINUTES))
                    .allMatch(Registration::isStored);
            for (int i = 0; i < 20; i++) {
                register(registry, "A" + i, 500);
            }
            Future<?> load = threads.submit(() -> {
                for (int i = 0; !stopping; i++) {
                    register(registry, "B" + i, 20);
                }
                return null;
            });
            int sent = acknowledged.size();
            await().atMost(Duration.ofMinutes(1)).until(() -> acknowledged.size() > sent || load.isDone());
            beforeFirst = List.copyOf(acknowledged);
            Ran first =
                    waymarkNode("backup", List.of(backups.toString()), settings).exits(0);
            beforeSecond = List.copyOf(acknowledged);
            second = waymarkNode("backup", List.of(), settings).exits(0);
            stopping = true;
            load.get(1, TimeUnit.MINUTES);
            assertThat(first.out()).contains("backup 1 in " + backups);
        } finally {
            stopping = true;
            threads.shutdown();
        }
        node.kill();

        long[] bytes = bytesAndCopied(second.out());
        assertThat(bytes[1]).as("copied of %,d bytes", bytes[0]).isLessThan(bytes[0] / 2);
        assertThat(waymarkNode("backup", "--list", backups.toString())
                        .exits(0)
                        .out()
                        .lines())
                .hasSize(2);
        restoreAndRequire(backups, "1", beforeFirst);
        restoreAndRequire(backups, "2", beforeSecond);
        Ran refused = waymarkNode(
                "restore", backups.toString(), "--to", directory.resolve("data").toString());
        refused.exits(1);
        assertThat(refused.err()).contains("is there already and not empty");
    }

    private void restoreAndRequire(Path backups, String id, List<IdentifierRecord> expected) {
        Path to = directory.resolve("restored-" + id);
        waymarkNode("restore", backups.toString(), "--backup", id, "--to", to.toString())
                .exits(0);
        Ran verified = waymarkNode(
                "verify",
                "--data-dir",
                to.toString(),
                "--root",
                parties.root.anchor().toString());
        assertThat(verified.exits(0).out()).contains("no fault");
        NodeProcess node = nodes.serve(to, parties.root.anchor());
        requireAll(node, expected);
        node.kill();
    }

    @Test
    void aStoppedNodesRegistryIsBackedUpByTheCommandItself() throws Exception {
        NodeProcess node = nodes.serve(directory.resolve("data"), parties.root.anchor());
        try (NodeClient client = node.client()) {
            RegistryClient registry = new RegistryClient(client);
            assertThat(registry.register(parties.prefixRecords()).get(1, TimeUnit.MINUTES))
                    .allMatch(Registration::isStored);
            register(registry, "A", 5);
        }
        Path backups = directory.resolve("backups");
        Ran refused = waymarkNode("backup", List.of(backups.toString()));
        refused.exits(2);
        assertThat(refused.err()).contains("the node runs").contains("configure backup.directory");
        Ran busy = waymarkNode("verify", List.of()).exits(1);
        assertThat(busy.err()).contains("in use by another process");
        node.kill();
        assertThat(waymarkNode("verify", List.of()).exits(0).out())
                .contains("3 prefix records, 5 items, 0 earlier versions and 8 changes")
                .contains("no fault");

        assertThat(waymarkNode("backup", List.of(backups.toString())).exits(0).out())
                .contains("backup 1 in " + backups + ": up to commit 8;");

        restoreAndRequire(backups, "1", acknowledged);
    }

    @Test
    void pagesCanNotAskForABackup() throws Exception {
        int port = freePort();
        nodes.serve(
                directory.resolve("data"),
                parties.root.anchor(),
                "operations.port=" + port,
                "backup.directory=" + directory.resolve("backups"));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/backup"))
                .header("Origin", "https://example.com")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();

        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(directory.resolve("backups")).doesNotExist();
    }
}
