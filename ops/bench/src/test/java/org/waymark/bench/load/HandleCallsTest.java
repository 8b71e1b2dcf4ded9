package org.waymark.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.SampleKeys;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordValue;
import org.waymark.v1.SignedRecord;

class HandleCallsTest {

    private static final int KEYS = 2;

    private final SampleKeys sample = SampleKeys.make(KEYS);
    private final HandleCalls calls = new HandleCalls(sample.records());

    /** What a node answers: the record's values, and what proves them. */
    private static byte[] answer(IdentifierRecord record, String data) throws Exception {
        byte[] handle = record.key().identifier().getBytes(StandardCharsets.UTF_8);
        ByteBuf out = Unpooled.buffer();
        out.writeZero(HandleCalls.ENVELOPE_BYTES + 24);
        out.setInt(HandleCalls.ENVELOPE_BYTES + 4, 1);
        out.writeInt(handle.length).writeBytes(handle).writeInt(record.values().size() + 1);
        for (RecordValue value : record.values()) {
            byte[] own = value.data().toByteArray();
            write(out, (int) value.index(), value.type(), data == null ? own : data.getBytes(StandardCharsets.UTF_8));
        }
        SignedRecord proof = SignedRecord.parseFrom(record.encoded()).toBuilder()
                .clearValues()
                .build();
        write(out, 400, "waymark.proof", proof.toByteArray());
        out.writeInt(0);
        out.setInt(HandleCalls.LENGTH_AT, out.readableBytes() - HandleCalls.ENVELOPE_BYTES);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    private static void write(ByteBuf out, int index, String type, byte[] data) {
        out.writeInt(index).writeZero(10);
        out.writeInt(type.length()).writeBytes(type.getBytes(StandardCharsets.US_ASCII));
        out.writeInt(data.length).writeBytes(data).writeInt(0);
    }

    private void compareWith(byte[]... answers) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> served = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    for (byte[] answer : answers) {
                        socket.getOutputStream().write(answer);
                    }
                    socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                    served.complete(null);
                } catch (Exception e) {
                    served.completeExceptionally(e);
                }
            });
            thread.setDaemon(true);
            thread.start();
            calls.compareAll(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
        }
    }

    @Test
    void answersThatHoldTheRecordAreCountedUnderTheirRequests() throws Exception {
        byte[] first = answer(sample.records().get(0), null);
        byte[] second = answer(sample.records().get(1), null);
        compareWith(first, second);
        Tally tally = new Tally();
        Conversation conversation =
                new HandleConversation(calls, KeySequence.inOrder(KEYS).from(0), KEYS, tally);
        ByteBuf sent = Unpooled.buffer();
        conversation.call(sent, 0);
        int firstId = sent.getInt(HandleCalls.REQUEST_ID_AT);

        ByteBuffer.wrap(first).putInt(HandleCalls.REQUEST_ID_AT, firstId);
        assertThat(conversation.read(Unpooled.wrappedBuffer(first, 0, first.length - 1)))
                .isZero();
        assertThat(conversation.read(Unpooled.wrappedBuffer(first))).isEqualTo(1);
        assertThat(tally.answers()).isEqualTo(1);

        conversation.call(sent.clear(), 0);
        ByteBuffer.wrap(first).putInt(HandleCalls.REQUEST_ID_AT, sent.getInt(HandleCalls.REQUEST_ID_AT));
        assertThatThrownBy(() -> conversation.read(Unpooled.wrappedBuffer(first)))
                .isInstanceOf(WrongAnswerException.class);
    }

    @Test
    void anAnswerThatIsNotTheSignedRecordIsFound() throws Exception {
        byte[] forged = answer(sample.records().get(0), "another");

        assertThatThrownBy(() -> compareWith(forged)).isInstanceOf(WrongAnswerException.class);
    }
}
