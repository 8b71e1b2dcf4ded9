package org.waymark.node.endpoint.handle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.v1.Outcome;
import org.waymark.wire.AnswerSource;

class UdpFaceTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private DatagramSocket socket;

    @BeforeEach
    void open() throws Exception {
        socket = new DatagramSocket();
        socket.setSoTimeout(10_000);
    }

    @AfterEach
    void close() {
        socket.close();
    }

    private void send(TestFace face, byte[] packet) throws Exception {
        socket.send(new DatagramPacket(packet, packet.length, face.address()));
    }

    private byte[] receive() throws Exception {
        DatagramPacket packet = new DatagramPacket(new byte[2_048], 2_048);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static int integer(byte[] packet, int at) {
        return ByteBuffer.wrap(packet).getInt(at);
    }

    private static Answer large(int bytes) {
        IdentifierRecord record = TestFace.PARTIES.maker.sign(
                TestFace.PARTIES.maker.emptyItemDraft("LARGE").value(1, "text", "x".repeat(bytes)));
        StoredAnswer answer = new StoredAnswer(
                Outcome.RECORD, record.encoded().toByteArray(), 1, Long.MAX_VALUE, TestFace.ANSWER.owner());
        return Answer.of(answer, AnswerSource.NEAR_CACHE);
    }

    @Test
    void aShortAnswerIsOnePacketAndALongerOneIsSeveral() throws Exception {
        try (TestFace face = new TestFace(TestFace.usual())) {
            send(face, Messages.GOLDEN_REQUEST);
            byte[] whole = receive();
            assertThat(integer(whole, Envelope.LENGTH_AT)).isEqualTo(whole.length - Envelope.BYTES);
            assertThat(whole[Envelope.FLAGS_AT] & Envelope.TRUNCATED).isZero();

            face.onResolve(query -> CompletableFuture.completedFuture(large(500)));
            send(face, Messages.GOLDEN_REQUEST);
            byte[] first = receive();
            byte[] second = receive();
            assertThat(first).hasSize(512);
            assertThat(integer(first, Envelope.SEQUENCE_AT)).isZero();
            assertThat(integer(second, Envelope.SEQUENCE_AT)).isEqualTo(1);
            assertThat(integer(first, Envelope.LENGTH_AT)).isEqualTo(492 + second.length - Envelope.BYTES);
            assertThat(first[Envelope.FLAGS_AT] & Envelope.TRUNCATED).isNotZero();
        }
    }

    @Test
    void anAnswerOverTheLimitIsOnlyBegun() throws Exception {
        try (TestFace face = new TestFace(TestFace.usual())) {
            face.onResolve(query -> CompletableFuture.completedFuture(large(5_000)));
            send(face, Messages.GOLDEN_REQUEST);

            byte[] begun = receive();

            assertThat(begun).hasSize(Envelope.BYTES);
            assertThat(begun[Envelope.FLAGS_AT] & Envelope.TRUNCATED).isNotZero();
            assertThat(integer(begun, Envelope.REQUEST_ID_AT)).isEqualTo(0x30AA_E4BB);
            assertThat(integer(begun, Envelope.LENGTH_AT)).isGreaterThan(5_000);
        }
    }

    @Test
    void oneAddressGetsNoMoreThanItsShare() throws Exception {
        int rate = 4_096;
        try (TestFace face = new TestFace(TestFace.options(10, 10, MINUTE, MINUTE, MINUTE, rate))) {
            long since = System.nanoTime();
            for (int i = 0; i < 500; i++) {
                send(face, Messages.GOLDEN_REQUEST);
            }
            socket.setSoTimeout(500);
            long received = 0;
            long last = since;
            try {
                while (true) {
                    received += receive().length;
                    last = System.nanoTime();
                }
            } catch (SocketTimeoutException e) {
                assertThat(received).isBetween(1_000L, rate + rate * (last - since) / 1_000_000_000L + rate / 4);
            }
        }
    }

    @Test
    void whatCanBeNoRequestIsNotAnswered() throws Exception {
        try (TestFace face = new TestFace(TestFace.usual())) {
            byte[] tooLong = Messages.GOLDEN_REQUEST.clone();
            ByteBuffer.wrap(tooLong).putInt(Envelope.LENGTH_AT, 1_000);
            byte[] negative = Messages.GOLDEN_REQUEST.clone();
            ByteBuffer.wrap(negative).putInt(Envelope.LENGTH_AT, -1);
            for (byte[] packet : new byte[][] {new byte[0], new byte[19], new byte[43], tooLong, negative}) {
                send(face, packet);
            }
            socket.setSoTimeout(300);
            assertThatThrownBy(this::receive).isInstanceOf(SocketTimeoutException.class);

            socket.setSoTimeout(10_000);
            send(face, Messages.GOLDEN_REQUEST);
            assertThat(integer(receive(), Envelope.REQUEST_ID_AT)).isEqualTo(0x30AA_E4BB);
        }
    }
}
