package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.waymark.identifier.Scheme;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/**
 * Where records are kept: a state, a history and a change feed.
 *
 * <p>All methods may be called from any thread. Reads may touch the disk, so they don't belong on an event loop. Every
 * method but {@link #close()}, {@link #lastSequence()}, {@link #incarnation()}, {@link #fault()} and {@link
 * #isHealthy()} throws {@link RegistryClosedException} once the registry is closed ({@link #commit} fails its future
 * with it), and {@link RegistryException} where the storage can't be read.
 */
public interface Registry extends AutoCloseable {

    /** The longest name of a note, in characters. */
    int NOTE_NAME_CHARS = 128;

    /** The largest value of a note, in bytes. */
    int NOTE_BYTES = 4 * 1_024;

    /** The current version of a record. */
    Optional<StoredRecord> read(RecordKey key);

    /** The current versions of records, in the order of the keys: cheaper than one by one. */
    List<Optional<StoredRecord>> readAll(List<RecordKey> keys);

    /** A version of a record, current or not. Versions count from 1. */
    Optional<StoredRecord> read(RecordKey key, long version);

    /**
     * Versions of a record in ascending order, up to the current one.
     *
     * @param fromVersion the first version wanted, 1 or more
     * @param limit at most so many, 1 or more
     * @param maxBytes the page ends before the records in it together have more bytes than this; the first one is
     *     always in it
     */
    List<StoredRecord> history(RecordKey key, long fromVersion, int limit, int maxBytes);

    /**
     * Writes records. Each write is admitted or refused by itself, in the order of the list, and sees those before it.
     *
     * <p>The future completes after the admitted writes are durable, visible to readers and made known to the
     * {@linkplain #onCommit listeners}. It may complete on the writer's thread: what depends on it must not block
     * there, nor wait for another commit (use the {@code Async} methods for that).
     *
     * @return one result for each write, in the order of the list. The future fails, and nothing of the list was
     *     stored, with {@link RegistryBusyException} where too much waits to be written, with {@link
     *     RegistryClosedException}, and with {@link RegistryException} where the storage can't be read. It fails with
     *     {@link RegistryFailedException} where the storage failed; if it failed during this very commit, the fate of
     *     the list is known only after the registry is opened again.
     */
    CompletableFuture<List<CommitResult>> commit(List<Write> writes);

    /**
     * The sequence number of the last commit that is visible and that the listeners know of; 0 if there was none. A read
     * that begins after this method returned s sees every commit up to s.
     */
    long lastSequence();

    /**
     * The change feed, in ascending order and without gaps.
     *
     * @param afterSequence changes with a higher number than this are wanted; 0 for all
     * @param limit at most so many, 1 or more
     */
    List<Change> changes(long afterSequence, int limit);

    /**
     * Waits until there is a change with a higher number than {@code afterSequence}.
     *
     * @return whether there is one; false after {@code timeout} has passed
     * @throws RegistryClosedException if the registry is closed, before or while waiting
     */
    boolean awaitChange(long afterSequence, Duration timeout) throws InterruptedException;

    /** Adds a listener to commits. It hears of those that are made after this method returned. */
    void onCommit(CommitListener listener);

    /**
     * Where current records lie that are walked over together: those of one kind and scheme whose identifiers start with a text.
     *
     * @param startingWith the text that identifiers start with; empty for all
     */
    record Range(RecordKind kind, Scheme scheme, String startingWith) {}

    /** What is given the records of a walk. */
    @FunctionalInterface
    interface Visitor {

        /**
         * Takes a record. It must not close the registry, and what it throws ends the walk.
         *
         * @return whether to go on
         */
        boolean visit(StoredRecord stored);
    }

    /**
     * Walks over the current records of one range after the other, within each in the order of the identifiers' UTF-8 bytes. All
     * records of one call are read as of one moment.
     *
     * @param after in the ranges of its kind and scheme, only records that come after this one
     */
    void scan(List<Range> ranges, Optional<RecordKey> after, Visitor visitor);

    /**
     * Walks over one range. To go on, pass the last identifier seen.
     *
     * @param startingWith the text that identifiers start with; empty for all
     * @param afterIdentifier only identifiers that come after this one; empty to start at the first
     * @param limit at most so many, 1 or more
     * @param consumer is given each record; it must not close the registry, and what it throws ends the walk
     * @return how many records were given out; fewer than {@code limit} where the end was reached
     */
    default int scan(
            RecordKind kind,
            Scheme scheme,
            String startingWith,
            String afterIdentifier,
            int limit,
            Consumer<StoredRecord> consumer) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit is " + limit + "; it must be 1 or more");
        }
        int[] count = {0};
        Optional<RecordKey> after =
                afterIdentifier.isEmpty() ? Optional.empty() : Optional.of(RecordKey.of(kind, scheme, afterIdentifier));
        scan(List.of(new Range(kind, scheme, startingWith)), after, stored -> {
            consumer.accept(stored);
            return ++count[0] < limit;
        });
        return count[0];
    }

    /**
     * A small named value that the node keeps here, such as a cursor into the change feed.
     *
     * @param name 1 to {@value #NOTE_NAME_CHARS} characters of ASCII, from 0x21 to 0x7E
     */
    Optional<ByteString> note(String name);

    /**
     * Keeps a named value, in place of the one before. It survives the end of the process, but a crash of the machine
     * may bring back an older value.
     *
     * @param value at most {@value #NOTE_BYTES} bytes
     * @throws RegistryFailedException if the registry has failed, or fails now
     */
    void putNote(String name, ByteString value);

    /** The value of a document; empty where there is none. */
    Optional<ByteString> document(ByteString key);

    /**
     * Keeps documents, in place of those with the same keys: all or none, and durably when this returns. See {@link Write#documents()}
     * for those that belong to a record.
     *
     * @throws RegistryFailedException if the registry has failed, or fails now
     */
    void putDocuments(List<Document> documents);

    /** What is given the documents of a walk. */
    @FunctionalInterface
    interface DocumentVisitor {

        /**
         * Takes a document. It must not close the registry, and what it throws ends the walk.
         *
         * @return whether to go on
         */
        boolean visit(Document document);
    }

    /**
     * Walks over the documents whose keys start with some bytes, in the order of their keys, as of one moment.
     *
     * @param after only those whose keys come after this one; empty for all
     */
    void scanDocuments(ByteString startingWith, ByteString after, DocumentVisitor visitor);

    /** A random name that this store was given when it was created: 32 characters of lower-case hexadecimal. */
    String incarnation();

    /**
     * Why the registry takes no more commits. After a failed write it can't know what the disk holds, so it refuses all
     * further ones until it is opened again; reads go on.
     */
    Optional<String> fault();

    /** Whether the registry takes commits, as far as it knows. */
    default boolean isHealthy() {
        return fault().isEmpty();
    }

    /** Takes no more commits, finishes those that wait, waits for reads under way, and lets the storage go. */
    @Override
    void close();
}
