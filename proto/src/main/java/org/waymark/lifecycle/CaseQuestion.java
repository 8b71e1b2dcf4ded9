package org.waymark.lifecycle;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Optional;
import org.waymark.Limits;
import org.waymark.identifier.Prefix;
import org.waymark.record.InvalidRecordException;
import org.waymark.trust.KeyId;
import org.waymark.trust.Purpose;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Statement;
import org.waymark.trust.VerifyingKey;
import org.waymark.v1.CaseQuery;
import org.waymark.v1.PrefixCase.State;
import org.waymark.v1.SignedStatement;

/** A signed question for cases, within its limits; whether it verifies is for {@link #isSignedBy} to say. Immutable. */
public final class CaseQuestion {

    private static final String FIELD = "query";

    private final CaseQuery message;
    private final Statement statement;
    private final Prefix signer;
    private final KeyId keyId;
    private final CaseNumber number;
    private final Prefix prefix;

    private CaseQuestion(CaseQuery message, Statement statement) {
        this.message = message;
        this.statement = statement;
        this.signer = PrefixApplication.prefix(FIELD + ".signer", message.getScheme(), message.getSigner());
        this.keyId = PrefixDecision.keyId(FIELD, message.getKeyId());
        this.number = message.getNumber().isEmpty() ? null : CaseNumber.of(message.getNumber());
        this.prefix = message.getPrefix().isEmpty()
                ? null
                : PrefixApplication.prefix(FIELD + ".prefix", message.getScheme(), message.getPrefix());
    }

    /**
     * Signs a question.
     *
     * @param draft all but format and key
     */
    public static CaseQuestion sign(CaseQuery draft, SigningKey key) {
        ByteString bytes = draft.toBuilder()
                .setFormat(1)
                .setKeyId(key.id().bytes())
                .build()
                .toByteString();
        return read(Statement.sign(key, Purpose.QUERY, bytes));
    }

    /**
     * Reads a question.
     *
     * @throws InvalidRecordException if a rule of {@code CaseQuery} is broken
     */
    public static CaseQuestion parse(SignedStatement signed) {
        return read(Statement.of(FIELD, Purpose.QUERY, signed, Limits.DECISION_BYTES));
    }

    private static CaseQuestion read(Statement statement) {
        CaseQuery message;
        try {
            message = CaseQuery.parseFrom(statement.bytes());
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidRecordException(FIELD, "is not an encoded CaseQuery");
        }
        if (message.getFormat() != 1) {
            throw new InvalidRecordException(FIELD + ".format", "must be 1");
        }
        if (message.getCursor().size() > Limits.SCAN_CURSOR_BYTES) {
            throw InvalidRecordException.overLimit(
                    FIELD + ".cursor", "bytes", message.getCursor().size(), Limits.SCAN_CURSOR_BYTES);
        }
        return new CaseQuestion(message, statement);
    }

    public boolean isSignedBy(VerifyingKey key) {
        return keyId.equals(key.id()) && statement.isSignedBy(key);
    }

    /** The prefix whose key signs, and whose cases are asked for. */
    public Prefix signer() {
        return signer;
    }

    public KeyId keyId() {
        return keyId;
    }

    /** UTC epoch milliseconds. */
    public long askedAt() {
        return message.getAskedAt();
    }

    /** Only this case. */
    public Optional<CaseNumber> number() {
        return Optional.ofNullable(number);
    }

    /** Only the case of this prefix. */
    public Optional<Prefix> prefix() {
        return Optional.ofNullable(prefix);
    }

    /** 1 or more. */
    public int fromStep() {
        return Math.max(1, message.getFromStep());
    }

    /** Only cases in one of these; empty: all. */
    public List<State> states() {
        return message.getStatesList();
    }

    public ByteString cursor() {
        return message.getCursor();
    }

    public SignedStatement toProto() {
        return statement.toProto();
    }
}
