package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Objects;
import org.waymark.Limits;
import org.waymark.record.RecordKey;

/**
 * The next version of a record, to be committed if it still follows the current one.
 *
 * @param version {@code expectedVersion + 1}
 * @param digest of this version, in the form of {@code Header.previous}; 33 bytes
 * @param record the encoded {@code SignedRecord}, 1 to {@link Limits#RECORD_BYTES} bytes
 * @param expectedVersion the version that must be current; 0: there must be none
 * @param expectedDigest the digest that the current version must have, 33 bytes; empty where {@code expectedVersion} is
 *     0
 * @param conditions all must hold; may be empty
 * @param asOf the last visible commit before {@code expectedVersion} was read, so that it need not be read again where nothing was
 *     committed since; {@link #NOT_READ}: it was not read
 * @param documents are stored together with the record, or not at all; may be empty
 */
public record Write(
        RecordKey key,
        long version,
        ByteString digest,
        ByteString record,
        long expectedVersion,
        ByteString expectedDigest,
        List<Condition> conditions,
        long asOf,
        List<Document> documents) {

    /** Of a write whose maker has not looked what is current. */
    public static final long NOT_READ = -1;

    /** A digest with the byte in front of it that names the hash. */
    static final int DIGEST_BYTES = 1 + Limits.DIGEST_BYTES;

    public Write {
        Objects.requireNonNull(key, "key");
        if (expectedVersion < 0 || version != expectedVersion + 1) {
            throw new IllegalArgumentException("version " + version + " can't follow version " + expectedVersion
                    + "; versions count 1, 2, 3 without gaps");
        }
        requireBytes("digest", digest, DIGEST_BYTES, DIGEST_BYTES);
        requireBytes("record", record, 1, Limits.RECORD_BYTES);
        int expected = expectedVersion == 0 ? 0 : DIGEST_BYTES;
        requireBytes("expectedDigest", expectedDigest, expected, expected);
        conditions = List.copyOf(conditions);
        documents = List.copyOf(documents);
    }

    /** A write of the record alone. */
    public Write(
            RecordKey key,
            long version,
            ByteString digest,
            ByteString record,
            long expectedVersion,
            ByteString expectedDigest,
            List<Condition> conditions,
            long asOf) {
        this(key, version, digest, record, expectedVersion, expectedDigest, conditions, asOf, List.of());
    }

    /** A write whose maker has not looked what is current. */
    public Write(
            RecordKey key,
            long version,
            ByteString digest,
            ByteString record,
            long expectedVersion,
            ByteString expectedDigest,
            List<Condition> conditions) {
        this(key, version, digest, record, expectedVersion, expectedDigest, conditions, NOT_READ);
    }

    /** The first version of a record, without conditions. */
    public static Write create(RecordKey key, ByteString digest, ByteString record) {
        return new Write(key, 1, digest, record, 0, ByteString.EMPTY, List.of());
    }

    /** The version that follows {@code current}, without conditions. */
    public static Write update(StoredRecord current, ByteString digest, ByteString record) {
        return new Write(
                current.key(), current.version() + 1, digest, record, current.version(), current.digest(), List.of());
    }

    /** The same write under these conditions. */
    public Write withConditions(List<Condition> conditions) {
        return new Write(key, version, digest, record, expectedVersion, expectedDigest, conditions, asOf, documents);
    }

    /** The same write, with these documents. */
    public Write withDocuments(List<Document> documents) {
        return new Write(key, version, digest, record, expectedVersion, expectedDigest, conditions, asOf, documents);
    }

    private static void requireBytes(String field, ByteString bytes, int least, int most) {
        if (bytes.size() < least || bytes.size() > most) {
            throw new IllegalArgumentException(field + " has " + bytes.size() + " bytes; "
                    + (least == most ? "it must have " + least : least + " to " + most + " are allowed"));
        }
    }
}
