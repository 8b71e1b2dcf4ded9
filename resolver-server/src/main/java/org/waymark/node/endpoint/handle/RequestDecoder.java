package org.waymark.node.endpoint.handle;

import com.google.protobuf.UnsafeByteOperations;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.waymark.Limits;
import org.waymark.node.endpoint.handle.HandleRequest.Refusal;
import org.waymark.node.endpoint.handle.HandleRequest.Task;

/**
 * Reads requests: header, body, and whatever follows, which is not looked at. Every length and every count is compared with what is
 * there before anything of that size is made. Whatever the bytes are, the result is a request; one that can't be carried out says
 * why.
 */
final class RequestDecoder {

    static final int HEADER_BYTES = 24;

    static final int FLAGS_AT = 8;
    static final int SERIAL_AT = 12;
    static final int RECURSION_AT = 14;
    static final int BODY_LENGTH_AT = 20;

    /** Servers that may have passed a request on before. */
    static final int MOST_RECURSIONS = 10;

    /** A type, and the "." that makes it stand for all that start with it. */
    private static final int TYPE_BYTES = Limits.VALUE_TYPE_BYTES + 1;

    /** Index, time, TTL with its type, permissions, and the lengths of type, data and references. */
    private static final int LEAST_VALUE_BYTES = 4 + 4 + 1 + 4 + 1 + 3 * Integer.BYTES;

    /** A hash's name, and a signature of RSA with 4,096 bits. */
    private static final int PROOF_BYTES = 1_024;

    private static final int UNKNOWN_SERIAL = 0xFFFF;

    private static final byte[] NO_BYTES = new byte[0];

    private final Envelope envelope;
    private final ByteBuf in;
    private final int end;
    private int at;

    private RequestDecoder(Envelope envelope, ByteBuf in, int at, int end) {
        this.envelope = envelope;
        this.in = in;
        this.at = at;
        this.end = end;
    }

    /**
     * Reads a whole message.
     *
     * @param message the bytes after the envelope; its indexes stay as they are
     */
    static HandleRequest decode(Envelope envelope, ByteBuf message) {
        int start = message.readerIndex();
        if (message.readableBytes() < HEADER_BYTES || envelope.has(Envelope.ENCRYPTED | Envelope.COMPRESSED)) {
            return unread(
                    envelope,
                    envelope.has(Envelope.ENCRYPTED)
                            ? new Refusal(ResponseCode.NOT_SUPPORTED, "encrypted sessions are not supported")
                            : envelope.has(Envelope.COMPRESSED)
                                    ? new Refusal(ResponseCode.NOT_SUPPORTED, "compressed messages are not supported")
                                    : malformed("the message has " + message.readableBytes() + " bytes; a header has "
                                            + HEADER_BYTES));
        }
        int body = start + HEADER_BYTES;
        int bodyLength = message.getInt(start + BODY_LENGTH_AT);
        int available = message.readableBytes() - HEADER_BYTES;
        boolean isWhole = bodyLength >= 0 && bodyLength <= available;
        int bodyEnd = body + (isWhole ? bodyLength : 0);
        return new RequestDecoder(envelope, message, body, bodyEnd)
                .request(
                        start,
                        isWhole
                                ? null
                                : malformed("the header says that the body has " + Integer.toUnsignedString(bodyLength)
                                        + " bytes, of which " + available + " are there"));
    }

    /** Stands for a message that is longer than a request may be. */
    static HandleRequest tooLarge(Envelope envelope, int most) {
        return unread(
                envelope,
                malformed("the message has " + Integer.toUnsignedString(envelope.messageLength()) + " bytes; at most "
                        + most + " are allowed"));
    }

    private static HandleRequest unread(Envelope envelope, Refusal refusal) {
        return new HandleRequest(
                envelope.version(),
                envelope.sessionId(),
                envelope.requestId(),
                0,
                0,
                UNKNOWN_SERIAL,
                0,
                NO_BYTES,
                ValueFilter.ALL,
                null,
                null,
                refusal);
    }

    private static Refusal malformed(String message) {
        return new Refusal(ResponseCode.PROTOCOL_ERROR, message);
    }

