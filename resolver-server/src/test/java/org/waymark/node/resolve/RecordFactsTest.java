package org.waymark.node.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.waymark.node.TestParties;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.trust.Suite;

class RecordFactsTest {

    private static void assertSaysWhatTheRecordSays(IdentifierRecord record) {
        RecordFacts facts = RecordFacts.of(record.encoded().toByteArray());

        assertThat(facts.owner()).isEqualTo(record.ownerText());
        assertThat(facts.ownerEpoch()).isEqualTo(record.ownerEpoch());
        assertThat(facts.keyId()).isEqualTo(record.keyId());
        assertThat(facts.isRevoked()).isEqualTo(record.isRevoked());
        assertThat(facts.ttlSeconds()).isEqualTo(record.ttlSeconds());
        assertThat(facts.expiresAt()).isEqualTo(record.expiresAt());
        assertThat(facts.hasRestrictedValues()).isEqualTo(record.hasRestrictedValues());
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void theFactsAreThoseOfTheRecord(Suite suite) {
        TestParties parties = new TestParties(suite);
        parties.prefixRecords().forEach(RecordFactsTest::assertSaysWhatTheRecordSays);
        IdentifierRecord pump = parties.maker.sign(parties.maker.itemDraft("PUMP-1"));
        assertSaysWhatTheRecordSays(pump);
        assertSaysWhatTheRecordSays(parties.maker.sign(parties.maker
                .itemDraft("PUMP-1")
                .value(7, "note", "x".repeat(1_000))
                .value(9, "empty", "")));
        IdentifierRecord restricted = parties.maker.sign(parties.maker
                .itemDraft("PUMP-1")
                .restrictedValue(7, "price", new byte[] {1}, List.of(parties.platform.prefix()))
                .value(8, "note", "for all"));
        assertThat(restricted.hasRestrictedValues()).isTrue();
        assertSaysWhatTheRecordSays(restricted);
    }

    @Test
    void aRecordThatIsCutOffIsRefusedOrWhole() {
        TestParties parties = new TestParties(Suite.ED25519);
        byte[] record =
                parties.maker.sign(parties.maker.itemDraft("PUMP-1")).encoded().toByteArray();
        int header = IdentifierRecord.parse(ByteString.copyFrom(record))
                .headerBytes()
                .size();
        for (int length = 0; length < header; length++) {
            byte[] cut = Arrays.copyOf(record, length);
            assertThatExceptionOfType(InvalidRecordException.class).isThrownBy(() -> RecordFacts.of(cut));
        }
    }
}
