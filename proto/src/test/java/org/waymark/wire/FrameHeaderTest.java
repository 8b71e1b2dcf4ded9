package org.waymark.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.waymark.v1.Outcome;

class FrameHeaderTest {

    @Property(tries = 500)
    void aHeaderIsReadAsItWasWritten(
            @ForAll FrameType type,
            @ForAll @IntRange(max = 255) int flags,
            @ForAll @IntRange(max = 255) int outcome,
            @ForAll @IntRange(max = 255) int source,
            @ForAll int requestId,
            @ForAll int item,
            @ForAll int lifeMillis,
            @ForAll @IntRange(max = 1_000_000) int payloadBytes) {
        int version = requestId ^ item;
        FrameHeader header = new FrameHeader(type, flags, outcome, source, requestId, item, lifeMillis, version);
        ByteBuf buffer = Unpooled.buffer();
        header.write(buffer, payloadBytes);

        assertThat(buffer.readableBytes()).isEqualTo(FrameHeader.BYTES);
        assertThat(buffer.readInt()).isEqualTo(20 + payloadBytes);
        assertThat(FrameHeader.read(buffer)).isEqualTo(header);
        assertThat(buffer.isReadable()).isFalse();
    }

    @Property(tries = 200)
    void anAnswersHeaderIsReadAsItWasWritten(
            @ForAll @IntRange(max = 7) int flags,
            @ForAll @IntRange(min = 1, max = 8) int outcome,
            @ForAll AnswerSource source,
            @ForAll int requestId,
            @ForAll int item,
            @ForAll int lifeMillis) {
        ByteBuf buffer = Unpooled.buffer();
        FrameHeader.writeAnswer(buffer, 5, flags, Outcome.forNumber(outcome), source, requestId, item, lifeMillis);

        assertThat(buffer.readInt()).isEqualTo(25);
        assertThat(FrameHeader.read(buffer))
                .isEqualTo(new FrameHeader(
                        FrameType.ANSWER, flags, outcome, source.code(), requestId, item, lifeMillis, 0));
    }

    @Test
    void everyFieldHasItsPlace() {
        ByteBuf buffer = Unpooled.buffer();
        new FrameHeader(FrameType.ANSWER, 0x05, 0x02, 0x03, 0x01020304, 0x05060708, 0x090A0B0C, 0x0D0E0F10)
                .write(buffer, 0x100);

        assertThat(ByteBufUtil.hexDump(buffer)).isEqualTo("00000114050502030102030405060708090a0b0c0d0e0f10");
    }

    @Property(tries = 300)
    void anyTwentyBytesAreAHeader(@ForAll int word, @ForAll int rest) {
        ByteBuf buffer = Unpooled.buffer()
                .writeInt(word)
                .writeInt(rest)
                .writeInt(rest)
                .writeInt(rest)
                .writeInt(rest);
        FrameHeader header = FrameHeader.read(buffer);

        int code = word >>> 24;
        assertThat(header.type()).isEqualTo(FrameType.ofCode(code));
        assertThat(header.flags()).isEqualTo(word >> 16 & 0xFF);
        assertThat(header.outcome()).isEqualTo(word >> 8 & 0xFF);
        assertThat(header.source()).isEqualTo(word & 0xFF);
    }

    @Test
    void codesLeadToTheirTypes() {
        for (FrameType type : FrameType.values()) {
            assertThat(FrameType.ofCode(type.code())).isSameAs(type);
        }
        for (int code : new int[] {-1, 0, 18, 19, 22, 255}) {
            assertThat(FrameType.ofCode(code)).isNull();
        }
        for (AnswerSource source : AnswerSource.values()) {
            assertThat(AnswerSource.ofCode(source.code())).isSameAs(source);
        }
        for (int code : new int[] {-1, 5, 255}) {
            assertThat(AnswerSource.ofCode(code)).isSameAs(AnswerSource.NONE);
        }
    }

    @Test
    void flagsAreAddedOneByOne() {
        FrameHeader header = FrameHeader.request(FrameType.RESOLVE, 7)
                .with(FrameHeader.AUTHORITATIVE)
                .with(FrameHeader.LAST)
                .with(FrameHeader.LAST);

        assertThat(header.flags()).isEqualTo(0x05);
        assertThat(header.has(FrameHeader.AUTHORITATIVE)).isTrue();
        assertThat(header.has(FrameHeader.STALE)).isFalse();
        assertThat(header.has(FrameHeader.LAST)).isTrue();
        assertThat(header.requestId()).isEqualTo(7);
        assertThat(FrameHeader.greeting(FrameType.HELLO, FrameHeader.PROTOCOL_VERSION)
                        .version())
                .isEqualTo(1);
    }
}