    private HandleRequest request(int start, Refusal cutOff) {
        int opCode = in.getInt(start);
        int flags = in.getInt(start + FLAGS_AT);
        int recursion = in.getUnsignedByte(start + RECURSION_AT);
        byte[] handle = NO_BYTES;
        ValueFilter filter = ValueFilter.ALL;
        Task task = null;
        Refusal refusal = cutOff == null ? refusal(opCode, flags, recursion) : cutOff;
        if (refusal == null && opCode != OpCode.SITE_INFO) {
            try {
                if (opCode == OpCode.CHALLENGE_ANSWER) {
                    task = challengeAnswer();
                } else {
                    handle = bytes("handle", Limits.IDENTIFIER_BYTES, ResponseCode.INVALID_IDENTIFIER);
                    if (opCode == OpCode.RESOLVE) {
                        filter = filter();
                    } else {
                        task = new Task.Change(edit(opCode, flags), digest("SHA-256", start));
                    }
                }
            } catch (RefusedException e) {
                refusal = e.refusal();
            }
        }
        return new HandleRequest(
                envelope.version(),
                envelope.sessionId(),
                envelope.requestId(),
                opCode,
                flags,
                in.getUnsignedShort(start + SERIAL_AT),
                recursion,
                handle,
                filter,
                // SHA-1 names the request here, as the protocol wants it; nothing is signed by it.
                (flags & OpFlags.REQUEST_DIGEST) == 0 ? null : digest("SHA-1", start),
                task,
                refusal);
    }

    private Refusal refusal(int opCode, int flags, int recursion) {
        if (envelope.version() < Envelope.VERSION_2 || envelope.version() > Envelope.VERSION_3 + 0xFF) {
            return malformed("versions 2 and 3 of the protocol are spoken, not " + (envelope.version() >>> 8));
        }
        if (!isKnown(opCode)) {
            return new Refusal(
                    ResponseCode.NOT_SUPPORTED,
                    "operation " + Integer.toUnsignedString(opCode) + " is not supported by this face; 1, 2, 100 to 104"
                            + " and 200 are");
        }
        if ((flags & OpFlags.MINT) != 0) {
            return new Refusal(
                    ResponseCode.NOT_SUPPORTED, "the node chooses no identifiers; the request has to name one");
        }
        if ((flags & OpFlags.ENCRYPT) != 0) {
            return new Refusal(ResponseCode.NOT_SUPPORTED, "encrypted answers are not supported");
        }
        if (recursion > MOST_RECURSIONS) {
            return new Refusal(
                    ResponseCode.RECURSION_LIMIT,
                    "the request was passed on " + recursion + " times; at most " + MOST_RECURSIONS + " are allowed");
        }
        return null;
    }

    private static boolean isKnown(int opCode) {
        return opCode == OpCode.RESOLVE
                || opCode == OpCode.SITE_INFO
                || opCode >= OpCode.CREATE && opCode <= OpCode.MODIFY_VALUES
                || opCode == OpCode.CHALLENGE_ANSWER;
    }

    private Edit edit(int opCode, int flags) throws RefusedException {
        return switch (opCode) {
            case OpCode.CREATE -> new Edit.Create(values(), (flags & OpFlags.OVERWRITE) != 0);
            case OpCode.ADD_VALUES -> new Edit.AddValues(values());
            case OpCode.MODIFY_VALUES -> new Edit.ModifyValues(values());
            case OpCode.REMOVE_VALUES -> {
                int[] indexes = new int[count("indexes", Integer.BYTES)];
                for (int i = 0; i < indexes.length; i++) {
                    indexes[i] = integer("indexes");
                }
                yield new Edit.RemoveValues(
                        Arrays.stream(indexes).mapToObj(Integer::toUnsignedLong).toList());
            }
            default -> new Edit.Delete();
        };
    }

    private List<EditedValue> values() throws RefusedException {
        List<EditedValue> values = new ArrayList<>();
        for (int i = count("values", LEAST_VALUE_BYTES); i > 0; i--) {
            values.add(value("values[" + values.size() + "]"));
        }
        return values;
    }

