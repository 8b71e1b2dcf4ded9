package org.waymark.bench.data;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;
import org.waymark.v1.ResolveRequest;

/** Look-ups of parts that nobody has registered, none of them twice. Safe for use by many threads. */
public final class UnknownNames {

    private static final int DIGITS = 12;

    private final byte[] template;
    private final int digitsAt;
    private final AtomicLong next = new AtomicLong();

    public UnknownNames(Prefix owner) {
        String first = owner.canonical() + "/NOBODY" + "0".repeat(DIGITS);
        Identifier identifier = Identifier.parse(owner.scheme(), first);
        RecordKey key = RecordKey.of(RecordKind.ITEM, identifier.scheme(), identifier.canonical());
        template = ResolveRequest.newBuilder().setKey(key.toProto()).build().toByteArray();
        digitsAt = ByteString.copyFrom(template)
                .toString(StandardCharsets.ISO_8859_1)
                .indexOf("0".repeat(DIGITS));
    }

    /** Bytes of every encoded {@code ResolveRequest}. */
    public int requestBytes() {
        return template.length;
    }

    /** The encoded {@code ResolveRequest} of the next name. */
    public byte[] nextRequest() {
        byte[] request = Arrays.copyOf(template, template.length);
        long number = next.getAndIncrement();
        for (int at = digitsAt + DIGITS - 1; number > 0; at--) {
            request[at] = (byte) ('0' + number % 10);
            number /= 10;
        }
        return request;
    }
}
