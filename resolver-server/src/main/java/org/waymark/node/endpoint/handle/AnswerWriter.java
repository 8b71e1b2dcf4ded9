package org.waymark.node.endpoint.handle;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.ByteBuf;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.v1.AnswerDetail;

/** Writes what the chain answered as a message of this protocol. Safe for use by many threads. */
final class AnswerWriter {

    /** From this version on clients know a prefix referral; before, its number meant something else. */
    private static final int PREFIX_REFERRAL_SINCE = 2 << 8 | 5;

    private final Clock clock;
    private final Supplier<ByteString> ownSite;

    /**
     * @param ownSite the encoded site of this node
     */
    AnswerWriter(Clock clock, Supplier<ByteString> ownSite) {
        this.clock = clock;
        this.ownSite = ownSite;
    }

    /** Writes the answer to a resolution. */
    void answer(ByteBuf out, HandleRequest request, StoredAnswer answer) {
        int start = out.writerIndex();
        try {
            write(out, request, answer);
        } catch (InvalidRecordException | InvalidProtocolBufferException e) {
            out.writerIndex(start);
            error(out, request, ResponseCode.ERROR, "the node holds an answer that it can't read");
        }
    }

    private void write(ByteBuf out, HandleRequest request, StoredAnswer answer) throws InvalidProtocolBufferException {
        switch (answer.outcome()) {
            case RECORD -> record(out, request, answer);
            case RECORD_REVOKED ->
                error(
                        out,
                        request,
                        ResponseCode.NOT_FOUND,
                        "the record was revoked, or the key or the prefix that it hangs on");
            case REFERRAL -> referral(out, request, answer);
            case NOT_FOUND -> error(out, request, ResponseCode.NOT_FOUND, message(answer));
            case NOT_RESPONSIBLE -> error(out, request, ResponseCode.NOT_RESPONSIBLE, message(answer));
            case INVALID_IDENTIFIER -> error(out, request, ResponseCode.INVALID_IDENTIFIER, message(answer));
            case BUSY -> error(out, request, ResponseCode.BUSY, message(answer));
            default -> error(out, request, ResponseCode.ERROR, message(answer));
        }
    }

    private static String message(StoredAnswer answer) throws InvalidProtocolBufferException {
        return AnswerDetail.parseFrom(answer.payload()).getMessage();
    }

    void error(ByteBuf out, HandleRequest request, ResponseCode code, String message) {
        MessageWriter.error(out, request, code, message, clock.millis());
    }

    /** Writes the answer to a request for site information. */
    void siteInfo(ByteBuf out, HandleRequest request) {
        int start = MessageWriter.begin(out, request, ResponseCode.SUCCESS, clock.millis());
        out.writeBytes(ownSite.get().asReadOnlyByteBuffer());
        MessageWriter.end(out, start);
    }

    /**
     * Writes what became of an administrator's request.
     *
     * @param request the last message of it
     */
    void administration(ByteBuf out, HandleRequest request, Administration.Result result) {
        if (result instanceof Administration.Result.Challenge challenge) {
            MessageWriter.challenge(
                    out, request, challenge.sessionId(), challenge.digest(), challenge.nonce(), clock.millis());
        } else if (result instanceof Administration.Result.Done done) {
            int start = MessageWriter.begin(out, request.as(done.opCode()), ResponseCode.SUCCESS, clock.millis());
            if (done.opCode() == OpCode.CREATE) {
                MessageWriter.bytes(out, done.handle());
            }
            MessageWriter.end(out, start);
        } else if (result instanceof Administration.Result.Refused refused) {
            error(out, request.as(refused.opCode()), refused.code(), refused.message());
        } else if (result instanceof Administration.Result.Elsewhere elsewhere) {
            answer(out, request, elsewhere.answer());
        }
    }

    private void record(ByteBuf out, HandleRequest request, StoredAnswer answer) {
        long now = clock.millis();
        int ttl = (int) Math.min(answer.lifeMillis(now) / 1_000, Integer.MAX_VALUE);
        // What has expired is never kept, and these clients would not notice.
        if (ttl == 0 && parse(answer).isExpired(now)) {
            error(out, request, ResponseCode.NOT_FOUND, "the record has expired");
            return;
        }
        ValueFilter filter = request.filter();
        int start = MessageWriter.begin(out, request, ResponseCode.SUCCESS, now);
        MessageWriter.bytes(out, request.handle());
        int valuesAt = out.writerIndex();
        boolean isItem = !isPrefixQuery(request);
        int count = isItem && !filter.mayPickProof()
                ? new RecordTranscoder().write(answer.payload(), answer.payload().length, filter, ttl, out)
                : RecordTranscoder.UNUSUAL;
        if (count == RecordTranscoder.UNUSUAL) {
            out.writerIndex(valuesAt);
            IdentifierRecord record = parse(answer);
            List<HandleValue> values = HandleValues.of(record, filter, ownSite.get());
            count = values.size();
            out.writeInt(count);
            int timestamp = (int) (record.issuedAt() / 1_000);
            values.forEach(value -> value.write(out, timestamp, ttl));
        }
        if (count == 0) {
            out.writerIndex(start);
            error(
                    out,
                    request,
                    ResponseCode.VALUES_NOT_FOUND,
                    "the record has no value with one of these indexes or types that everybody may read");
        } else {
            MessageWriter.end(out, start);
        }
    }

    private static IdentifierRecord parse(StoredAnswer answer) {
        return IdentifierRecord.parse(ByteString.copyFrom(answer.payload()));
    }

    private static boolean isPrefixQuery(HandleRequest request) {
        return HandleNames.isPrefixQuery(request.handle());
    }

    private void referral(ByteBuf out, HandleRequest request, StoredAnswer answer) {
        IdentifierRecord prefix = parse(answer);
        RecordKey key = prefix.key();
        if (request.has(OpFlags.NO_REFERRAL)) {
            error(out, request, ResponseCode.NOT_RESPONSIBLE, key + " is served by a node of its own");
            return;
        }
        long now = clock.millis();
        boolean isPrefixReferral = isPrefixQuery(request) && request.version() >= PREFIX_REFERRAL_SINCE;
        List<HandleValue> sites = HandleValues.sites(prefix);
        int start = MessageWriter.begin(
                out, request, isPrefixReferral ? ResponseCode.PREFIX_REFERRAL : ResponseCode.SERVICE_REFERRAL, now);
        // The protocol has either a name to look sites up by, or the sites.
        MessageWriter.text(out, sites.isEmpty() ? HandleNames.prefixQuery(key) : "");
        out.writeInt(sites.size());
        int timestamp = (int) (prefix.issuedAt() / 1_000);
        int ttl = (int) (answer.lifeMillis(now) / 1_000);
        sites.forEach(site -> site.write(out, timestamp, ttl));
        MessageWriter.end(out, start);
    }
}
