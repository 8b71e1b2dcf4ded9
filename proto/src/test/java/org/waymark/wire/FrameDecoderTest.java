package org.waymark.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.Limits;

class FrameDecoderTest {

    private static EmbeddedChannel channel() {
        return new EmbeddedChannel(new FrameDecoder(Limits.FRAME_BYTES));
    }

    private static byte[] frame(int requestId, byte[] payload) {
        ByteBuf buffer = Unpooled.buffer();
        FrameHeader.request(FrameType.RESOLVE, requestId).write(buffer, payload.length);
        buffer.writeBytes(payload);
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }

    private static ByteBuf direct(byte[] bytes) {
        return Unpooled.directBuffer(bytes.length).writeBytes(bytes);
    }

    @Property(tries = 200)
    void framesComeOutHoweverTheBytesAreCut(@ForAll @IntRange(max = 12) int frames, @ForAll long seed) {
        Random random = new Random(seed);
        List<byte[]> payloads = new ArrayList<>();
        ByteBuf stream = Unpooled.buffer();
        for (int i = 0; i < frames; i++) {
            byte[] payload = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(3_000)];
            random.nextBytes(payload);
            payloads.add(payload);
            stream.writeBytes(frame(i, payload));
        }
        EmbeddedChannel channel = channel();
        List<ByteBuf> written = new ArrayList<>();
        while (stream.isReadable()) {
            int most = random.nextBoolean() ? 8 : 2_000;
            byte[] piece = new byte[Math.min(stream.readableBytes(), 1 + random.nextInt(most))];
            stream.readBytes(piece);
            ByteBuf buffer = direct(piece);
            written.add(buffer);
            channel.writeInbound(buffer);
        }

        List<Frame> received = new ArrayList<>();
        for (Frame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            received.add(frame);
        }
        assertThat(received).hasSize(frames);
        for (int i = 0; i < frames; i++) {
            Frame frame = received.get(i);
            assertThat(frame.header()).isEqualTo(FrameHeader.request(FrameType.RESOLVE, i));
            assertThat(frame.payload()).isEqualTo(payloads.get(i));
            assertThat(frame.release()).isNotNull();
        }
        channel.finishAndReleaseAll();
        assertThat(written).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @Test
    void aFrameHoldsItsBytesUntilItIsReleased() {
        EmbeddedChannel channel = channel();
        ByteBuf bytes = direct(frame(1, new byte[] {1, 2, 3}));
        channel.writeInbound(bytes);
        Frame frame = channel.readInbound();

        assertThat(bytes.refCnt()).isEqualTo(1);
        assertThat(frame.payload()).containsExactly(1, 2, 3);
        assertThat(frame.payload()).containsExactly(1, 2, 3);
        assertThat(frame.release()).isTrue();
        assertThat(bytes.refCnt()).isZero();
        channel.finishAndReleaseAll();
    }

    @Test
    void anUnfinishedFrameIsReleasedWithTheConnection() {
        EmbeddedChannel channel = channel();
        byte[] whole = frame(1, new byte[100]);
        ByteBuf cut = direct(Arrays.copyOf(whole, whole.length - 1));
        channel.writeInbound(cut);

        assertThat(channel.<Frame>readInbound()).isNull();
        assertThat(cut.refCnt()).isEqualTo(1);
        channel.finishAndReleaseAll();
        assertThat(cut.refCnt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 19, -1, Integer.MIN_VALUE, -1_000})
    void aLengthBelowTheHeaderIsCorrupt(int length) {
        EmbeddedChannel channel = channel();
        ByteBuf bytes = Unpooled.directBuffer().writeInt(length);

        assertThatExceptionOfType(CorruptedFrameException.class)
                .isThrownBy(() -> channel.writeInbound(bytes))
                .withMessageContaining(Integer.toUnsignedString(length))
                .withMessageContaining("at least 20");
        assertSilentFromHereOn(channel, bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {Limits.FRAME_BYTES + 1, Integer.MAX_VALUE})
    void aLengthAboveTheLimitIsRefusedOnItsFourBytesAlone(int length) {
        EmbeddedChannel channel = channel();
        ByteBuf bytes = Unpooled.directBuffer(Integer.BYTES).writeInt(length);

        assertThatExceptionOfType(TooLongFrameException.class)
                .isThrownBy(() -> channel.writeInbound(bytes))
                .withMessageContaining("at most " + Limits.FRAME_BYTES);
        assertThat(bytes.capacity()).isEqualTo(Integer.BYTES);
        assertSilentFromHereOn(channel, bytes);
    }

    /** After a bad length nobody knows where the next frame begins. */
    private static void assertSilentFromHereOn(EmbeddedChannel channel, ByteBuf first) {
        ByteBuf good = direct(frame(1, new byte[10]));
        channel.writeInbound(good);

        assertThat(channel.<Frame>readInbound()).isNull();
        channel.finishAndReleaseAll();
        assertThat(first.refCnt()).isZero();
        assertThat(good.refCnt()).isZero();
    }

    @Test
    void framesBeforeABadLengthComeOut() {
        EmbeddedChannel channel = channel();
        ByteBuf bytes = direct(frame(1, new byte[10])).writeInt(5);

        assertThatExceptionOfType(CorruptedFrameException.class).isThrownBy(() -> channel.writeInbound(bytes));
        Frame frame = channel.readInbound();
        assertThat(frame.header().requestId()).isEqualTo(1);
        frame.release();
        channel.finishAndReleaseAll();
        assertThat(bytes.refCnt()).isZero();
    }

    @Test
    void theLargestAndTheSmallestFrameAreRead() {
        EmbeddedChannel channel = channel();
        int largest = Limits.FRAME_BYTES - FrameHeader.BYTES_AFTER_LENGTH;
        for (int size : new int[] {0, largest}) {
            channel.writeInbound(direct(frame(1, new byte[size])));
            Frame frame = channel.readInbound();
            assertThat(frame.content().readableBytes()).isEqualTo(size);
            frame.release();
        }
        channel.finishAndReleaseAll();
    }

    @Test
    void aLowerLimitHolds() {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(30));
        channel.writeInbound(direct(frame(1, new byte[10])));
        Frame frame = channel.readInbound();
        assertThat(frame.release()).isTrue();

        assertThatExceptionOfType(TooLongFrameException.class)
                .isThrownBy(() -> channel.writeInbound(direct(frame(2, new byte[11]))));
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 19, Limits.FRAME_BYTES + 1})
    void aLimitOutOfBoundsIsRefused(int limit) {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new FrameDecoder(limit));
    }

    @Test
    void anUnknownTypeIsLeftToTheReceiver() {
        EmbeddedChannel channel = channel();
        byte[] bytes = frame(1, new byte[0]);
        bytes[4] = 99;
        channel.writeInbound(direct(bytes));
        Frame frame = channel.readInbound();

        assertThat(frame.header().type()).isNull();
        frame.release();
        channel.finishAndReleaseAll();
    }

    @Test
    void aCopyOfAFrameIsEqual() {
        Frame frame = new Frame(
                FrameHeader.request(FrameType.INFO, 1), Unpooled.buffer().writeInt(7));
        Frame copy = (Frame) frame.copy();

        assertThat(copy).isEqualTo(frame).hasSameHashCodeAs(frame);
        assertThat(frame.replace(Unpooled.EMPTY_BUFFER)).isNotEqualTo(frame);
        copy.release();
        frame.release();
    }
}
