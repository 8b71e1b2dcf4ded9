package org.waymark.client.bulk;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.waymark.Limits;
import org.waymark.client.ItemDraft;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeErrorException;
import org.waymark.client.Registration;
import org.waymark.client.RegistryClient;
import org.waymark.client.WaymarkException;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.v1.KeyRole;
import org.waymark.v1.RegisterResult;

/**
 * Registers the rows of a source of any length, in bounded memory. Batches are signed in trees of 64 on all processors, and several
 * requests are in flight at a time. Nothing is read first: each item is sent as version 1, and where the node says that there is
 * one, it is left alone if it says the same already, or else gets its next version.
 *
 * <p>A journal keeps what was signed before it is sent, and what was answered. An import that ended anywhere, by a failure or with
 * its process, goes on with {@link Builder#resume}: rows that are dealt with are passed over, what was signed is sent again with
 * the same bytes (which changes nothing where it had arrived), the rest follows. For that, the source must give the same rows
 * again. An import that runs to its end removes its journal.
 *
 * <p>Rows that name one identifier become its versions in their order.
 */
public final class BulkImport {

    /** Sent again after it lost against another writer so many times. */
    private static final int REBUILDS = 3;

    /** A batch ends when its values have so many bytes, so that its records fit into few frames. */
    private static final long BATCH_BYTES = Limits.FRAME_BYTES / 2;

    private static final Duration PAUSE = Duration.ofMillis(500);

    private final RegistryClient registry;
    private final Prefix owner;
    private final SigningKey key;
    private final int batchRows;
    private final int inFlight;
    private final Duration patience;
    private final Path journalFile;
    private final Map<String, String> identity;
    private final boolean resume;
    private final long journalBytes;
    private final RejectedRows rejectedRows;
    private final Consumer<BulkCounts> progress;

    private BulkImport(Builder builder) {
        this.registry = new RegistryClient(builder.nodes);
        this.owner = builder.owner;
        this.key = builder.key;
        this.batchRows = builder.batchRows;
        this.inFlight = builder.inFlight;
        this.patience = builder.patience;
        this.journalFile = builder.journalFile;
        this.identity = new TreeMap<>(builder.source);
        identity.put("prefix", owner.text());
        identity.put("key", key.id().toString());
        this.resume = builder.resume;
        this.journalBytes = builder.journalBytes;
        this.rejectedRows = builder.rejectedRows;
        this.progress = builder.progress;
    }

    /**
     * An import over a client that stays the caller's to close.
     *
     * @param owner the longest registered prefix above all items
     * @param key a key of the owner with the role RECORDS
     */
    public static Builder builder(NodeClient nodes, Prefix owner, SigningKey key) {
        return new Builder(nodes, owner, key);
    }

    /**
     * Registers all rows; returns when each is dealt with. Rows that can't be registered are given to {@link RejectedRows}.
     *
     * @return what became of the rows, with those of the runs before that were interrupted
     * @throws JournalException if there is the journal of an import that was interrupted, or it belongs to another one
     * @throws IOException if the journal or the rejected rows can't be written
     * @throws WaymarkException if the node did not answer in time and again; the import can be resumed
     * @throws IllegalArgumentException if the key is not one of the owner's that may sign records
     * @throws InterruptedException if this thread was interrupted; the import can be resumed
     */
    public BulkCounts run(Iterator<BulkRow> rows) throws IOException, InterruptedException {
        PrefixRecord ownerRecord = ownerRecord();
        try (BulkJournal journal = resume
                ? BulkJournal.resume(journalFile, identity, journalBytes)
                : BulkJournal.begin(journalFile, identity, journalBytes)) {
            rejectedRows.continueAt(journal.mark());
            new Run(ownerRecord, journal).all(rows);
            journal.complete();
            return journal.counts();
        }
    }

    private PrefixRecord ownerRecord() throws InterruptedException {
        PrefixRecord record = await(registry.prefixRecord(owner))
                .orElseThrow(() -> new IllegalArgumentException("the node has no record of the prefix " + owner));
        Optional<PartyKey> known = record.key(key.id());
        if (known.filter(found -> found.isActive() && found.has(KeyRole.RECORDS))
                .isEmpty()) {
            throw new IllegalArgumentException(
                    "the key " + key.id() + " is not an active key of " + owner + " with the role RECORDS");
        }
        return record;
    }

