package org.waymark.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.v1.RecordKind;

/** The prefix records that came along with an answer, as the node sent them: none is verified. Immutable. */
final class Companions {

    static final Companions NONE = new Companions(Map.of());

    /**
     * @param lifeMillis how long it may still be kept; 0: not at all
     */
    record Companion(IdentifierRecord record, long lifeMillis) {}

    private final Map<Prefix, Companion> records;

    private Companions(Map<Prefix, Companion> records) {
        this.records = Map.copyOf(records);
    }

    /** What came with this answer. What is no prefix record is left out: whoever needs it asks for it. */
    static Companions of(RawAnswer answer) {
        return answer.chain().isEmpty() ? NONE : read(answer.chain());
    }

    private static Companions read(List<RawAnswer.Companion> chain) {
        Map<Prefix, Companion> records = new HashMap<>();
        for (RawAnswer.Companion link : chain) {
            try {
                IdentifierRecord record = IdentifierRecord.parse(link.record());
                if (record.kind() == RecordKind.PREFIX) {
                    Prefix prefix = Prefix.of(record.scheme(), record.key().identifier());
                    records.putIfAbsent(prefix, new Companion(record, link.lifeMillis()));
                }
            } catch (InvalidRecordException | InvalidIdentifierException e) {
                // Left out.
                continue;
            }
        }
        return new Companions(records);
    }

    Optional<Companion> of(Prefix prefix) {
        return Optional.ofNullable(records.get(prefix));
    }
}
