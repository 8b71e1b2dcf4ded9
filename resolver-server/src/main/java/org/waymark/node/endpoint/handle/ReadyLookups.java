package org.waymark.node.endpoint.handle;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Clock;
import org.waymark.Limits;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.v1.Outcome;

/**
 * The short way of the common request: a resolution of all values of a plain identifier, over a connection without a session, whose
 * answer is ready in the near cache. It is answered from the bytes that brought it, without an object of its own. All else goes the
 * way of {@link Requests}, which gives the same bytes.
 *
 * <p>What came together is looked up together. For one event loop.
 */
final class ReadyLookups {

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

    private static final int MOST_MESSAGES = 128;
    private static final int MOST_BYTES = 16 * 1_024;
    private static final int NO_LOOKUP = -1;

    private static final int ENVELOPE_FLAGS = Envelope.COMPRESSED | Envelope.ENCRYPTED | Envelope.TRUNCATED;
    private static final int FLAGS_OF_THE_LONG_WAY =
            OpFlags.AUTHORITATIVE | OpFlags.CERTIFY | OpFlags.ENCRYPT | OpFlags.REQUEST_DIGEST;

    /** Of a body: the handle's length, and two counts. */
    private static final int LEAST_BODY_BYTES = 3 * Integer.BYTES;

    private final ReadyAnswers.Batch batch;
    private final Clock clock;
    private final RecordTranscoder transcoder = new RecordTranscoder();
    private final byte[] bytes = new byte[MOST_BYTES];
    private final byte[] keys = new byte[2 * MOST_BYTES + HandleNames.MOST_KEY_BYTES];
    private final byte[] record = new byte[Limits.PARTIAL_RECORD_BYTES];
    private final int[] ends = new int[MOST_MESSAGES];
    private final int[] lookups = new int[MOST_MESSAGES];
    private int messages;
    private int found;
    private int keysUsed;

    ReadyLookups(ReadyAnswers ready, Clock clock) {
        batch = ready.newBatch(MOST_MESSAGES);
        this.clock = clock;
    }

    /** Takes the whole messages at the beginning, as far as there is room, and looks up what can be; gives how many there are. */
    int take(ByteBuf in) {
        int available = Math.min(in.readableBytes(), MOST_BYTES);
        in.getBytes(in.readerIndex(), bytes, 0, available);
        batch.clear();
        messages = 0;
        found = 0;
        keysUsed = 0;
        for (int at = 0; messages < MOST_MESSAGES && available - at >= Envelope.BYTES; messages++) {
            int length = integer(at + Envelope.LENGTH_AT);
            if (length < 0 || length > available - at - Envelope.BYTES) {
                break;
            }
            int end = at + Envelope.BYTES + length;
            ends[messages] = end;
            lookups[messages] = addLookup(at, end) ? found++ : NO_LOOKUP;
            at = end;
        }
        batch.locate();
        return messages;
    }

    private int integer(int at) {
        return (int) INTS.get(bytes, at);
    }

    private int version(int at) {
        return (short) SHORTS.get(bytes, at) & 0xFFFF;
    }

    private boolean addLookup(int start, int end) {
        int header = start + Envelope.BYTES;
        int body = header + RequestDecoder.HEADER_BYTES;
        if (end - body < LEAST_BODY_BYTES
                || (bytes[start + Envelope.FLAGS_AT] & ENVELOPE_FLAGS) != 0
                || version(start) < Envelope.VERSION_2
                || version(start) > Envelope.VERSION_3 + 0xFF
                || integer(header) != OpCode.RESOLVE
                || (integer(header + RequestDecoder.FLAGS_AT) & FLAGS_OF_THE_LONG_WAY) != 0
                || (bytes[header + RequestDecoder.RECURSION_AT] & 0xFF) > RequestDecoder.MOST_RECURSIONS) {
            return false;
        }
        int bodyLength = integer(header + RequestDecoder.BODY_LENGTH_AT);
        int handleLength = integer(body);
        if (bodyLength < LEAST_BODY_BYTES
                || bodyLength > end - body
                || handleLength < 1
                || handleLength > bodyLength - LEAST_BODY_BYTES
                || keysUsed > 2 * MOST_BYTES) {
            return false;
        }
        int handle = body + Integer.BYTES;
        if (integer(handle + handleLength) != 0 || integer(handle + handleLength + Integer.BYTES) != 0) {
            return false;
        }
        int keyLength = HandleNames.encodePlainKey(bytes, handle, handleLength, keys, keysUsed);
        if (keyLength < 0) {
            return false;
        }
        batch.add(keys, keysUsed, keyLength);
        keysUsed += keyLength;
        return true;
    }

    private int start(int message) {
        return message == 0 ? 0 : ends[message - 1];
    }

    /** Bytes of a message with its envelope. */
    int length(int message) {
        return ends[message] - start(message);
    }

    /** Writes the answer to a message, and has it counted by {@link ConnectionMetrics#readyDone}; false, and nothing written, where none is ready. */
    boolean answer(int message, ByteBuf out, ConnectionMetrics metrics) {
        ByteBuffer payload = lookups[message] == NO_LOOKUP ? null : batch.payload(lookups[message]);
        if (payload == null || batch.outcome() != Outcome.RECORD || payload.remaining() > record.length) {
            return false;
        }
        int recordLength = payload.remaining();
        payload.get(record, 0, recordLength);
        int ttl = (int) Math.min(batch.lifeMillis() / 1_000, Integer.MAX_VALUE);
        if (!batch.isIntact()) {
            return false;
        }
        int envelope = start(message);
        int header = envelope + Envelope.BYTES;
        int body = header + RequestDecoder.HEADER_BYTES;
        int start = MessageWriter.begin(
                out,
                version(envelope),
                integer(envelope + Envelope.SESSION_AT),
                integer(envelope + Envelope.REQUEST_ID_AT),
                OpCode.RESOLVE,
                ResponseCode.SUCCESS,
                integer(header + RequestDecoder.FLAGS_AT),
                (short) SHORTS.get(bytes, header + RequestDecoder.SERIAL_AT),
                bytes[header + RequestDecoder.RECURSION_AT],
                clock.millis());
        out.writeBytes(bytes, body, Integer.BYTES + integer(body));
        if (transcoder.write(record, recordLength, ValueFilter.ALL, ttl, out) == RecordTranscoder.UNUSUAL) {
            out.writerIndex(start);
            return false;
        }
        MessageWriter.end(out, start);
        metrics.ready(Outcome.RECORD, batch.owner());
        return true;
    }
}
