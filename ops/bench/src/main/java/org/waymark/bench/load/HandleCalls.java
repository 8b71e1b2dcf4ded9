package org.waymark.bench.load;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.waymark.record.IdentifierRecord;
import org.waymark.v1.SignedRecord;
import org.waymark.v1.Value;

/**
 * Resolutions in the binary protocol of Handle servers (RFC 3652, version 2.11), encoded beforehand, and what each answer must be. Before
 * a load {@link #compareAll} has each answered once and puts the signed record together from it; under load an answer has to name the
 * handle and to be as long as that one.
 */
public final class HandleCalls {

    static final int ENVELOPE_BYTES = 20;
    static final int FLAGS_AT = 2;
    static final int REQUEST_ID_AT = 8;
    static final int SEQUENCE_AT = 12;
    static final int LENGTH_AT = 16;

    private static final int CODE_AT = ENVELOPE_BYTES + 4;
    private static final int BODY_AT = ENVELOPE_BYTES + 24;
    private static final int SUCCESS = 1;
    private static final int VERSION = 0x020B_020B;
    /** Keep the connection open; values that everybody may read are enough. */
    private static final int FLAGS = 0x0300_0000;

    private static final int NO_SITE = 0xFFFF_0000;
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int INDEX_OF_TYPE = 14;
    private static final String PROOF = "waymark.proof";

    private final byte[][] requests;
    private final byte[][] handles;
    private final int[] answerBytes;
    private final List<IdentifierRecord> records;

    /** Calls for these records. */
    public HandleCalls(List<IdentifierRecord> records) {
        this.records = List.copyOf(records);
        requests = new byte[records.size()][];
        handles = new byte[records.size()][];
        answerBytes = new int[records.size()];
        for (int i = 0; i < requests.length; i++) {
            handles[i] = records.get(i).key().identifier().getBytes(StandardCharsets.UTF_8);
            requests[i] = request(handles[i]);
        }
    }

    private static byte[] request(byte[] handle) {
        int bodyBytes = handle.length + 3 * Integer.BYTES;
        ByteBuffer message = ByteBuffer.allocate(BODY_AT + bodyBytes + Integer.BYTES);
        message.putInt(VERSION).putInt(0).putInt(0).putInt(0).putInt(message.capacity() - ENVELOPE_BYTES);
        message.putInt(1).putInt(0).putInt(FLAGS).putInt(NO_SITE).putInt(0).putInt(bodyBytes);
        message.putInt(handle.length).put(handle).putInt(0).putInt(0);
        return message.putInt(0).array();
    }

    /**
     * Makes each call once over TCP, and compares the answer with its record.
     *
     * @throws WrongAnswerException if one does not hold the record as it was signed
     */
    public void compareAll(InetSocketAddress node) throws IOException {
        try (Socket socket = new Socket(node.getAddress(), node.getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            for (int i = 0; i < requests.length; i++) {
                socket.getOutputStream().write(requests[i]);
                byte[] envelope = in.readNBytes(ENVELOPE_BYTES);
                answerBytes[i] = ByteBuffer.wrap(envelope).getInt(LENGTH_AT);
                byte[] rest = in.readNBytes(answerBytes[i]);
                if (!recordIn(rest).equals(records.get(i).encoded())) {
                    throw new WrongAnswerException(
                            "not the record " + records.get(i).key());
                }
            }
        }
    }

    /** Puts the record together, as resolver-server/README.md says. */
    private static ByteString recordIn(byte[] message) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(message).position(BODY_AT - ENVELOPE_BYTES);
        in.position(in.position() + Integer.BYTES + in.getInt(in.position()));
        SignedRecord.Builder record = SignedRecord.newBuilder();
        SignedRecord proof = SignedRecord.getDefaultInstance();
        for (int count = in.getInt(); count > 0; count--) {
            int index = in.getInt(in.position());
            in.position(in.position() + INDEX_OF_TYPE);
            String type = new String(bytes(in), StandardCharsets.UTF_8);
            byte[] data = bytes(in);
            in.getInt();
            if (type.equals(PROOF)) {
                proof = SignedRecord.parseFrom(data);
            } else {
                record.addValues(Value.newBuilder()
                        .setIndex(index)
                        .setType(type)
                        .setData(ByteString.copyFrom(data))
                        .build()
                        .toByteString());
            }
        }
        return record.mergeFrom(proof).build().toByteString();
    }

    private static byte[] bytes(ByteBuffer in) {
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        return bytes;
    }

    int size() {
        return requests.length;
    }

    /** Writes the request for a key. */
    void write(ByteBuf out, int key, int requestId) {
        int start = out.writerIndex();
        out.writeBytes(requests[key]);
        out.setInt(start + REQUEST_ID_AT, requestId);
    }

    /**
     * Checks an answer's first packet, or the whole of it.
     *
     * @param at where its envelope is
     */
    void check(ByteBuf in, int at, int key) {
        byte[] handle = handles[key];
        boolean isRight = in.getInt(at + LENGTH_AT) == answerBytes[key]
                && in.getInt(at + CODE_AT) == SUCCESS
                && in.getInt(at + BODY_AT) == handle.length;
        for (int i = 0; isRight && i < handle.length; i++) {
            isRight = in.getByte(at + BODY_AT + Integer.BYTES + i) == handle[i];
        }
        if (!isRight) {
            throw new WrongAnswerException("code " + in.getInt(at + CODE_AT) + " and " + in.getInt(at + LENGTH_AT)
                    + " bytes for " + records.get(key).key() + ", not code 1 and " + answerBytes[key]);
        }
    }
}
