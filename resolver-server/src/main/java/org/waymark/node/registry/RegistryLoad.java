package org.waymark.node.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.waymark.export.ExportReader;
import org.waymark.node.registry.LoadedRecord.Position;
import org.waymark.trust.Anchor;

/**
 * Fills an empty registry with records from exports, verifying every one, without a node. The registry answers afterwards as if the
 * records had been registered one after the other, in the order in which they were read and at the time of the load.
 *
 * <p>It is made beside its place and moved there at the end, whole: a load that fails or ends early leaves nothing there.
 *
 * <p>Loaded is what is authentic: signed by a key that the record of its owner has, or had in a version before it in the export,
 * from the roots down. What was revoked, or has expired, is loaded too, and the node that serves it says so.
 */
public final class RegistryLoad {

    private static final String UNFINISHED = ".loading";
    private static final int BATCH_RECORDS = 2_048;
    private static final int BATCH_BYTES = 2 * 1_024 * 1_024;

    private final Path directory;
    private final Set<Anchor> roots;
    private final Clock clock;
    private final int threads;

    /**
     * @param directory of the registry, {@code registry} in a node's data directory
     * @param roots the self-signed prefixes that the node is set up with, each with the key that signs it
     * @param threads that verify, 1 or more; two more read and write
     */
    public RegistryLoad(Path directory, Set<Anchor> roots, Clock clock, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + "; it must be 1 or more");
        }
        this.directory = directory.toAbsolutePath();
        this.roots = Set.copyOf(roots);
        this.clock = clock;
        this.threads = threads;
    }

    /**
     * What was loaded.
     *
     * @param records versions that were stored
     * @param unchanged records that had been read before, in this or another file
     * @param withoutEarlier records whose first version in the files is not their first
     */
    public record Summary(long records, long unchanged, long withoutEarlier) {}

    /**
     * Loads files, one after the other.
     *
     * @param progress is told now and then how many records were read
     * @throws LoadException if a record can't be loaded
     * @throws IOException if a file can't be read or is no whole export
     * @throws RegistryException if there is a registry that is not empty, or it can't be written
     */
    public Summary load(List<LoadSource> files, LongConsumer progress)
            throws LoadException, IOException, InterruptedException {
        requireEmpty();
        Path unfinished = directory.resolveSibling(directory.getFileName() + UNFINISHED);
        Files.createDirectories(unfinished);
        try (FileChannel channel =
                FileChannel.open(unfinished.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            requireLock(channel, unfinished);
            Path made = unfinished.resolve("registry");
            Path tables = unfinished.resolve("tables");
            delete(made);
            delete(tables);
            Files.createDirectories(tables);
            try {
                Summary summary = loadInto(made, tables, files, progress);
                delete(directory);
                Files.move(made, directory, StandardCopyOption.ATOMIC_MOVE);
                sync(directory.getParent());
                return summary;
            } finally {
                delete(made);
                delete(tables);
            }
        } finally {
            delete(unfinished);
        }
    }

    private void requireEmpty() throws IOException {
        if (Files.notExists(directory)) {
            return;
        }
        if (Files.exists(directory.resolve("CURRENT"))) {
            try (RocksStore there = new RocksStore(directory, RocksOptions.defaults(), RocksDB::write)) {
                if (there.lastSequence() > 0) {
                    throw new RegistryException("the registry in " + directory + " holds records already ("
                            + there.lastSequence() + " commits); a load fills an empty one only. Move it away, or load"
                            + " into another data directory");
                }
            }
            return;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            if (entries.findAny().isPresent()) {
                throw new RegistryException(directory + " is not empty, and no registry either; move it away");
            }
        }
    }

    /** Held until the channel is closed. */
    private static void requireLock(FileChannel channel, Path unfinished) throws IOException {
        boolean isFree;
        try {
            isFree = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            isFree = false;
        }
        if (!isFree) {
            throw new RegistryException("another load is under way in " + unfinished);
        }
    }

    private Summary loadInto(Path made, Path tables, List<LoadSource> files, LongConsumer progress)
            throws LoadException, IOException, InterruptedException {
        try (RocksStore store = new RocksStore(made, RocksOptions.defaults(), RocksDB::write);
                LoadWriter writer = new LoadWriter(store, tables, clock.millis())) {
            new Pipeline(writer, files, progress).run();
            writer.finish();
            return new Summary(writer.stored(), writer.unchanged(), writer.withoutEarlier());
        } catch (RocksDBException e) {
            throw new RegistryException("the registry in " + made + " can't be written: " + e.getMessage(), e);
        }
    }

    /** Reads in one thread, verifies in several, writes in the caller's. */
    private final class Pipeline {

        private final LoadWriter writer;
        private final List<LoadSource> files;
        private final LongConsumer progress;
        private final LoadCheck check = new LoadCheck(new LoadedPrefixes(roots), clock);
        private final ExecutorService workers = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "load-verify");
            thread.setDaemon(true);
            return thread;
        });
        private final BlockingQueue<Future<List<LoadedRecord>>> underWay = new ArrayBlockingQueue<>(2 * threads);
        private long places;

        private List<byte[]> encoded = new ArrayList<>();
        private List<Position> positions = new ArrayList<>();
        private List<LoadedRecord> checked = new ArrayList<>();
        private int bytes;

        Pipeline(LoadWriter writer, List<LoadSource> files, LongConsumer progress) {
            this.writer = writer;
            this.files = files;
            this.progress = progress;
        }

        void run() throws LoadException, IOException, RocksDBException, InterruptedException {
            Thread reader = new Thread(this::read, "load-read");
            reader.setDaemon(true);
            reader.start();
            long read = 0;
            try {
                for (List<LoadedRecord> batch = take(); !batch.isEmpty(); batch = take()) {
                    writer.write(batch);
                    read += batch.size();
                    progress.accept(read);
                }
            } finally {
                reader.interrupt();
                workers.shutdownNow();
                reader.join();
                workers.awaitTermination(1, TimeUnit.MINUTES);
            }
        }

        /** Empty at the end. */
        private List<LoadedRecord> take() throws LoadException, IOException, InterruptedException {
            try {
                return underWay.take().get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof LoadException refused) {
                    throw refused;
                }
                if (e.getCause() instanceof IOException unreadable) {
                    throw unreadable;
                }
                throw new RegistryException("the load failed: " + e.getCause(), e.getCause());
            }
        }

        private void read() {
            try {
                try {
                    for (LoadSource file : files) {
                        read(file);
                    }
                    submit();
                    underWay.put(CompletableFuture.completedFuture(List.of()));
                } catch (LoadException | IOException | RuntimeException | Error e) {
                    underWay.put(CompletableFuture.failedFuture(e));
                }
            } catch (InterruptedException e) {
                // Whoever takes what was read has given up, and says why.
                Thread.currentThread().interrupt();
            }
        }

        private void read(LoadSource file) throws LoadException, IOException, InterruptedException {
            try (ExportReader reader = file.open()) {
                for (byte[] record = reader.next(); record != null; record = reader.next()) {
                    Position position = new Position(reader, reader.position());
                    // Prefix records are verified in their order, at once: what follows hangs on them.
                    checked.add(LoadCheck.isPrefix(record) ? check.check(record, places, position) : null);
                    encoded.add(record);
                    positions.add(position);
                    places++;
                    bytes += record.length;
                    if (encoded.size() == BATCH_RECORDS || bytes >= BATCH_BYTES) {
                        submit();
                    }
                }
            }
        }

        private void submit() throws InterruptedException {
            if (!encoded.isEmpty()) {
                LoadCheck.Batch batch = new LoadCheck.Batch(encoded, positions, places - encoded.size());
                List<LoadedRecord> prefixes = checked;
                encoded = new ArrayList<>();
                positions = new ArrayList<>();
                checked = new ArrayList<>();
                bytes = 0;
                underWay.put(workers.submit(() -> batch.check(check, prefixes)));
            }
        }
    }

    private static void sync(Path parent) throws IOException {
        try (FileChannel entries = FileChannel.open(parent)) {
            entries.force(true);
        }
    }

    private static void delete(Path path) throws IOException {
        if (Files.exists(path)) {
            try (Stream<Path> entries = Files.walk(path)) {
                entries.sorted(Comparator.reverseOrder()).forEach(entry -> {
                    try {
                        Files.deleteIfExists(entry);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        }
    }
}