    private static <T> T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof CompletionException wrapped ? wrapped.getCause() : e.getCause();
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(cause);
        }
    }

    /** Rows [first, end), with what was signed for them in an earlier run; nothing in a new batch. */
    private record Batch(long first, List<BulkRow> rows, Map<Integer, ByteString> signed) {

        long end() {
            return first + rows.size();
        }

        List<String> identifiers() {
            return rows.stream()
                    .filter(row -> row.item() != null)
                    .map(row -> row.item().identifier().canonical())
                    .toList();
        }
    }

    /** The source with the number of its next row, from 0. */
    private static final class NumberedRows {

        private final Iterator<BulkRow> rows;
        private BulkRow ahead;
        private long number;

        NumberedRows(Iterator<BulkRow> rows) {
            this.rows = rows;
        }

        /** The next row, or null at the end. */
        BulkRow peek() {
            if (ahead == null && rows.hasNext()) {
                ahead = rows.next();
            }
            return ahead;
        }

        List<BulkRow> upTo(long end) throws JournalException {
            List<BulkRow> read = new ArrayList<>();
            while (number < end) {
                read.add(taken());
            }
            return read;
        }

        void passOver(long end) throws JournalException {
            while (number < end) {
                taken();
            }
        }

        private BulkRow taken() throws JournalException {
            BulkRow row = peek();
            if (row == null) {
                throw new JournalException(
                        JournalException.Problem.OTHER_IMPORT,
                        "the source ends after " + number + " rows; the import was further than that");
            }
            ahead = null;
            number++;
            return row;
        }
    }

    /** One run of the import: a thread that reads rows, and workers that each take one batch from signing to its end. */
    private final class Run {

        private final PrefixRecord ownerRecord;
        private final BulkJournal journal;
        private final RowChecker checker;
        private final RecordSigner signer = new RecordSigner(key);
        private final int workers = inFlight + Runtime.getRuntime().availableProcessors();
        /** One for each batch under way. */
        private final Semaphore places = new Semaphore(workers);
        /** One for each request in flight. */
        private final Semaphore wire = new Semaphore(inFlight);
        /** The identifiers of the batches under way. */
        private final Set<String> busy = ConcurrentHashMap.newKeySet();

        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Object finishing = new Object();

        Run(PrefixRecord ownerRecord, BulkJournal journal) {
            this.ownerRecord = ownerRecord;
            this.journal = journal;
            this.checker = new RowChecker(key, owner, ownerRecord.epoch());
        }

        void all(Iterator<BulkRow> rows) throws IOException, InterruptedException {
            ExecutorService pool = Executors.newFixedThreadPool(workers, work -> {
                Thread thread = new Thread(work, "waymark-import");
                thread.setDaemon(true);
                return thread;
            });
            try {
                try {
                    read(new NumberedRows(rows), pool);
                } catch (IOException | RuntimeException e) {
                    // What is under way is brought to its end.
                    failure.compareAndSet(null, e);
                }
                drain();
            } finally {
                pool.shutdownNow();
                // The caller closes the journal after this.
                pool.awaitTermination(1, TimeUnit.MINUTES);
            }
            Throwable failed = failure.get();
            if (failed instanceof IOException io) {
                throw io;
            }
            if (failed instanceof RuntimeException runtime) {
                throw runtime;
            }
            if (failed != null) {
                throw new IllegalStateException(failed);
            }
        }

        private void read(NumberedRows rows, ExecutorService pool) throws IOException, InterruptedException {
            TreeMap<Long, Long> finished = journal.finished();
            TreeMap<Long, BulkJournal.SignedBatch> pending = journal.pending();
            while (failure.get() == null && (rows.peek() != null || !finished.isEmpty() || !pending.isEmpty())) {
                long first = rows.number;
                Long finishedUpTo = finished.remove(first);
                BulkJournal.SignedBatch signed = pending.remove(first);
                if (finishedUpTo != null) {
                    rows.passOver(finishedUpTo);
                } else if (signed != null) {
                    submit(new Batch(first, rows.upTo(signed.end()), signed.records()), pool);
                } else {
                    long known = Math.min(
                            finished.isEmpty() ? Long.MAX_VALUE : finished.firstKey(),
                            pending.isEmpty() ? Long.MAX_VALUE : pending.firstKey());
                    submit(new Batch(first, newRows(rows, known), Map.of()), pool);
                }
            }
        }

        /** Rows of a new batch, none of them of the same item, at most up to where the journal knows rows again. */
        private List<BulkRow> newRows(NumberedRows rows, long known) throws JournalException {
            List<BulkRow> batch = new ArrayList<>();
            Set<String> named = new HashSet<>();
            long bytes = 0;
            BulkRow row = rows.peek();
            if (row == null) {
                // The journal knows later rows.
                rows.passOver(known);
            }
            while (row != null && rows.number < known && batch.size() < batchRows && bytes < BATCH_BYTES) {
                if (row.item() != null) {
                    if (!named.add(row.item().identifier().canonical())) {
                        break;
                    }
                    bytes += RowChecker.dataBytes(row.item());
                }
                batch.add(rows.taken());
                row = rows.peek();
            }
            return batch;
        }

        private void submit(Batch batch, ExecutorService pool) throws InterruptedException {
            List<String> identifiers = batch.identifiers();
            if (identifiers.stream().anyMatch(busy::contains)) {
                drain();
            }
            busy.addAll(identifiers);
            places.acquire();
            pool.execute(() -> {
                try {
                    if (failure.get() == null) {
                        register(batch);
                    }
                } catch (InterruptedException e) {
                    failure.compareAndSet(null, e);
                } catch (IOException | RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                } finally {
                    identifiers.forEach(busy::remove);
                    places.release();
                }
            });
        }

        /** Waits until no batch is under way. */
        private void drain() throws InterruptedException {
            places.acquire(workers);
            places.release(workers);
        }

        private void register(Batch batch) throws IOException, InterruptedException {
            Map<Integer, RowFault> faults = new TreeMap<>();
            Map<Integer, IdentifierRecord> records =
                    batch.signed().isEmpty() ? signNew(batch, faults) : signedBefore(batch, faults);
            BulkCounts counts = BulkCounts.NONE;
            wire.acquire();
            try {
                for (int round = 0; !records.isEmpty(); round++) {
                    Map<Integer, Registration> conflicts = new LinkedHashMap<>();
                    for (Map.Entry<Integer, Registration> answer : send(records).entrySet()) {
                        Registration registration = answer.getValue();
                        if (registration.isStored()) {
                            counts = counts.plus(counted(registration.code()));
                        } else if (registration.code() == RegisterResult.Code.CONFLICT
                                && registration.currentDigest().isPresent()
                                && round < REBUILDS) {
                            conflicts.put(answer.getKey(), registration);
                        } else {
                            faults.put(answer.getKey(), new RowFault("", registration.refusal()));
                        }
                    }
                    Map<Integer, RecordDraft> next = new LinkedHashMap<>();
                    counts = counts.plus(follow(batch, conflicts, next));
                    records = sign(batch, next);
                }
            } finally {
                wire.release();
            }
            finish(batch, counts, faults);
        }

        private Map<Integer, IdentifierRecord> signNew(Batch batch, Map<Integer, RowFault> faults) throws IOException {
            Map<Integer, RecordDraft> drafts = new LinkedHashMap<>();
            for (int place = 0; place < batch.rows().size(); place++) {
                RowChecker.Checked checked = checker.checked(batch.rows().get(place));
                if (checked.fault() == null) {
                    drafts.put(place, checked.draft());
                } else {
                    faults.put(place, checked.fault());
                }
            }
            return sign(batch, drafts);
        }

        /** What an earlier run signed; it had no record for the rows that are at fault. */
        private Map<Integer, IdentifierRecord> signedBefore(Batch batch, Map<Integer, RowFault> faults)
                throws IOException {
            Map<Integer, IdentifierRecord> records = new LinkedHashMap<>();
            for (int place = 0; place < batch.rows().size(); place++) {
                BulkRow row = batch.rows().get(place);
                ByteString signed = batch.signed().get(place);
                if (signed == null) {
                    RowFault fault = checker.check(row).orElseThrow(() -> changed(row));
                    faults.put(place, fault);
                } else {
                    IdentifierRecord record = IdentifierRecord.parse(signed);
                    if (row.item() == null
                            || !row.item()
                                    .identifier()
                                    .canonical()
                                    .equals(record.key().identifier())) {
                        throw changed(row);
                    }
                    records.put(place, record);
                }
            }
            return records;
        }

        private JournalException changed(BulkRow row) {
            return new JournalException(
                    JournalException.Problem.OTHER_IMPORT,
                    "line " + row.line() + " is not what it was when the import was begun");
        }

        /** Signs and notes, before anything is sent. */
        private Map<Integer, IdentifierRecord> sign(Batch batch, Map<Integer, RecordDraft> drafts) throws IOException {
            Map<Integer, IdentifierRecord> records = new LinkedHashMap<>();
            if (!drafts.isEmpty()) {
                Iterator<IdentifierRecord> signed =
                        signer.signAll(List.copyOf(drafts.values())).iterator();
                Map<Integer, ByteString> encoded = new LinkedHashMap<>();
                for (int place : drafts.keySet()) {
                    IdentifierRecord record = signed.next();
                    records.put(place, record);
                    encoded.put(place, record.encoded());
                }
                journal.signed(batch.first(), batch.end(), encoded);
            }
            return records;
        }

        /** The next versions of items that are registered; returns how many say the same already. */
        private BulkCounts follow(Batch batch, Map<Integer, Registration> conflicts, Map<Integer, RecordDraft> next)
                throws InterruptedException {
            Map<Integer, CompletableFuture<Optional<IdentifierRecord>>> reads = new LinkedHashMap<>();
            conflicts.forEach((place, conflict) -> reads.put(place, registry.current(conflict.key())));
            long unchanged = 0;
            for (Map.Entry<Integer, Registration> conflict : conflicts.entrySet()) {
                int place = conflict.getKey();
                ItemDraft item = batch.rows().get(place).item();
                Optional<IdentifierRecord> current = await(reads.get(place));
                if (current.filter(record -> item.isSaidBy(record, ownerRecord)).isPresent()) {
                    unchanged++;
                } else {
                    long issued = current.map(IdentifierRecord::issuedAt).orElse(0L);
                    next.put(
                            place,
                            item.toRecord(owner, ownerRecord.epoch())
                                    .issuedAt(Math.max(System.currentTimeMillis(), issued))
                                    .following(
                                            conflict.getValue().currentVersion(),
                                            conflict.getValue().currentDigest().orElseThrow())
                                    .build());
                }
            }
            return new BulkCounts(0, 0, unchanged, 0);
        }

        /** Sends until each record has an answer that stays, or patience ends. */
        private Map<Integer, Registration> send(Map<Integer, IdentifierRecord> records) throws InterruptedException {
            Map<Integer, Registration> answers = new LinkedHashMap<>();
            Map<Integer, IdentifierRecord> left = new LinkedHashMap<>(records);
            long start = System.nanoTime();
            while (!left.isEmpty()) {
                WaymarkException late;
                try {
                    Iterator<Integer> places = List.copyOf(left.keySet()).iterator();
                    for (Registration answer : await(registry.register(List.copyOf(left.values())))) {
                        int place = places.next();
                        if (answer.code() != RegisterResult.Code.RETRY) {
                            answers.put(place, answer);
                            left.remove(place);
                        }
                    }
                    late = new NodeErrorException("the node can't store records now");
                } catch (WaymarkException e) {
                    late = e;
                }
                if (!left.isEmpty()) {
                    boolean isOver = System.nanoTime() - start >= patience.toNanos();
                    if (isOver || failure.get() != null || !RegistryClient.isRepeatable(late)) {
                        throw late;
                    }
                    TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
                }
            }
            return answers;
        }

        private void finish(Batch batch, BulkCounts counts, Map<Integer, RowFault> faults) throws IOException {
            List<RejectedRow> rejected = new ArrayList<>();
            faults.forEach(
                    (place, fault) -> rejected.add(batch.rows().get(place).rejected(fault)));
            synchronized (finishing) {
                long mark = rejected.isEmpty() ? journal.mark() : rejectedRows.add(rejected);
                journal.finished(
                        batch.first(), batch.end(), counts.plus(new BulkCounts(0, 0, 0, rejected.size())), mark);
                progress.accept(journal.counts());
            }
        }
    }

    private static BulkCounts counted(RegisterResult.Code code) {
        return switch (code) {
            case CREATED -> new BulkCounts(1, 0, 0, 0);
            case UPDATED -> new BulkCounts(0, 1, 0, 0);
            default -> new BulkCounts(0, 0, 1, 0);
        };
    }

    /** Collects what an import needs. Not safe for use by many threads. */
    public static final class Builder {

        private static final int MAX_IN_FLIGHT = 64;
        private static final long JOURNAL_BYTES = 256L << 20;

        private final NodeClient nodes;
        private final Prefix owner;
        private final SigningKey key;
        private int batchRows = Limits.BATCH_ITEMS;
        private int inFlight = 4;
        private Duration patience = Duration.ofMinutes(1);
        private Path journalFile;
        private Map<String, String> source = Map.of();
        private boolean resume;
        private long journalBytes = JOURNAL_BYTES;
        private RejectedRows rejectedRows;
        private Consumer<BulkCounts> progress = counts -> {};

        private Builder(NodeClient nodes, Prefix owner, SigningKey key) {
            this.nodes = nodes;
            this.owner = owner;
            this.key = key;
        }

        /** Rows of one request: 1 to 1,000, which it is unless set. Fewer are sent where they are large. */
        public Builder batch(int rows) {
            batchRows = inRange("batch", rows, Limits.BATCH_ITEMS);
            return this;
        }

        /** Requests in flight: 1 to 64, 4 unless set. */
        public Builder inFlight(int requests) {
            inFlight = inRange("inFlight", requests, MAX_IN_FLIGHT);
            return this;
        }

        private static int inRange(String what, int number, int highest) {
            if (number < 1 || number > highest) {
                throw new IllegalArgumentException(what + " must be 1 to " + highest + ", not " + number);
            }
            return number;
        }

        /** How long a node may be away, busy or failing before the import ends: not negative, a minute unless set. */
        public Builder patience(Duration longest) {
            if (longest.isNegative()) {
                throw new IllegalArgumentException("patience must not be negative");
            }
            patience = longest;
            return this;
        }

        /**
         * The file of the journal. It is removed when the import has come to its end.
         *
         * @param madeFrom what the rows depend on, by name, such as the digest of a file. An import is only resumed while all of it is
         *     the same; prefix and key are compared in any case
         */
        public Builder journal(Path file, Map<String, String> madeFrom) {
            journalFile = file;
            source = Map.copyOf(madeFrom);
            return this;
        }

        /** Goes on with the import that the journal is of; begins it where there is no journal. */
        public Builder resume(boolean goOn) {
            resume = goOn;
            return this;
        }

        /** The journal is made small again each time it has grown by so much. */
        Builder journalBytes(long bytes) {
            journalBytes = bytes;
            return this;
        }

        /** Takes the rows that are not registered. */
        public Builder rejectedRows(RejectedRows rows) {
            rejectedRows = rows;
            return this;
        }

        /** Told after each batch what became of the rows so far; by one thread at a time. */
        public Builder progress(Consumer<BulkCounts> listener) {
            progress = listener;
            return this;
        }

        /**
         * @throws NullPointerException if there is no journal, or nothing that takes rejected rows
         */
        public BulkImport build() {
            Objects.requireNonNull(journalFile, "journal");
            Objects.requireNonNull(rejectedRows, "rejectedRows");
            return new BulkImport(this);
        }
    }
}
