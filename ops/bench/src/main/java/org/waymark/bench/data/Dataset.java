package org.waymark.bench.data;

import com.google.protobuf.ByteString;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.waymark.node.registry.CommitResult;
import org.waymark.node.registry.PrefixTable;
import org.waymark.node.registry.Registrar;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.node.registry.Write;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.Anchor;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.Suite;
import org.waymark.v1.RegisterResult;

/**
 * A directory with signed records, in a node's registry and in a file for the peers. It is made once, and used again by later
 * runs that want as many records.
 */
public final class Dataset {

    private static final int BATCH = 16 * RecordSigner.USUAL_TREE;
    private static final int BATCHES_UNDER_WAY = 4;

    private final Path directory;
    private final int count;

    private Dataset(Path directory, int count) {
        this.directory = directory;
        this.count = count;
    }

    /** The data set with so many records in a directory below this one; makes it if it is not there. */
    public static Dataset prepare(Path home, int count, List<SampleRow> shapes)
            throws IOException, InterruptedException {
        Dataset dataset = new Dataset(home.resolve("records-" + count), count);
        if (!Files.exists(dataset.anchorFile())) {
            Directories.delete(dataset.directory);
            Files.createDirectories(dataset.directory);
            dataset.make(shapes);
        }
        return dataset;
    }

    private void make(List<SampleRow> shapes) throws IOException, InterruptedException {
        Parties parties = new Parties(shapes);
        Parts parts = new Parts(shapes, parties);
        try (Registry registry = openWithPrefixes(nodeDirectory(), parties);
                DataOutputStream file = RecordFile.create(recordFile())) {
            Deque<CompletableFuture<List<CommitResult>>> underWay = new ArrayDeque<>();
            for (int made = 0; made < count; made += BATCH) {
                List<IdentifierRecord> records = parts.next(Math.min(BATCH, count - made), RecordSigner.USUAL_TREE);
                for (IdentifierRecord record : records) {
                    RecordFile.append(file, record.encoded().toByteArray());
                }
                underWay.add(registry.commit(
                        records.stream().map(Dataset::firstVersion).toList()));
                if (underWay.size() > BATCHES_UNDER_WAY) {
                    requireCommitted(underWay.remove().join());
                }
            }
            underWay.forEach(batch -> requireCommitted(batch.join()));
        }
        // Last: a directory without it is one that was not finished.
        Files.writeString(anchorFile(), parties.anchor().toString());
    }

    /** Commits the first versions of records signed with Ed25519, as they are, and waits until they are durable. */
    public static void commit(Registry registry, List<IdentifierRecord> records) {
        requireCommitted(
                registry.commit(records.stream().map(Dataset::firstVersion).toList())
                        .join());
    }

    private static Write firstVersion(IdentifierRecord record) {
        ByteString digest = record.digest(Suite.ED25519.hash()).bytes();
        return Write.create(record.key(), digest, record.encoded());
    }

    private static void requireCommitted(List<CommitResult> results) {
        for (CommitResult result : results) {
            if (!(result instanceof CommitResult.Committed)) {
                throw new IllegalStateException("a new record was not committed: " + result);
            }
        }
    }

    /**
     * Opens the registry of a node in a new directory, and registers the prefix records of these parties in it.
     *
     * @param nodeDirectory the node's {@code node.dataDir}
     */
    public static Registry openWithPrefixes(Path nodeDirectory, Parties parties)
            throws IOException, InterruptedException {
        Files.createDirectories(nodeDirectory);
        Registry registry = RocksRegistry.open(nodeDirectory.resolve("registry"), RocksOptions.defaults());
        Registrar registrar =
                new Registrar(registry, new PrefixTable(registry), Set.of(parties.anchor()), Clock.systemUTC());
        List<ByteString> records =
                parties.prefixRecords().stream().map(IdentifierRecord::encoded).toList();
        for (RegisterResult result : registrar.register(records)) {
            if (result.getCode() != RegisterResult.Code.CREATED) {
                registry.close();
                throw new IllegalStateException("a prefix record was not admitted: " + result);
            }
        }
        return registry;
    }

    /** What a node that serves this registry has as its {@code node.dataDir}. */
    public Path nodeDirectory() {
        return directory.resolve("node");
    }

    /** What a node that serves this registry has as its {@code node.roots}. */
    public Anchor anchor() throws IOException {
        return Anchor.parse(Files.readString(anchorFile()));
    }

    public int count() {
        return count;
    }

    public KeyTable keys() throws IOException {
        KeyTable keys = new KeyTable(count);
        RecordFile.forEach(recordFile(), count, keys::add);
        return keys;
    }

    /** What is given each record. */
    public interface Consumer<E extends Exception> {

        /**
         * @param key the record's number in {@link #keys}
         */
        void accept(int key, byte[] record) throws E;
    }

    /** Walks over all records, in the order of the {@linkplain #keys keys}. */
    public <E extends Exception> void forEach(Consumer<E> consumer) throws IOException, E {
        int[] next = {0};
        RecordFile.<E>forEach(recordFile(), count, record -> consumer.accept(next[0]++, record));
    }

    /** Bytes of all records together. */
    public long recordBytes() throws IOException {
        return Files.size(recordFile()) - (long) Integer.BYTES * count;
    }

    private Path recordFile() {
        return directory.resolve("records.bin");
    }

    private Path anchorFile() {
        return directory.resolve("anchor");
    }
}
