package org.waymark.node.cache;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;

/**
 * An answer as Redis holds it. Integers are big-endian:
 *
 * <pre>
 *   offset  size
 *   0       1     layout: 1
 *   1       1     outcome
 *   2       8     sequence as of which it was read (the scripts compare it)
 *   10      8     end of its life, UTC epoch milliseconds
 *   18      2     length of the owner's key
 *   20      n     key of the owner's prefix record
 *   20+n          payload, verbatim
 * </pre>
 */
final class RedisEntry {

    private static final byte LAYOUT = 1;
    private static final int FIXED_BYTES = 20;

    private RedisEntry() {}

    static byte[] encode(StoredAnswer answer) {
        byte[] owner = answer.owner().encoded();
        return ByteBuffer.allocate(FIXED_BYTES + owner.length + answer.payload().length)
                .put(LAYOUT)
                .put((byte) answer.outcome().getNumber())
                .putLong(answer.sequence())
                .putLong(answer.expiresAt())
                .putShort((short) owner.length)
                .put(owner)
                .put(answer.payload())
                .array();
    }

    /** The answer that the rest of this buffer is; empty where it is none, whoever put it there. */
    static Optional<StoredAnswer> decode(ByteBuffer in, OwnerKeys owners) {
        if (in.remaining() < FIXED_BYTES || in.get() != LAYOUT) {
            return Optional.empty();
        }
        Outcome outcome = Outcome.forNumber(in.get());
        long sequence = in.getLong();
        long expiresAt = in.getLong();
        int ownerBytes = Short.toUnsignedInt(in.getShort());
        if (outcome == null || outcome == Outcome.OUTCOME_UNSPECIFIED || ownerBytes > in.remaining()) {
            return Optional.empty();
        }
        Optional<RecordKey> owner = owners.of(in.slice(in.position(), ownerBytes));
        if (owner.isEmpty()) {
            return Optional.empty();
        }
        byte[] payload = new byte[in.remaining() - ownerBytes];
        in.get(in.position() + ownerBytes, payload);
        return Optional.of(new StoredAnswer(outcome, payload, sequence, expiresAt, owner.get()));
    }
}
