package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import java.util.Objects;
import org.waymark.record.RecordKey;

/**
 * One version of a record, as stored.
 *
 * @param version 1, 2, 3 ...
 * @param sequence the number of the commit that stored it
 * @param committedAt when it was committed, in UTC epoch milliseconds by the registry's clock
 * @param digest of this version, in the form of {@code Header.previous}; 33 bytes
 * @param record the encoded {@code SignedRecord}, verbatim
 */
public record StoredRecord(
        RecordKey key, long version, long sequence, long committedAt, ByteString digest, ByteString record) {

    public StoredRecord {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(digest, "digest");
        Objects.requireNonNull(record, "record");
    }
}
