package org.waymark.lifecycle;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.waymark.Limits;
import org.waymark.identifier.Prefix;
import org.waymark.record.HashFunction;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDigest;
import org.waymark.trust.KeyId;
import org.waymark.trust.Purpose;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Statement;
import org.waymark.trust.VerifyingKey;
import org.waymark.v1.Decision;
import org.waymark.v1.SignedStatement;

/** A decision about a case, within its limits; whether it verifies is for {@link #isSignedBy} to say. Immutable. */
public final class PrefixDecision {

    private static final String FIELD = "decision";

    private final Decision message;
    private final Statement statement;
    private final CaseNumber number;
    private final RecordDigest previous;
    private final Prefix signer;
    private final KeyId keyId;
    private final Prefix prefix;
    private final RecordDigest record;

    private PrefixDecision(Decision message, Statement statement) {
        this.message = message;
        this.statement = statement;
        this.number = new CaseNumber(digest("number", message.getNumber()));
        this.previous = digest("previous", message.getPrevious());
        this.signer = PrefixApplication.prefix(FIELD + ".signer", message.getScheme(), message.getSigner());
        this.keyId = keyId(FIELD, message.getKeyId());
        boolean publishes = LifeCycle.publishes(message.getKind());
        this.prefix = publishes
                ? PrefixApplication.prefix(FIELD + ".prefix", message.getScheme(), message.getPrefix())
                : null;
        this.record = publishes ? digest("record", message.getRecord()) : null;
    }

    /**
     * Signs a decision.
     *
     * @param draft all but format and key
     * @throws InvalidRecordException if a rule of {@code Decision} is broken
     */
    public static PrefixDecision sign(Decision draft, SigningKey key) {
        ByteString bytes = draft.toBuilder()
                .setFormat(1)
                .setKeyId(key.id().bytes())
                .build()
                .toByteString();
        return read(Statement.sign(key, Purpose.DECISION, bytes));
    }

    /**
     * Reads a decision.
     *
     * @throws InvalidRecordException if a rule of {@code Decision} is broken
     */
    public static PrefixDecision parse(SignedStatement signed) {
        return read(Statement.of(FIELD, Purpose.DECISION, signed, Limits.DECISION_BYTES));
    }

    private static PrefixDecision read(Statement statement) {
        Decision message;
        try {
            message = Decision.parseFrom(statement.bytes());
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidRecordException(FIELD, "is not an encoded Decision");
        }
        if (message.getFormat() != 1) {
            throw fault("format", "is " + Integer.toUnsignedString(message.getFormat()) + "; it must be 1");
        }
        if (message.getKind() == Decision.Kind.KIND_UNSPECIFIED || message.getKind() == Decision.Kind.UNRECOGNIZED) {
            throw fault("kind", "must be one of REVIEW, APPROVE, REJECT, DISABLE, ENABLE, DELETE");
        }
        if (message.getStep() < 1) {
            throw fault("step", "must be 1 or more");
        }
        if (message.getDecidedAt() < 0) {
            throw fault("decided_at", "must be UTC epoch milliseconds");
        }
        int reasonBytes = message.getReason().getBytes(StandardCharsets.UTF_8).length;
        if (reasonBytes > Limits.REASON_BYTES) {
            throw InvalidRecordException.overLimit(FIELD + ".reason", "bytes", reasonBytes, Limits.REASON_BYTES);
        }
        if (message.getKind() == Decision.Kind.REJECT && message.getReason().isBlank()) {
            throw fault("reason", "is missing; a rejection says why");
        }
        boolean isBare = message.getPrefix().isEmpty() && message.getRecord().isEmpty();
        if (!LifeCycle.publishes(message.getKind()) && !isBare) {
            throw fault("record", "must be empty in " + message.getKind() + ", and so must prefix");
        }
        return new PrefixDecision(message, statement);
    }

    private static RecordDigest digest(String field, ByteString bytes) {
        try {
            return new RecordDigest(bytes);
        } catch (InvalidRecordException e) {
            throw fault(field, e.rule());
        }
    }

    static KeyId keyId(String message, ByteString bytes) {
        if (bytes.size() != Limits.DIGEST_BYTES) {
            throw new InvalidRecordException(message + ".key_id", "must be " + Limits.DIGEST_BYTES + " bytes");
        }
        return new KeyId(bytes);
    }

    private static InvalidRecordException fault(String field, String rule) {
        return new InvalidRecordException(FIELD + "." + field, rule);
    }

    public boolean isSignedBy(VerifyingKey key) {
        return keyId.equals(key.id()) && statement.isSignedBy(key);
    }

    /** What the next decision names as the one before. */
    public RecordDigest digest(HashFunction hash) {
        return statement.digest(hash);
    }

    public CaseNumber number() {
        return number;
    }

    /** 1 or more. */
    public int step() {
        return message.getStep();
    }

    public RecordDigest previous() {
        return previous;
    }

    public Decision.Kind kind() {
        return message.getKind();
    }

    public String reason() {
        return message.getReason();
    }

    /** UTC epoch milliseconds. */
    public long decidedAt() {
        return message.getDecidedAt();
    }

    /** The prefix whose key signs. */
    public Prefix signer() {
        return signer;
    }

    public KeyId keyId() {
        return keyId;
    }

    /** The prefix that is decided about; empty in REVIEW and REJECT. */
    public Optional<Prefix> prefix() {
        return Optional.ofNullable(prefix);
    }

    /** The version of the prefix record that comes with it; empty in REVIEW and REJECT. */
    public Optional<RecordDigest> record() {
        return Optional.ofNullable(record);
    }

    public SignedStatement toProto() {
        return statement.toProto();
    }
}
