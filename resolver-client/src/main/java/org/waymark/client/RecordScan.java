package org.waymark.client;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.trust.RevokedPrefixException;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.VerificationException;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.RecordKind;
import org.waymark.v1.ScanResponse;

/**
 * Walks over what a node holds of a prefix and under it, each version verified before it is given out: the prefix's own record first,
 * then the prefix records below it, then the items, both in the order of their identifiers. A record that is there from the beginning
 * to the end is given out exactly once, whatever is written meanwhile.
 *
 * <p>Pages are asked for as they are needed, one ahead, so a slow reader slows nobody but itself and memory stays bounded. {@link
 * #hasNext} and {@link #next} wait for the node; they throw a {@link WaymarkException} where no page came, and a {@link
 * VerificationException} where a record does not verify. Not safe for use by many threads.
 *
 * <p>A record verifies as the answer to a look-up does, so one under a prefix that is revoked does not; an older version verifies by its
 * digest in the one after it. That no record is left out is the node's word.
 */
public final class RecordScan implements Iterator<HistoryVersion> {

    /** Asks a node for the page after a cursor. */
    interface Pages {
        CompletableFuture<ScanResponse> after(ByteString cursor);
    }

    /** Verifies a current record from an anchor down. */
    interface Verifier {
        void verify(IdentifierRecord record);
    }

    private final Prefix prefix;
    private final boolean withHistory;
    private final Pages pages;
    private final Verifier verifier;

    private Iterator<HistoryEntry> page = java.util.Collections.emptyIterator();
    private CompletableFuture<ScanResponse> nextPage;
    private HistoryVersion ahead;
    private HistoryVersion ready;

    /**
     * @param verifier null where nothing is to be verified
     */
    RecordScan(Prefix prefix, boolean withHistory, Pages pages, Verifier verifier) {
        this.prefix = prefix;
        this.withHistory = withHistory;
        this.pages = pages;
        this.verifier = verifier;
        this.nextPage = pages.after(ByteString.EMPTY);
    }

    @Override
    public boolean hasNext() {
        if (ready == null) {
            HistoryVersion version = ahead == null ? read(null) : ahead;
            ahead = null;
            if (version != null) {
                // What comes after it says whether it is the newest one.
                ahead = read(version);
                verify(version.record(), ahead == null ? null : ahead.record());
                ready = version;
            }
        }
        return ready != null;
    }

    @Override
    public HistoryVersion next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        HistoryVersion version = ready;
        ready = null;
        return version;
    }

    /** What is left, as a stream that is read by one thread. */
    public Stream<HistoryVersion> stream() {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL), false);
    }

    private HistoryVersion read(HistoryVersion before) {
        while (!page.hasNext()) {
            if (nextPage == null) {
                return null;
            }
            ScanResponse response = ResolverClient.await(nextPage);
            if (response.getEntriesCount() == 0 && !response.getCursor().isEmpty()) {
                throw new ProtocolViolationException("the node's scan of " + prefix + " does not get on");
            }
            page = response.getEntriesList().iterator();
            nextPage = response.getCursor().isEmpty() ? null : pages.after(response.getCursor());
        }
        HistoryEntry entry = page.next();
        IdentifierRecord record = record(entry.getRecord());
        requireAfter(before == null ? null : before.record(), record);
        return new HistoryVersion(record, entry.getSequence(), Instant.ofEpochMilli(entry.getCommittedAt()));
    }

    private IdentifierRecord record(ByteString encoded) {
        try {
            IdentifierRecord record = IdentifierRecord.parse(encoded);
            if (covers(record.key())) {
                return record;
            }
            throw new ProtocolViolationException(
                    "the node's scan of " + prefix + " gave a record of " + record.key() + ", which is not under it");
        } catch (InvalidRecordException | InvalidIdentifierException e) {
            throw new TamperedRecordException(
                    "what the node's scan of " + prefix + " gave is not a record: " + e.getMessage());
        }
    }

    private boolean covers(RecordKey key) {
        if (key.scheme() != prefix.scheme()) {
            return false;
        }
        return key.kind() == RecordKind.PREFIX
                ? prefix.covers(Prefix.of(key.scheme(), key.identifier()))
                : prefix.covers(Identifier.parse(key.scheme(), key.identifier()));
    }

    /** The order makes sure that the scan ends, and that nothing comes twice. */
    private void requireAfter(IdentifierRecord before, IdentifierRecord record) {
        if (before == null) {
            return;
        }
        boolean isNextVersion =
                withHistory && before.key().equals(record.key()) && record.version() == before.version() + 1;
        if (!isNextVersion && compare(before.key(), record.key()) >= 0) {
            throw new ProtocolViolationException(
                    "the node's scan of " + prefix + " gave " + record + " after " + before);
        }
    }

    private int compare(RecordKey one, RecordKey other) {
        int part = Integer.compare(part(one), part(other));
        return part != 0
                ? part
                : Arrays.compareUnsigned(
                        one.identifier().getBytes(StandardCharsets.UTF_8),
                        other.identifier().getBytes(StandardCharsets.UTF_8));
    }

    private int part(RecordKey key) {
        if (key.kind() == RecordKind.ITEM) {
            return 2;
        }
        return key.identifier().equals(prefix.canonical()) ? 0 : 1;
    }

    private void verify(IdentifierRecord record, IdentifierRecord after) {
        if (verifier == null) {
            return;
        }
        if (after == null || !after.key().equals(record.key())) {
            try {
                verifier.verify(record);
            } catch (RevokedPrefixException e) {
                if (record.kind() != RecordKind.PREFIX || !record.isRevoked()) {
                    throw e;
                }
                // It verified as far as it can: that the prefix is revoked is what it says.
            }
        } else {
            requireLink(record, after);
        }
    }

    /** Verifies a version by the one after it. */
    static void requireLink(IdentifierRecord before, IdentifierRecord next) {
        if (!SeenVersions.follows(before, next)) {
            throw new TamperedRecordException(next + " does not follow the version before it in the history");
        }
        RecordDigest digest = next.previous().orElseThrow();
        boolean intact;
        try {
            intact = before.valuesMatchRoot(digest.hash());
        } catch (InvalidRecordException e) {
            intact = false;
        }
        if (!intact) {
            throw new TamperedRecordException("the values of " + before + " are not those that were signed");
        }
    }
}
