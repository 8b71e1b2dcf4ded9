package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.waymark.client.HistoryVersion;
import org.waymark.client.Registration;
import org.waymark.client.RegistryClient;
import org.waymark.client.ResolverClient;
import org.waymark.client.cli.WaymarkCommand;
import org.waymark.client.log.LogKeys;
import org.waymark.client.log.LogProofs;
import org.waymark.client.log.NodeLogSource;
import org.waymark.log.Checkpoint;
import org.waymark.log.Frontier;
import org.waymark.log.LogHash;
import org.waymark.log.NoteKey;
import org.waymark.log.SignedNote;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.KeyFile;
import org.waymark.trust.NotLoggedException;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;

/** An operator edits the registry of a stopped node, and those who follow its log see it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LogAuditIT {

    private static final int ITEMS = 300;
    private static final int OK = 0;
    private static final int NOT_VERIFIED = 3;

    @TempDir
    private static Path home;

    private final TestParties parties = new TestParties(Suite.ED25519);
    private final SigningKey witness = SigningKey.generate(Suite.ED25519);
    private final IdentifierRecord pump = parties.maker.sign(parties.maker.itemDraft("PUMP"));
    private final IdentifierRecord newPump =
            parties.maker.sign(parties.following(pump, parties.maker.itemDraft("PUMP")));
    private Path honest;
    private Path state;
    private Path sm2Key;
    private Path witnessKey;
    private int copies;

    /** A node that was honest up to now: its data directory, and what an audit knew of it. */
    @BeforeAll
    void keepARegistryAndAuditIt() throws Exception {
        honest = Files.createDirectory(home.resolve("honest"));
        state = home.resolve("state");
        Files.createDirectory(honest.resolve("keys"));
        KeyFile.writePrivate(honest.resolve("keys/node.pem"), parties.root.workingKey());
        sm2Key = home.resolve("sm2.pem");
        KeyFile.writePrivate(sm2Key, SigningKey.generate(Suite.SM2));
        witnessKey = home.resolve("witness.pem");
        KeyFile.writePrivate(witnessKey, witness);
        try (Node node = start(honest)) {
            List<IdentifierRecord> records = new ArrayList<>(parties.prefixRecords());
            records.add(pump);
            for (int i = 0; i < ITEMS; i++) {
                records.add(parties.maker.sign(parties.maker.itemDraft("ITEM" + i)));
            }
            records.add(newPump);
            register(node, records);
            awaitCheckpoint(node, records.size());
            Audit audit = audit(node, state);
            assertThat(audit.code).as(audit.output).isEqualTo(OK);
            assertThat(audit.output).contains("vaa:88.118/", "nothing wrong");
        }
    }

    private Node start(Path dataDir) throws IOException {
        return Node.start(
                load(List.of(
                        "node.dataDir=" + dataDir,
                        "node.roots=" + parties.root.anchor(),
                        "log.keys=" + dataDir.resolve("keys/node.pem") + "," + sm2Key,
                        "log.checkpointMillis=100",
                        "log.witnesses="
                                + NoteKey.ofWitness("w.example/1", witness.verifyingKey())
                                        .text(),
                        "protobuf.port=0",
                        "operations.port=0",
                        "http.port=0",
                        "nearCache.maxBytes=16MiB")),
                new SimpleMeterRegistry());
    }

    private static NodeConfig load(List<String> settings) {
        try {
            return NodeConfigLoader.load(Optional.empty(), Map.of(), settings).config();
        } catch (ConfigException e) {
            throw new AssertionError(e);
        }
    }

    private ResolverClient client(Node node) {
        return ResolverClient.builder()
                .node("127.0.0.1", node.address().getPort())
                .requestTimeout(Duration.ofSeconds(30))
                .anchor(parties.root.anchor())
                .cachedAnswers(0)
                .build();
    }

    private void register(Node node, List<IdentifierRecord> records) {
        try (ResolverClient client = client(node)) {
            List<Registration> results = new RegistryClient(client.nodes())
                    .register(records)
                    .orTimeout(1, TimeUnit.MINUTES)
                    .join();
            assertThat(results).allMatch(Registration::isStored);
        }
    }

    private void awaitCheckpoint(Node node, long size) {
        try (ResolverClient client = client(node)) {
            NodeLogSource source = new NodeLogSource(client.nodes());
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> source.fetch("checkpoint")
                            .map(bytes -> Checkpoint.of(SignedNote.parse(bytes))
                                    .head()
                                    .size())
                            .filter(signed -> signed >= size)
                            .isPresent());
        }
    }

    private record Audit(int code, String output, Path evidence) {}

    private Audit audit(Node node, Path stateFile, String... more) {
        Path evidence = stateFile.resolveSibling(stateFile.getFileName() + ".evidence");
        List<String> arguments = new ArrayList<>(List.of("audit", "--state", stateFile.toString()));
        arguments.addAll(List.of(more));
        Audit run = run(node, arguments);
        return new Audit(run.code, run.output, evidence);
    }

    private Audit run(Node node, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(
                "--anchor",
                parties.root.anchor().toString(),
                "--timeout",
                "30",
                "--server",
                "127.0.0.1:" + node.address().getPort()));
        StringWriter output = new StringWriter();
        PrintWriter writer = new PrintWriter(output, true);
        int code = WaymarkCommand.run(writer, writer, all.toArray(String[]::new));
        return new Audit(code, output.toString(), home);
    }

    private interface Edit {
        void of(RocksDB db, List<ColumnFamilyHandle> families) throws RocksDBException;
    }

    private static final int META = 0;
    private static final int CURRENT = 1;
    private static final int HISTORY = 2;
    private static final int FEED = 3;
    private static final int TREE = 4;

    /** A copy of the honest node's directory, whose registry was edited. */
    private Path edited(Edit edit) throws Exception {
        Path copy = home.resolve("copy" + copies++);
        try (Stream<Path> files = Files.walk(honest)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(honest.relativize(file).toString()));
            }
        }
        Files.copy(state, copy.resolve("state"));
        Path registry = copy.resolve("registry");
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (Options none = new Options();
                DBOptions options = new DBOptions()) {
            for (byte[] name : RocksDB.listColumnFamilies(none, registry.toString())) {
                families.add(new ColumnFamilyDescriptor(name));
            }
            try (RocksDB db = RocksDB.open(options, registry.toString(), families, handles)) {
                edit.of(db, handles);
                handles.forEach(ColumnFamilyHandle::close);
            }
        }
        return copy;
    }

    private String auditOf(Path copy) throws IOException {
        try (Node node = start(copy)) {
            awaitCheckpoint(node, 1);
            Audit audit = audit(node, copy.resolve("state"));
            assertThat(audit.code).as(audit.output).isEqualTo(NOT_VERIFIED);
            assertThat(audit.output).contains("evidence: " + audit.evidence);
            return audit.output;
        }
    }

    private static byte[] itemKey(String identifier) {
        byte[] text = identifier.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + text.length)
                .put((byte) 1)
                .put((byte) 1)
                .put(text)
                .array();
    }

    private static byte[] historyKey(String identifier, long version) {
        byte[] key = itemKey(identifier);
        return ByteBuffer.allocate(key.length + 1 + Long.BYTES)
                .put(key)
                .put((byte) 0)
                .putLong(version)
                .array();
    }

    private static byte[] feedKey(long sequence) {
        return ByteBuffer.allocate(Long.BYTES).putLong(sequence).array();
    }

    private static void put(RocksDB db, ColumnFamilyHandle family, byte[] key, byte[] value) throws RocksDBException {
        db.put(family, key, value);
    }

    /** Makes the tree anew over what the feed says now, and forgets what was signed. */
    private static void rebuild(RocksDB db, List<ColumnFamilyHandle> families) throws RocksDBException {
        Frontier frontier = Frontier.empty();
        List<byte[]> keys = new ArrayList<>();
        List<byte[]> hashes = new ArrayList<>();
        try (RocksIterator feed = db.newIterator(families.get(FEED))) {
            for (feed.seekToFirst(); feed.isValid(); feed.next()) {
                frontier.append(LogHash.leaf(feed.value()), (level, index, hash) -> {
                    keys.add(ByteBuffer.allocate(1 + Long.BYTES)
                            .put((byte) level)
                            .putLong(index)
                            .array());
                    hashes.add(hash);
                });
            }
        }
        for (int i = 0; i < keys.size(); i++) {
            put(db, families.get(TREE), keys.get(i), hashes.get(i));
        }
        db.delete(families.get(META), "note/log/checkpoint".getBytes(StandardCharsets.US_ASCII));
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void aChangedValueIsNamed() throws Exception {
        Path copy = edited((db, families) -> {
            byte[] value = db.get(families.get(CURRENT), itemKey("88.118.8/ITEM7"));
            value[indexOf(value, "ZLJ5311")] = 'X';
            put(db, families.get(CURRENT), itemKey("88.118.8/ITEM7"), value);
        });

        assertThat(auditOf(copy)).contains("CHANGED_RECORD 88.118.8/ITEM7: version 1, commit 12,");
    }

    @Test
    void aRemovedRecordIsNamed() throws Exception {
        Path copy = edited((db, families) -> db.delete(families.get(CURRENT), itemKey("88.118.8/ITEM8")));

        assertThat(auditOf(copy)).contains("MISSING_RECORD 88.118.8/ITEM8: version 1, commit 13, is missing");
    }

    @Test
    void aRecordThatWasTakenBackIsNamed() throws Exception {
        Path copy = edited((db, families) -> {
            byte[] first = db.get(families.get(HISTORY), historyKey("88.118.8/PUMP", 1));
            put(db, families.get(CURRENT), itemKey("88.118.8/PUMP"), first);
            db.delete(families.get(HISTORY), historyKey("88.118.8/PUMP", 1));
        });

        assertThat(auditOf(copy))
                .contains("ROLLED_BACK_RECORD 88.118.8/PUMP: version 2, commit 305, was taken back: the node serves"
                        + " version 1 as the newest");
    }

    @Test
    void aRecordThatIsNotInTheLogIsNamed() throws Exception {
        IdentifierRecord hidden = parties.maker.sign(parties.maker.itemDraft("HIDDEN"));
        Path copy = edited((db, families) -> {
            byte[] other = db.get(families.get(CURRENT), itemKey("88.118.8/ITEM9"));
            int head = 3 * Long.BYTES;
            ByteString digest =
                    hidden.digest(parties.maker.workingKey().suite().hash()).bytes();
            byte[] value = ByteBuffer.allocate(
                            head + 1 + digest.size() + hidden.encoded().size())
                    .put(other, 0, head)
                    .put((byte) digest.size())
                    .put(digest.toByteArray())
                    .put(hidden.encoded().toByteArray())
                    .array();
            put(db, families.get(CURRENT), itemKey("88.118.8/HIDDEN"), value);
        });

        assertThat(auditOf(copy)).contains("UNLOGGED_RECORD 88.118.8/HIDDEN");
    }

    @Test
    void aForkOfTheLogIsNamedAndNotCosigned() throws Exception {
        Path copy = edited((db, families) -> {
            byte[] entry = db.get(families.get(FEED), feedKey(10));
            entry[30] ^= 1;
            put(db, families.get(FEED), feedKey(10), entry);
            rebuild(db, families);
        });

        assertThat(auditOf(copy)).contains("FORK vaa:88.118/");
        assertThat(evidenceOf(copy, "-fork")).contains("checkpoint-before.txt", "checkpoint.txt", "finding.txt");
        try (Node node = start(copy)) {
            awaitCheckpoint(node, 1);
            Audit refused = run(node, witnessArguments(copy.resolve("state")));
            assertThat(refused.code).isEqualTo(NOT_VERIFIED);
            assertThat(refused.output).contains("FORK");
        }
    }

    private static List<String> evidenceOf(Path copy, String kind) throws IOException {
        try (Stream<Path> files = Files.walk(copy.resolve("state.evidence"))) {
            return files.filter(file -> file.getParent().toString().endsWith(kind))
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }

    @Test
    void aLogThatWasCutIsNamed() throws Exception {
        Path copy = edited((db, families) -> {
            for (long sequence = 290; sequence <= ITEMS + 5; sequence++) {
                db.delete(families.get(FEED), feedKey(sequence));
            }
            rebuild(db, families);
        });

        assertThat(auditOf(copy)).contains("ROLLBACK vaa:88.118/", "the log has 289 commits; it had 305");
    }

    @Test
    void anEntryThatWasChangedUnderTheTreeIsNamed() throws Exception {
        Path copy = edited((db, families) -> {
            byte[] entry = db.get(families.get(FEED), feedKey(10));
            entry[30] ^= 1;
            put(db, families.get(FEED), feedKey(10), entry);
        });

        assertThat(auditOf(copy))
                .contains("CHANGED_ENTRY vaa:88.118/", "the entries of the commits 1 to 256 are not those of the tree");
    }

    @Test
    void anEntryThatIsMissingIsNamed() throws Exception {
        Path copy = edited((db, families) -> db.delete(families.get(FEED), feedKey(10)));

        assertThat(auditOf(copy)).contains("INCOMPLETE_LOG vaa:88.118/");
    }

    @Test
    void theNodeItselfSignsNoLogThatDoesNotContinueTheLastCheckpoint() throws Exception {
        Path copy = edited((db, families) -> {
            byte[] entry = db.get(families.get(FEED), feedKey(300));
            entry[30] ^= 1;
            put(db, families.get(FEED), feedKey(300), entry);
        });

        try (Node node = start(copy)) {
            register(node, List.of(parties.maker.sign(parties.maker.itemDraft("LATER"))));
            Audit audit = audit(node, copy.resolve("state"));
            assertThat(audit.output).contains("FORK").contains("do not lead to the root that was signed for 305");
        }
    }

    @Test
    void everyVersionIsProven() throws Exception {
        Path copy = edited((db, families) -> {});
        try (Node node = start(copy)) {
            IdentifierRecord later = parties.maker.sign(parties.maker.itemDraft("LATER"));
            register(node, List.of(later));
            for (String identifier : List.of("88.118.8/PUMP", "88.118.8/LATER")) {
                Audit shown = run(node, List.of("history", "--proof", identifier));
                assertThat(shown.code).as(shown.output).isEqualTo(OK);
                assertThat(shown.output).contains("in the log   vaa:88.118/");
            }
            try (ResolverClient client = client(node)) {
                LogProofs proofs =
                        new LogProofs(new NodeLogSource(client.nodes()), LogKeys.named(client), Duration.ofSeconds(20));
                assertThat(proofs.prove(new HistoryVersion(pump, 4, committedAt(client)))
                                .leaf())
                        .isEqualTo(3);
                assertThatThrownBy(() -> proofs.prove(new HistoryVersion(later, 4, committedAt(client))))
                        .isInstanceOf(NotLoggedException.class)
                        .hasMessageContaining("is not what the log has as commit 4");
            }
            Audit next = audit(node, copy.resolve("state"), "--new-only");
            assertThat(next.code).as(next.output).isEqualTo(OK);
            assertThat(next.output).contains("306 commits, 1 entries checked, nothing wrong");
            assertThat(audit(node, copy.resolve("state")).output).contains("306 entries checked, nothing wrong");
        }
    }

    private Instant committedAt(ResolverClient client) {
        return client.blocking()
                .history(parties.maker.identifier("PUMP"))
                .get(0)
                .committedAt();
    }

    private List<String> witnessArguments(Path file, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "witness", "--key", witnessKey.toString(), "--name", "w.example/1", "--state", file.toString()));
        arguments.addAll(List.of(more));
        return arguments;
    }

    @Test
    void aWitnessCosignsAndTheNodeKeepsIt() throws Exception {
        Path copy = edited((db, families) -> {});
        SignedNote cosigned;
        try (Node node = start(copy)) {
            String url = "http://127.0.0.1:" + node.httpAddress().orElseThrow().getPort() + "/log";
            Audit first = run(node, witnessArguments(copy.resolve("witness")));
            assertThat(first.code).as(first.output).isEqualTo(OK);
            Audit again = run(node, witnessArguments(copy.resolve("witness"), url));
            assertThat(again.code).as(again.output).isEqualTo(OK);
            Audit audit = audit(node, copy.resolve("state"), url);
            assertThat(audit.code).as(audit.output).isEqualTo(OK);
            cosigned = cosigned(node);
        }
        NoteKey key = NoteKey.ofWitness("w.example/1", witness.verifyingKey());
        assertThat(cosigned.verify(List.of(key))).containsExactly(key);
        try (Node node = start(copy)) {
            assertThat(new String(cosigned(node).encoded(), StandardCharsets.UTF_8))
                    .isEqualTo(new String(cosigned.encoded(), StandardCharsets.UTF_8));
        }
    }

    private SignedNote cosigned(Node node) {
        try (ResolverClient client = client(node)) {
            return SignedNote.parse(new NodeLogSource(client.nodes())
                    .fetch("checkpoint/cosigned")
                    .orElseThrow());
        }
    }
}
