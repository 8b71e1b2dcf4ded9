package org.waymark.bench.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.waymark.v1.ResolveRequest;

class KeyTableTest {

    private final SampleKeys sample = SampleKeys.make(4);
    private final KeyTable table = sample.table();

    @Test
    void theRequestAsksForTheRecord() throws Exception {
        ByteBuf out = Unpooled.buffer();
        table.writeRequest(out, 1);
        ResolveRequest wanted = ResolveRequest.newBuilder()
                .setKey(sample.records().get(1).key().toProto())
                .build();
        assertThat(ResolveRequest.parseFrom(ByteBufUtil.getBytes(out))).isEqualTo(wanted);
        assertThat(table.recordKey(1)).isEqualTo(sample.records().get(1).key().encoded());
        assertThat(table.identifier(1)).isEqualTo(sample.records().get(1).key().identifier());
    }

    @Test
    void aRecordIsToldFromAnotherOfTheSameLength() {
        ByteBuf in = Unpooled.wrappedBuffer(sample.record(1));
        assertThat(sample.record(2)).hasSize(in.readableBytes());
        assertThat(table.isRecord(in, 0, in.readableBytes(), 1)).isTrue();
        assertThat(table.isRecord(in, 0, in.readableBytes(), 2)).isFalse();
    }

    @Test
    void aRecordOfAnotherLengthIsNone() {
        ByteBuf in = Unpooled.wrappedBuffer(sample.record(1));
        assertThat(table.isRecord(in, 0, in.readableBytes() - 1, 1)).isFalse();
    }

    @Test
    void bytesThatAreNoRecordAreRefused() {
        assertThatThrownBy(() -> new KeyTable(1).add(new byte[100])).isInstanceOf(IllegalArgumentException.class);
    }
}
