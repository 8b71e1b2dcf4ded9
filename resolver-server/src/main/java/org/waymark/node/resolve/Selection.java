package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Set;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.v1.Outcome;

/**
 * Which values of a record are wanted: those with one of the indexes or one of the types; all, where both are empty. A type that
 * ends with "." stands for the type without the dot and for all that start with it. Immutable.
 */
public record Selection(Set<Long> indexes, List<String> types) {

    /** The whole record. */
    public static final Selection ALL = new Selection(Set.of(), List.of());

    public Selection {
        indexes = Set.copyOf(indexes);
        types = List.copyOf(types);
    }

    public boolean isAll() {
        return indexes.isEmpty() && types.isEmpty();
    }

    /** The answer with only the wanted values, and the digests that the others leave behind; itself where it is no record. */
    public StoredAnswer applyTo(StoredAnswer answer) {
        if (isAll() || answer.outcome() != Outcome.RECORD) {
            return answer;
        }
        IdentifierRecord record = IdentifierRecord.parse(ByteString.copyFrom(answer.payload()));
        return answer.withPayload(
                record.select(hashOf(record), indexes, types).encoded().toByteArray());
    }

    /** The hash by which a record's values lead to its root; a cached answer does not come with the signer's key. */
    private static HashFunction hashOf(IdentifierRecord record) {
        return record.valuesMatchRoot(HashFunction.SHA_256) ? HashFunction.SHA_256 : HashFunction.SM3;
    }
}
