package org.waymark.node.endpoint.http;

import com.google.protobuf.ByteString;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResult;

/** One record of an upload: its bytes, or why there are none. */
sealed interface Offered {

    record Record(ByteString encoded) implements Offered {}

    /** It could not be read, though those around it can. */
    record Unreadable(RegisterResult result) implements Offered {

        static Unreadable at(String field, String message) {
            return new Unreadable(refusal(field, message));
        }
    }

    static RegisterResult refusal(String field, String message) {
        return RegisterResult.newBuilder()
                .setCode(RegisterResult.Code.INVALID)
                .setReason(RefusalReason.MALFORMED_RECORD)
                .setField(field)
                .setMessage(message)
                .build();
    }
}
