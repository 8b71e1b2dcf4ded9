package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.PrefixTable;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.StoredRecord;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.RecordKind;
import org.waymark.v1.ScanResponse;
import org.waymark.wire.FrameHeader;

/** One page of a scan. To be used once, by one thread; reads the disk. */
final class RegistryScan {

    /** What the entries of a page may have together, so that the page and its cursor fit into a frame. */
    private static final int PAGE_BYTES =
            Limits.FRAME_BYTES - FrameHeader.BYTES_AFTER_LENGTH - Limits.SCAN_CURSOR_BYTES - 16;
    /** Versions of one record that are read at a time. */
    private static final int VERSIONS = 256;

    private final Registry registry;
    private final ScanQuery query;
    private final ScanResponse.Builder page = ScanResponse.newBuilder();
    private int recordBytes;
    private int pageBytes;
    private ScanCursor last;

    RegistryScan(Registry registry, ScanQuery query) {
        this.registry = registry;
        this.query = query;
    }

    /**
     * @throws InvalidCursorException if the query's cursor is none
     */
    ScanResponse read() {
        ScanCursor from = query.cursor().isEmpty() ? null : ScanCursor.decode(query.cursor());
        boolean isAll = scanOwn(from) && finishBegun(from) && scanBelow(from);
        return page.setCursor(isAll ? ByteString.EMPTY : last.encode()).build();
    }

    private boolean scanOwn(ScanCursor from) {
        if (from != null && from.part() != ScanCursor.Part.OWN) {
            return true;
        }
        StoredRecord own = registry.read(PrefixTable.keyOf(query.prefix())).orElse(null);
        return own == null || add(ScanCursor.Part.OWN, own, from == null ? 0 : from.version());
    }

    /** The record whose versions did not fit into the page before. */
    private boolean finishBegun(ScanCursor from) {
        if (from == null || from.part() == ScanCursor.Part.OWN || from.version() == ScanCursor.ALL) {
            return true;
        }
        return registry.read(keyOf(from))
                .filter(this::isCovered)
                .map(begun -> add(from.part(), begun, from.version()))
                .orElse(true);
    }

    private boolean scanBelow(ScanCursor from) {
        boolean isWithinItems = from != null && from.part() == ScanCursor.Part.ITEMS;
        List<Registry.Range> ranges = new ArrayList<>();
        if (!isWithinItems) {
            addRanges(RecordKind.PREFIX, query.prefix().startsOfPrefixesBelow(), ranges);
        }
        addRanges(RecordKind.ITEM, query.prefix().startsOfIdentifiers(), ranges);
        Optional<RecordKey> after = Optional.ofNullable(from)
                .filter(cursor -> cursor.part() != ScanCursor.Part.OWN)
                .map(this::keyOf);
        boolean[] isFull = {false};
        registry.scan(ranges, after, stored -> {
            ScanCursor.Part part =
                    stored.key().kind() == RecordKind.ITEM ? ScanCursor.Part.ITEMS : ScanCursor.Part.PREFIXES;
            isFull[0] = isCovered(stored) && !add(part, stored, 0);
            return !isFull[0];
        });
        return !isFull[0];
    }

    private void addRanges(RecordKind kind, List<String> starts, List<Registry.Range> ranges) {
        starts.forEach(
                start -> ranges.add(new Registry.Range(kind, query.prefix().scheme(), start)));
    }

    private RecordKey keyOf(ScanCursor cursor) {
        RecordKind kind = cursor.part() == ScanCursor.Part.ITEMS ? RecordKind.ITEM : RecordKind.PREFIX;
        return RecordKey.of(kind, query.prefix().scheme(), cursor.identifier());
    }

    private boolean isCovered(StoredRecord stored) {
        String text = stored.key().identifier();
        if (stored.key().kind() == RecordKind.ITEM) {
            return query.prefix().covers(Identifier.parse(stored.key().scheme(), text));
        }
        Prefix prefix = Prefix.of(stored.key().scheme(), text);
        return query.prefix().covers(prefix) && !query.prefix().equals(prefix);
    }

    /**
     * Adds a record, or its versions up to this one.
     *
     * @param done the last version of it that was given out; 0: none
     * @return false if the page is full and something is left
     */
    private boolean add(ScanCursor.Part part, StoredRecord current, long done) {
        if (!query.withHistory()) {
            return done > 0 || addVersion(part, current, ScanCursor.ALL);
        }
        // Older versions never change, so they are those of the moment at which the current one was read.
        for (long next = done + 1; next < current.version(); ) {
            List<StoredRecord> older = registry.history(current.key(), next, VERSIONS, Limits.FRAME_BYTES);
            for (StoredRecord version : older) {
                if (version.version() < current.version() && !addVersion(part, version, version.version())) {
                    return false;
                }
            }
            next = older.get(older.size() - 1).version() + 1;
        }
        return done >= current.version() || addVersion(part, current, current.version());
    }

    private boolean addVersion(ScanCursor.Part part, StoredRecord version, long done) {
        IdentifierRecord record = IdentifierRecord.parse(version.record());
        ByteString visible =
                record.publicView(new RecordDigest(version.digest()).hash()).encoded();
        HistoryEntry entry = HistoryEntry.newBuilder()
                .setSequence(version.sequence())
                .setCommittedAt(version.committedAt())
                .setRecord(visible)
                .build();
        int bytes = CodedOutputStream.computeMessageSize(ScanResponse.ENTRIES_FIELD_NUMBER, entry);
        boolean fits = page.getEntriesCount() == 0
                || page.getEntriesCount() < query.limit()
                        && pageBytes + bytes <= PAGE_BYTES
                        && recordBytes + visible.size() <= query.maxBytes();
        if (fits) {
            page.addEntries(entry);
            pageBytes += bytes;
            recordBytes += visible.size();
            last = ScanCursor.after(part, version.key(), done);
        }
        return fits;
    }
}
