package org.waymark.node.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.waymark.identifier.Scheme;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

/** Keys and answers, as the tests of caches need them. */
final class Answers {

    static final RecordKey MAKER = prefix("88.118.8");
    static final RecordKey PUMP = item("88.118.8/pump");

    private Answers() {}

    static RecordKey item(String identifier) {
        return RecordKey.of(RecordKind.ITEM, Scheme.VAA, identifier);
    }

    static RecordKey prefix(String prefix) {
        return RecordKey.of(RecordKind.PREFIX, Scheme.VAA, prefix);
    }

    /** A record of an item of {@link #MAKER}, as of this number, that says this text. */
    static StoredAnswer record(String text, long sequence, long expiresAt) {
        return owned(MAKER, text, sequence, expiresAt);
    }

    static StoredAnswer owned(RecordKey owner, String text, long sequence, long expiresAt) {
        return new StoredAnswer(Outcome.RECORD, text.getBytes(UTF_8), sequence, expiresAt, owner);
    }

    /** A denial that must not be kept. */
    static StoredAnswer denialNotKept(long sequence) {
        return new StoredAnswer(Outcome.NOT_FOUND, new byte[0], sequence, 0, MAKER);
    }

    static String text(StoredAnswer answer) {
        return new String(answer.payload(), UTF_8);
    }
}