    private EditedValue value(String field) throws RefusedException {
        long index = Integer.toUnsignedLong(integer(field));
        // The time at which it was written is the node's to say.
        integer(field);
        int ttlType = octet(field);
        long ttl = Integer.toUnsignedLong(integer(field));
        int permissions = octet(field);
        String type = text(field + ".type", Limits.VALUE_TYPE_BYTES, ResponseCode.INVALID_VALUE);
        byte[] data = bytes(field + ".data", Limits.VALUE_DATA_BYTES, ResponseCode.INVALID_VALUE);
        int references = count(field + ".references", 2 * Integer.BYTES);
        for (int i = 0; i < references; i++) {
            bytes(field + ".references", Limits.IDENTIFIER_BYTES, ResponseCode.INVALID_VALUE);
            integer(field + ".references");
        }
        return new EditedValue(
                index, ttlType, ttl, permissions, type, UnsafeByteOperations.unsafeWrap(data), references > 0);
    }

    private Task challengeAnswer() throws RefusedException {
        String type = text("type", Limits.VALUE_TYPE_BYTES, ResponseCode.UNABLE_TO_AUTHENTICATE);
        byte[] keyHandle = bytes("key handle", Limits.IDENTIFIER_BYTES, ResponseCode.INVALID_ADMINISTRATOR);
        int keyIndex = integer("key index");
        return new Task.ChallengeAnswer(
                type, keyHandle, keyIndex, bytes("proof", PROOF_BYTES, ResponseCode.AUTHENTICATION_FAILED));
    }

    private int octet(String field) throws RefusedException {
        if (at >= end) {
            throw new RefusedException(
                    ResponseCode.PROTOCOL_ERROR,
                    "the body ends at offset " + (end - bodyStart()) + ", within " + field);
        }
        return in.getUnsignedByte(at++);
    }

    private ValueFilter filter() throws RefusedException {
        int[] indexes = new int[count("indexes", Integer.BYTES)];
        for (int i = 0; i < indexes.length; i++) {
            indexes[i] = integer("indexes");
        }
        byte[][] types = new byte[count("types", Integer.BYTES)][];
        for (int i = 0; i < types.length; i++) {
            types[i] = bytes("types[" + i + "]", TYPE_BYTES, ResponseCode.PROTOCOL_ERROR);
        }
        return indexes.length == 0 && types.length == 0 ? ValueFilter.ALL : new ValueFilter(indexes, types);
    }

    private int integer(String field) throws RefusedException {
        if (end - at < Integer.BYTES) {
            throw new RefusedException(
                    ResponseCode.PROTOCOL_ERROR,
                    "the body ends at offset " + (end - bodyStart()) + ", within " + field);
        }
        int integer = in.getInt(at);
        at += Integer.BYTES;
        return integer;
    }

    private int bodyStart() {
        return in.readerIndex() + HEADER_BYTES;
    }

    private int count(String field, int leastBytesEach) throws RefusedException {
        int count = integer(field);
        if (count < 0 || count > Limits.SELECTORS) {
            throw new RefusedException(
                    ResponseCode.PROTOCOL_ERROR,
                    field + " has " + Integer.toUnsignedString(count) + " entries; at most " + Limits.SELECTORS
                            + " are allowed");
        }
        if (count > (end - at) / leastBytesEach) {
            throw new RefusedException(
                    ResponseCode.PROTOCOL_ERROR, field + " has " + count + " entries, more than the body holds");
        }
        return count;
    }

    private byte[] bytes(String field, int most, ResponseCode ifTooLong) throws RefusedException {
        int length = integer(field);
        if (length < 0 || length > end - at) {
            throw new RefusedException(
                    ResponseCode.PROTOCOL_ERROR,
                    field + " has " + Integer.toUnsignedString(length) + " bytes, of which " + (end - at)
                            + " are there");
        }
        if (length > most) {
            throw new RefusedException(
                    ifTooLong, field + " has " + length + " bytes; at most " + most + " are allowed");
        }
        byte[] bytes = new byte[length];
        in.getBytes(at, bytes);
        at += length;
        return bytes;
    }

    private String text(String field, int most, ResponseCode ifTooLong) throws RefusedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes(field, most, ifTooLong)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new RefusedException(ifTooLong, field + " is no UTF-8");
        }
    }

    private byte[] digest(String hash, int start) {
        try {
            MessageDigest digest = MessageDigest.getInstance(hash);
            ByteBuffer bytes = in.nioBuffer(start, end - start);
            digest.update(bytes);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1 and SHA-256", e);
        }
    }
}
