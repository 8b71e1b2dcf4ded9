package org.waymark.node.endpoint.handle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.waymark.node.TestParties;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.Suite;

class RecordTranscoderTest {

    private static final TestParties PARTIES = new TestParties(Suite.SM2);
    private static final int TTL = 60;
    private static final List<IdentifierRecord> RECORDS =
            new Random(1).longs(30).mapToObj(seed -> record(new Random(seed))).toList();

    private static IdentifierRecord record(Random random) {
        RecordDraft.Builder draft = PARTIES.maker.emptyItemDraft("PUMP");
        TreeSet<Integer> indexes = new TreeSet<>();
        for (int i = random.nextInt(12); i > 0; i--) {
            indexes.add(random.nextInt(4) == 0 ? 398 + random.nextInt(6) : 1 + random.nextInt(3_000));
        }
        indexes.forEach(index -> draft.value(
                index,
                List.of("URL", "URL.main", "model", "x").get(random.nextInt(4)),
                "v".repeat(random.nextInt(300))));
        return PARTIES.maker.sign(draft);
    }

    private static ValueFilter filter(Random random, IdentifierRecord record) {
        List<Integer> indexes = new ArrayList<>();
        record.values().forEach(value -> {
            if (random.nextInt(3) == 0) {
                indexes.add((int) value.index());
            }
        });
        List<String> types = random.nextBoolean() ? List.of("URL.", "nix") : List.of();
        return new ValueFilter(
                indexes.stream().mapToInt(i -> i).toArray(),
                types.stream().map(type -> type.getBytes(UTF_8)).toArray(byte[][]::new));
    }

    private static byte[] longWay(IdentifierRecord record, ValueFilter filter) {
        List<HandleValue> values = HandleValues.of(record, filter, ByteString.EMPTY);
        ByteBuf out = Unpooled.buffer().writeInt(values.size());
        values.forEach(value -> value.write(out, (int) (record.issuedAt() / 1_000), TTL));
        return Messages.bytes(out);
    }

    private static byte[] shortWay(byte[] record, int length, ValueFilter filter) {
        ByteBuf out = Unpooled.buffer();
        int count = new RecordTranscoder().write(record, length, filter, TTL, out);
        if (count == RecordTranscoder.UNUSUAL) {
            out.release();
            return null;
        }
        return Messages.bytes(out);
    }

    @Property(tries = 300)
    void bothWaysGiveTheSameBytes(@ForAll long seed) {
        Random random = new Random(seed);
        IdentifierRecord record = record(random);
        byte[] encoded = record.encoded().toByteArray();

        boolean hasEmpty =
                record.values().stream().anyMatch(value -> value.data().isEmpty());
        assertThat(shortWay(encoded, encoded.length, ValueFilter.ALL)).isEqualTo(longWay(record, ValueFilter.ALL));
        ValueFilter filter = filter(random, record);
        if (!filter.mayPickProof()) {
            assertThat(shortWay(encoded, encoded.length, filter)).isEqualTo(longWay(record, filter));
        }
    }

    @Test
    void theProofTakesTheNextFreeIndex() {
        IdentifierRecord record = PARTIES.maker.sign(
                PARTIES.maker.emptyItemDraft("P").value(400, "a", "b").value(401, "a", "b"));

        List<HandleValue> values = HandleValues.of(record, ValueFilter.ALL, ByteString.EMPTY);

        assertThat(values).extracting(HandleValue::index).containsExactly(400, 401, 402);
        byte[] encoded = record.encoded().toByteArray();
        assertThat(shortWay(encoded, encoded.length, ValueFilter.ALL)).isEqualTo(longWay(record, ValueFilter.ALL));
    }

    /** What an answer is made of is bounded by what it is made from, whatever that is. */
    @Property(tries = 5_000)
    void nothingEscapesWhateverTheBytes(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = RECORDS.get(random.nextInt(RECORDS.size())).encoded().toByteArray();
        for (int i = random.nextInt(5); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;

        byte[] written = shortWay(bytes, length, ValueFilter.ALL);

        if (written != null) {
            assertThat(written.length).isLessThan(100 + 12 * length);
        }
    }

    @Test
    void aRecordOnlyBeginsInItsBuffer() {
        byte[] encoded = record(new Random(1)).encoded().toByteArray();

        assertThat(shortWay(Arrays.copyOf(encoded, encoded.length + 100), encoded.length, ValueFilter.ALL))
                .isEqualTo(shortWay(encoded, encoded.length, ValueFilter.ALL));
    }
}
