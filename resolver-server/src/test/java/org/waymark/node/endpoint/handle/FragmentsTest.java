package org.waymark.node.endpoint.handle;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FragmentsTest {

    private static final InetSocketAddress SENDER = new InetSocketAddress("192.0.2.1", 1_000);

    private final Fragments fragments = new Fragments();

    private static Envelope envelope(int requestId, int sequence, int length) {
        return new Envelope(0x020B, Envelope.TRUNCATED, 0, requestId, sequence, length);
    }

    private static ByteBuf bytes(int count) {
        return Unpooled.wrappedBuffer(new byte[count]);
    }

    @Property(tries = 200)
    void packetsInAnyOrderAndTwiceGiveTheMessage(
            @ForAll @IntRange(min = 1, max = Fragments.MOST_MESSAGE_BYTES) int length, @ForAll long seed) {
        Fragments parts = new Fragments();
        byte[] message = new byte[length];
        new Random(seed).nextBytes(message);
        int count = (length + Fragments.PAYLOAD_BYTES - 1) / Fragments.PAYLOAD_BYTES;
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count - 1; i++) {
            order.addAll(List.of(i, i));
        }
        Collections.shuffle(order, new Random(seed));
        order.add(count - 1);
        ByteBuf whole = null;
        for (int sequence : order) {
            assertThat(whole).isNull();
            int at = sequence * Fragments.PAYLOAD_BYTES;
            ByteBuf payload = Unpooled.wrappedBuffer(message, at, Math.min(Fragments.PAYLOAD_BYTES, length - at));
            whole = parts.add(SENDER, envelope(1, sequence, length), payload, 0);
        }

        assertThat(ByteBufUtil.getBytes(whole)).isEqualTo(message);
        assertThat(parts.waiting()).isZero();
    }

    @Test
    void whatDoesNotFitItsEnvelopeIsNotKept() {
        assertThat(fragments.add(SENDER, envelope(1, 0, 600), bytes(491), 0)).isNull();
        assertThat(fragments.add(SENDER, envelope(1, 2, 600), bytes(492), 0)).isNull();
        assertThat(fragments.add(SENDER, envelope(1, -1, 600), bytes(492), 0)).isNull();
        assertThat(fragments.add(SENDER, envelope(1, 0, Integer.MAX_VALUE), bytes(492), 0))
                .isNull();
        assertThat(fragments.add(SENDER, envelope(1, 0, -1), bytes(492), 0)).isNull();
        assertThat(fragments.waiting()).isZero();
    }

    @Test
    void oneSenderHoldsAFewAndAllTogetherABoundedNumber() {
        for (int i = 0; i < 100; i++) {
            fragments.add(SENDER, envelope(i, 0, 600), bytes(492), 0);
        }
        assertThat(fragments.waiting()).isEqualTo(8);
        for (int i = 0; i < 1_000; i++) {
            InetSocketAddress other = new InetSocketAddress("192.0." + i / 250 + "." + i % 250, 1);
            fragments.add(other, envelope(i, 0, 600), bytes(492), 0);
        }
        assertThat(fragments.waiting()).isEqualTo(256);
    }

    @Test
    void whatIsNotCompletedInTimeIsForgotten() {
        fragments.add(SENDER, envelope(1, 0, 600), bytes(492), 0);

        assertThat(fragments.add(SENDER, envelope(1, 1, 600), bytes(108), 6_000_000_000L))
                .isNull();
        assertThat(fragments.waiting()).isEqualTo(1);
    }
}
