package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResult;

/** Why a record is not admitted; thrown within the {@link Registrar} and turned into a result there. */
final class Refusal extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient RegisterResult result;

    private Refusal(RegisterResult result) {
        super(result.getMessage(), null, false, false);
        this.result = result;
    }

    static Refusal invalid(RefusalReason reason, String field, String message) {
        return new Refusal(result(RegisterResult.Code.INVALID, reason, field, message));
    }

    static Refusal unauthorised(RefusalReason reason, String field, String message) {
        return new Refusal(result(RegisterResult.Code.UNAUTHORISED, reason, field, message));
    }

    static Refusal notResponsible(String message) {
        return new Refusal(result(
                RegisterResult.Code.NOT_RESPONSIBLE, RefusalReason.REFUSAL_REASON_UNSPECIFIED, "header.key", message));
    }

    static Refusal conflict(long currentVersion, ByteString currentDigest, String message) {
        return new Refusal(
                result(RegisterResult.Code.CONFLICT, RefusalReason.STALE_VERSION, "header.version", message).toBuilder()
                        .setCurrentVersion(currentVersion)
                        .setCurrentDigest(currentDigest)
                        .build());
    }

    private static RegisterResult result(RegisterResult.Code code, RefusalReason reason, String field, String message) {
        return RegisterResult.newBuilder()
                .setCode(code)
                .setReason(reason)
                .setField(field)
                .setMessage(message)
                .build();
    }

    RegisterResult result() {
        return result;
    }
}
