package org.waymark.client;

import java.util.Optional;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResult;

/**
 * What became of one record that was to be registered. Immutable.
 *
 * @param code what the node did
 * @param reason which rule refused it; UNSPECIFIED where none did
 * @param field the field at fault, or empty
 * @param message for people; may be empty
 * @param sequence the registry's sequence number of the commit, for CREATED and UPDATED
 * @param currentVersion for CONFLICT and UNCHANGED: the version that is current; 0: none
 * @param currentDigest for CONFLICT: what the next version has to name as its previous one
 */
public record Registration(
        RecordKey key,
        RegisterResult.Code code,
        RefusalReason reason,
        String field,
        String message,
        long sequence,
        long currentVersion,
        Optional<RecordDigest> currentDigest) {

    static Registration of(RecordKey key, RegisterResult result) {
        Optional<RecordDigest> digest = result.getCurrentDigest().isEmpty()
                ? Optional.empty()
                : Optional.of(new RecordDigest(result.getCurrentDigest()));
        return new Registration(
                key,
                result.getCode(),
                result.getReason(),
                result.getField(),
                result.getMessage(),
                result.getSequence(),
                result.getCurrentVersion(),
                digest);
    }

    /** With a further sentence in its message; the same where that is empty. */
    Registration withMessage(String more) {
        String both = message.isEmpty() || more.isEmpty() ? message + more : message + "; " + more;
        return new Registration(key, code, reason, field, both, sequence, currentVersion, currentDigest);
    }

    /** True where the registry holds the record now: CREATED, UPDATED or UNCHANGED. */
    public boolean isStored() {
        return code == RegisterResult.Code.CREATED
                || code == RegisterResult.Code.UPDATED
                || code == RegisterResult.Code.UNCHANGED;
    }

    /** Why the node refused the record, for people. */
    public String refusal() {
        StringBuilder text = new StringBuilder("refused: ").append(code);
        if (reason != RefusalReason.REFUSAL_REASON_UNSPECIFIED) {
            text.append(' ').append(reason);
        }
        if (!field.isEmpty()) {
            text.append(" in ").append(field);
        }
        if (!message.isEmpty()) {
            text.append(": ").append(message);
        }
        if (code == RegisterResult.Code.CONFLICT) {
            text.append(" (the current version is ").append(currentVersion).append(')');
        }
        return text.toString();
    }
}
