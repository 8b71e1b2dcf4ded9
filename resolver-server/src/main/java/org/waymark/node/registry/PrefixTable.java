package org.waymark.node.registry;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.RecordKind;

/**
 * The prefix records of a registry, decoded. Holds a bounded number of them, and of prefixes that are not registered; commits to
 * the registry renew what is held before they are acknowledged. Reads may touch the disk.
 */
public final class PrefixTable {

    /** Of encoded records, and {@value #ENTRY_BYTES} for each entry; decoded they take some times as much. */
    private static final long MAX_BYTES = 64 * 1_024 * 1_024;

    private static final int ENTRY_BYTES = 512;

    private final LoadingCache<RecordKey, Optional<PrefixRecord>> prefixes;
    private final AtomicLong changes = new AtomicLong();

    public PrefixTable(Registry registry) {
        prefixes = Caffeine.newBuilder()
                .maximumWeight(MAX_BYTES)
                .weigher(PrefixTable::weigh)
                .build(key ->
                        registry.read(key).map(stored -> PrefixRecord.of(IdentifierRecord.parse(stored.record()))));
        registry.onCommit(this::forget);
    }

    private void forget(List<Change> committed) {
        boolean hasPrefix = false;
        for (Change change : committed) {
            if (change.key().kind() == RecordKind.PREFIX) {
                prefixes.invalidate(change.key());
                hasPrefix = true;
            }
        }
        if (hasPrefix) {
            // Last, so that whoever knows the new number finds nothing from before.
            changes.incrementAndGet();
        }
    }

    /**
     * A number that rises with every change of a prefix record, before that is acknowledged. What was found here after the number was
     * asked for holds as long as the number stays.
     */
    public long changes() {
        return changes.get();
    }

    private static int weigh(RecordKey key, Optional<PrefixRecord> prefix) {
        return ENTRY_BYTES
                + prefix.map(known -> known.record().encoded().size()).orElse(0);
    }

    /** The key under which a prefix's record is stored. */
    public static RecordKey keyOf(Prefix prefix) {
        return RecordKey.of(RecordKind.PREFIX, prefix.scheme(), prefix.canonical());
    }

    /** The record of exactly this prefix. */
    public Optional<PrefixRecord> find(Prefix prefix) {
        return prefixes.get(keyOf(prefix));
    }

    /**
     * The registered ones of these prefixes.
     *
     * @param ladder the longest first
     */
    public PrefixChain chain(List<Prefix> ladder) {
        return new PrefixChain(
                ladder.stream().map(this::find).flatMap(Optional::stream).toList());
    }
}
