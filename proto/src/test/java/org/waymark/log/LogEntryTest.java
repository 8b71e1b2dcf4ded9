package org.waymark.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.waymark.identifier.Scheme;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

class LogEntryTest {

    private static final RecordDigest DIGEST =
            new RecordDigest(ByteString.copyFrom(HexFormat.of().parseHex("02" + "ab".repeat(32))));

    @Test
    void anEntryIsLaidOutAsDocumented() {
        RecordKey key = RecordKey.of(RecordKind.PREFIX, Scheme.VAA, "88.118");
        byte[] encoded = new LogEntry(258, 1_700_000_000_000L, 3, DIGEST, key).encoded();

        assertThat(HexFormat.of().formatHex(encoded))
                .isEqualTo("01" + "0000000000000102" + "0000018bcfe56800" + "0000000000000003" + "02" + "ab".repeat(32)
                        + "02" + "01" + HexFormat.of().formatHex("88.118".getBytes(StandardCharsets.US_ASCII)));
    }

    @Property
    void everyEntryCanBeReadBack(
            @ForAll @LongRange(min = 1) long sequence,
            @ForAll @LongRange(min = 0) long time,
            @ForAll @LongRange(min = 1) long version,
            @ForAll Scheme scheme,
            @ForAll @StringLength(min = 1, max = 60) String text) {
        String wellFormed = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        LogEntry entry =
                new LogEntry(sequence, time, version, DIGEST, RecordKey.of(RecordKind.ITEM, scheme, wellFormed));

        assertThat(LogEntry.decode(entry.encoded())).isEqualTo(entry);
        assertThat(entry.leaf()).isEqualTo(sequence - 1);
    }

    @Property
    void anyBytesAreAnEntryOrRefused(@ForAll @Size(max = 90) byte[] bytes, @ForAll @IntRange(max = 1) int format) {
        byte[] input = bytes.clone();
        if (input.length > 60 && format == 1) {
            input[0] = LogEntry.FORMAT;
            input[25] = 1;
            input[58] = 1;
            input[59] = 1;
        }
        LogEntry entry;
        try {
            entry = LogEntry.decode(input);
        } catch (LogFormatException e) {
            return;
        }
        assertThat(entry.encoded()).isEqualTo(input);
    }

    @Test
    void aTruncatedEntryIsRefused() {
        assertThatThrownBy(() -> LogEntry.decode(new byte[60]))
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining("an entry of 60 bytes");
    }
}
